// Decides how the worker's module is started: the compiled .js as it is, the .ts source (vitest, tsx) with tsx registered
// in the worker too. tsx's own `--import` entry registers itself in the main thread only, hence the call.
import { Worker } from 'node:worker_threads'
import '../onnx/telemetry-off.ts'
import type { WorkerOptions } from './protocol.ts'

/** Starts a worker thread on worker.ts or its compiled sibling. */
export function startWorkerThread(workerData: WorkerOptions): Worker {
  const fromSources = import.meta.url.endsWith('.ts')
  const entry = new URL(fromSources ? './worker.ts' : './worker.js', import.meta.url)
  // An explicit list: the flags of the main thread (tsx, a test runner) are not for the worker.
  return new Worker(entry, { workerData, execArgv: fromSources ? ['--import', registerTsx()] : [] })
}

/** A module, as a data URL, that makes the thread it is imported in read TypeScript. */
function registerTsx(): string {
  const api = import.meta.resolve('tsx/esm/api')
  const source = `import { register } from ${JSON.stringify(api)}; register()`
  return `data:text/javascript,${encodeURIComponent(source)}`
}
