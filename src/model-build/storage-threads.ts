// Threads that make the bytes of weights. They read the checkpoint themselves and share nothing: what one has made moves to the
// main thread, which writes and hashes it.
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { deserializeError, type SerializedError } from '../errors.ts'
import { startWorker } from '../start-worker.ts'
import type { StoragePass } from './stored-weight.ts'

/** The main thread, which hashes, keeps up with about as many; each takes some 60 MB of memory. */
const MOST_THREADS = 8
/** Bytes of a package that one thread writes in the time that starting others takes. */
const LEAST_BYTES = 64 * 1024 * 1024

/** Asks a thread for a pass. */
export interface StorageRequest {
  readonly id: number
  readonly pass: StoragePass
}

/** What it answers. */
export type StorageReply =
  | { readonly id: number; readonly outputs: Uint8Array<ArrayBuffer>[] }
  | { readonly id: number; readonly error: SerializedError }

interface Thread {
  readonly worker: Worker
  readonly pending: Map<number, { resolve(outputs: Uint8Array[]): void; reject(error: Error): void }>
  /** Why it does nothing any more. */
  failure: Error | null
}

/** Started threads; close() ends them. */
export class StorageThreads {
  readonly #threads: readonly Thread[]
  #nextId = 0

  /** @param count at least 1 */
  constructor(count: number) {
    this.#threads = Array.from({ length: count }, startThread)
  }

  /** How many there are. */
  get count(): number {
    return this.#threads.length
  }

  /**
   * Has the thread with the least to do do a pass.
   * @returns as doPass
   * @throws as doPass; Error when the thread is gone
   */
  run(pass: StoragePass): Promise<Uint8Array[]> {
    const thread = this.#threads.reduce((one, other) => (other.pending.size < one.pending.size ? other : one))
    if (thread.failure !== null) return Promise.reject(thread.failure)
    const request: StorageRequest = { id: this.#nextId++, pass }
    return new Promise((resolve, reject) => {
      thread.pending.set(request.id, { resolve, reject })
      thread.worker.postMessage(request)
    })
  }

  /** Ends all threads, at once; passes that are under way fail. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
  }
}

/**
 * Starts as many threads as a build is worth.
 * @param packageBytes that are to be written
 * @param wanted how many threads make weights; default one for each core, and none beside the main one for a small package
 * @returns null where the main thread makes them alone
 */
export function startStorageThreads(packageBytes: number, wanted?: number): StorageThreads | null {
  const usual = packageBytes < LEAST_BYTES ? 1 : availableParallelism()
  const count = Math.min(wanted ?? usual, MOST_THREADS)
  return count < 2 ? null : new StorageThreads(count)
}

function startThread(): Thread {
  const worker = startWorker(import.meta.url, 'storage-worker')
  const thread: Thread = { worker, pending: new Map(), failure: null }
  const fail = (error: Error) => {
    thread.failure ??= error
    for (const { reject } of thread.pending.values()) reject(thread.failure)
    thread.pending.clear()
  }
  worker.on('message', (reply: StorageReply) => {
    const asked = thread.pending.get(reply.id)
    thread.pending.delete(reply.id)
    if ('outputs' in reply) asked?.resolve(reply.outputs)
    else asked?.reject(errorOf(reply.error))
  })
  // Comes before the thread has ended, and says why it will.
  worker.once('error', fail)
  worker.once('exit', (status) => fail(new Error(`a thread that makes weights ended with status ${status}`)))
  return thread
}

/** A foreign error stays foreign: nothing is known of it but what it says. */
function errorOf(data: SerializedError): Error {
  return data.code === null ? new Error(data.message) : deserializeError(data)
}
