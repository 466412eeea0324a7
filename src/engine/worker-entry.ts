// Starts the thread that owns the model.
import type { Worker } from 'node:worker_threads'
import '../onnx/telemetry-off.ts'
import { startWorker } from '../start-worker.ts'
import type { WorkerOptions } from './protocol.ts'

/** Starts a worker thread on worker.ts or its compiled sibling. */
export function startWorkerThread(workerData: WorkerOptions): Worker {
  return startWorker(import.meta.url, 'worker', workerData)
}
