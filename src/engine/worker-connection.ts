// The main thread's end of one worker: starts it, numbers its tasks, and settles them when the worker replies or dies. A
// connection lives as long as its worker; after a crash the engine opens another.
import type { Worker } from 'node:worker_threads'
import { assert } from '../assert.ts'
import { AppError, deserializeError } from '../errors.ts'
import type { ModelEvent } from '../valley/answer-request.ts'
import type { OpenModel, TaskResult, WorkerOptions, WorkerReply, WorkerRequest, WorkerTask } from './protocol.ts'
import { startWorkerThread } from './worker-entry.ts'

/** A worker that frees the model takes a moment; one that hangs in a run is ended after this. */
const CLOSE_GRACE_MS = 5_000

/** How a task is sent and followed. */
export interface TaskOptions {
  /** Called for each event of the task. */
  readonly onEvent?: (event: ModelEvent) => void
  /** Its abort is passed on; the worker then ends the task at its next step. */
  readonly signal?: AbortSignal | undefined
  /** Buffers that move to the worker; the sender loses them. */
  readonly transfer?: readonly ArrayBuffer[]
}

interface PendingTask {
  resolve(result: TaskResult): void
  reject(error: unknown): void
  readonly onEvent: ((event: ModelEvent) => void) | undefined
}

/** A worker and its open model. */
export class WorkerConnection {
  readonly #worker: Worker
  readonly #opening: Promise<OpenModel>
  readonly #exited: Promise<void>
  readonly #pending = new Map<number, PendingTask>()
  readonly #onDeviceLost: (error: AppError) => void
  #ready: OpenModel | null = null
  #nextId = 1
  #dead = false

  private constructor(worker: Worker, onDeviceLost: (error: AppError) => void) {
    this.#worker = worker
    this.#onDeviceLost = onDeviceLost
    let failOpening: (error: AppError) => void
    this.#opening = new Promise((resolve, reject) => {
      failOpening = reject
      worker.on('message', (reply: WorkerReply) => {
        if (reply.type === 'ready') resolve(reply)
        else if (reply.type === 'open-failed') reject(deserializeError(reply.error))
        else this.#receive(reply)
      })
    })
    const die = (error: AppError) => {
      this.#dead = true
      failOpening(error)
      this.#failAll(error)
    }
    // Comes before the thread has ended, and says why it will.
    worker.once('error', (error: Error) => die(crashed(error.message, error)))
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (status) => {
        die(crashed(`its thread ended with status ${status}`))
        resolve()
      })
    })
  }

  /**
   * Starts a worker and waits until its model is open.
   * @param onDeviceLost called when the device fails that the model runs on; the worker is closed then
   * @throws AppError as the model package gives it; INFERENCE_FAILED when the thread does not come up; DEVICE_LOST
   */
  static async open(options: WorkerOptions, onDeviceLost: (error: AppError) => void): Promise<WorkerConnection> {
    const connection = new WorkerConnection(startWorkerThread(options), onDeviceLost)
    try {
      connection.#ready = await connection.#opening
      return connection
    } catch (error) {
      await connection.#worker.terminate()
      throw error
    }
  }

  /** What is known of the open model. */
  get model(): OpenModel {
    assert(this.#ready !== null, 'a connection is given out only once its model is open')
    return this.#ready
  }

  /** False once the worker crashed or was closed. */
  get alive(): boolean {
    return !this.#dead
  }

  /**
   * Has the worker do a task.
   * @throws AppError as the task gives it; INFERENCE_FAILED when the worker dies meanwhile
   */
  perform<Task extends WorkerTask>(
    task: Task,
    { onEvent, signal, transfer = [] }: TaskOptions = {},
  ): Promise<TaskResult<Task>> {
    if (this.#dead) return Promise.reject(crashed('it is gone'))
    const id = this.#nextId++
    const cancel = () => this.#post({ type: 'cancel', id })
    const done = new Promise<TaskResult<Task>>((resolve, reject) => {
      // The worker answers each type of task with its type of result.
      const settle = (result: TaskResult) => resolve(result as TaskResult<Task>)
      this.#pending.set(id, { resolve: settle, reject, onEvent })
      this.#post({ type: 'task', id, task }, transfer)
    })
    if (signal?.aborted) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    return done.finally(() => signal?.removeEventListener('abort', cancel))
  }

  /** Frees the model and ends the thread; running tasks are cancelled and those left fail with the error given. */
  async close(error: AppError): Promise<void> {
    this.#dead = true
    this.#failAll(error)
    this.#post({ type: 'close' })
    const grace = setTimeout(() => void this.#worker.terminate(), CLOSE_GRACE_MS)
    await this.#exited
    clearTimeout(grace)
  }

  #post(message: WorkerRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, [...transfer])
  }

  #receive(reply: Exclude<WorkerReply, { type: 'ready' | 'open-failed' }>): void {
    const task = this.#pending.get(reply.id)
    if (task === undefined) return // failed by close meanwhile
    if (reply.type === 'event') {
      task.onEvent?.(reply.event)
      return
    }
    this.#pending.delete(reply.id)
    if (reply.type === 'done') {
      task.resolve(reply.result)
      return
    }
    const error = deserializeError(reply.error)
    task.reject(error)
    if (error.code !== 'DEVICE_LOST' || this.#dead) return
    // What else runs there is lost with it.
    this.#onDeviceLost(error)
    void this.close(error)
  }

  #failAll(error: AppError): void {
    for (const task of this.#pending.values()) task.reject(error)
    this.#pending.clear()
  }
}

function crashed(reason: string, cause?: unknown): AppError {
  return new AppError(
    'INFERENCE_FAILED',
    `The engine's worker failed: ${reason.replace(/\s+/g, ' ')}. It starts anew with the next question; ask again, and if it happens twice, give the process more memory or report it.`,
    { cause, retryable: true },
  )
}
