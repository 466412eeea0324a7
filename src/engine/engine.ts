// The engine on the calling thread: keeps the visual tokens of clips, feeds frames to the worker no faster than it looks at
// them, and turns the worker's events into an async stream. The model itself runs in worker.ts.
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ChosenDevice, DeviceChoice } from '../onnx/devices/device.ts'
import type { ModelEvent } from '../valley/answer-request.ts'
import type { PromptMessage, PromptPart } from '../valley/prompt.ts'
import type {
  ContinuationScore,
  EncodeClipRequest,
  EncodedClip,
  Engine,
  EngineEvent,
  EngineMessage,
  EnginePart,
  GenerateRequest,
  ScoreRequest,
} from './engine-api.ts'
import { type DeviceListener, EngineDevice, type OptionsButDevice } from './engine-device.ts'
import { EventStream } from './event-stream.ts'
import { feedFrames } from './feed-frames.ts'
import { IdleClock } from './idle-clock.ts'
import { DEFAULT_MAX_GPU_BYTES, shareMemory } from './memory-budget.ts'
import { type KeptClip, ParkedClips } from './parked-clips.ts'
import { VisualTokenCache } from './visual-token-cache.ts'
import type { WorkerConnection } from './worker-connection.ts'

/** How an engine is opened. */
export interface EngineOptions {
  /** Folder of the model package. */
  readonly packageDirectory: string
  /** Threads inside one operator; default 0, which lets ONNX Runtime take one a physical core. */
  readonly threads?: number
  /** What the model computes on; default the CPU. `auto`: a GPU where one opens. When it fails, the CPU goes on. */
  readonly device?: DeviceChoice
  /** Called when the device is known, and when it has to be left. */
  readonly onDevice?: DeviceListener
  /** Memory for clips and conversations together, beside the model; default a quarter of the machine's. */
  readonly memoryBytes?: number
  /** Memory for clips that were looked at, bytes; default an eighth of memoryBytes (a clip of the 7B model takes 4 MiB). */
  readonly maxClipBytes?: number
  /** Answers made at the same time; default 8. */
  readonly maxAnswersAtOnce?: number
  /** Conversations whose KV cache is kept; default 64, as far as memory goes. */
  readonly maxConversations?: number
  /** Memory for KV caches, bytes; default the rest of memoryBytes. Answers wait that would need more together. */
  readonly maxConversationBytes?: number
  /** Memory of a GPU for KV caches of answers under way, bytes; default 2 GiB. Answers wait that would need more together. */
  readonly maxGpuBytes?: number
  /** Where clips and KV caches go that memory has no room for, in files without a name; default none: they are let go. */
  readonly parkingFolder?: string
  /** Disk for clips and KV caches, bytes; default 4 GiB. */
  readonly maxParkedBytes?: number
  /** Nothing asked for so long, the engine keeps neither in memory; default ten minutes. */
  readonly idleMs?: number
}

const MEBIBYTE = 1024 * 1024
/** Answers made at the same time; beyond, more words a second are hardly to be had, and each answer becomes slower. */
export const DEFAULT_MAX_ANSWERS_AT_ONCE = 8
const DEFAULT_MAX_CONVERSATIONS = 64
const DEFAULT_MAX_PARKED_BYTES = 4096 * MEBIBYTE
const CLIP_SHARE_OF_DISK = 1 / 4
/** Longer than a pause in a conversation; what comes back from the disk then takes a moment. */
const DEFAULT_IDLE_MS = 10 * 60_000

/**
 * Opens a model package in a worker thread of its own.
 * @returns the engine; the caller closes it, else the process does not end
 * @throws AppError PACKAGE_MISSING, PACKAGE_CORRUPT; INFERENCE_FAILED when the worker does not come up;
 * DEVICE_UNAVAILABLE
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { parkingFolder: folder, maxParkedBytes: maxBytes = DEFAULT_MAX_PARKED_BYTES } = options
  const shares = shareMemory(options.memoryBytes)
  const workerOptions: OptionsButDevice = {
    packageDirectory: options.packageDirectory,
    threads: options.threads ?? 0,
    maxAnswersAtOnce: options.maxAnswersAtOnce ?? DEFAULT_MAX_ANSWERS_AT_ONCE,
    maxConversations: options.maxConversations ?? DEFAULT_MAX_CONVERSATIONS,
    maxConversationBytes: options.maxConversationBytes ?? shares.maxConversationBytes,
    maxGpuBytes: options.maxGpuBytes ?? DEFAULT_MAX_GPU_BYTES,
    idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
    parking: folder === undefined ? null : { folder, maxBytes: maxBytes * (1 - CLIP_SHARE_OF_DISK) },
  }
  const parked = folder === undefined ? null : new ParkedClips({ folder, maxBytes: maxBytes * CLIP_SHARE_OF_DISK })
  const clips = new VisualTokenCache(options.maxClipBytes ?? shares.maxClipBytes, parked)
  const device = await EngineDevice.choose(options.device ?? 'cpu', options.onDevice ?? (() => {}))
  try {
    return new WorkerEngine(workerOptions, clips, device, await device.openWorker(workerOptions))
  } catch (error) {
    device.release()
    throw error
  }
}

class WorkerEngine implements Engine {
  readonly manifest: ModelManifest
  readonly #options: OptionsButDevice
  readonly #device: EngineDevice
  readonly #clips: VisualTokenCache
  #connection: Promise<WorkerConnection>
  #closed: Promise<void> | null = null
  readonly #idle: IdleClock
  #nextClip = 1

  constructor(options: OptionsButDevice, clips: VisualTokenCache, device: EngineDevice, connection: WorkerConnection) {
    this.manifest = connection.model.manifest
    this.#options = options
    this.#device = device
    this.#clips = clips
    this.#connection = Promise.resolve(connection)
    this.#idle = new IdleClock(options.idleMs, () => clips.shed())
  }

  get device(): ChosenDevice {
    return this.#device.chosen
  }

  hasClip(key: string): boolean {
    return this.#clips.has(key)
  }

  encodeClip(request: EncodeClipRequest): Promise<EncodedClip> {
    return this.#idle.during(this.#encodeClip(request))
  }

  async #encodeClip(request: EncodeClipRequest): Promise<EncodedClip> {
    const { key, frames, keepPixelValues = false } = request
    const worker = await this.#worker()
    const kept = await this.#clips.get(key)
    if (kept !== undefined && (kept.visualTokens.pixelValues !== null || !keepPixelValues)) {
      await frames[Symbol.asyncIterator]().return?.()
      return encodedClip(kept, {})
    }
    const clip = this.#nextClip++
    try {
      const frameTimesSeconds = await feedFrames(worker, clip, request)
      const { visualTokens, timingsMs } = await worker.perform({ type: 'finish-clip', clip, key })
      const looked: KeptClip = { visualTokens, frameTimesSeconds }
      this.#clips.keep(looked)
      return encodedClip(looked, timingsMs)
    } catch (error) {
      // A worker that is gone has forgotten the clip with everything else.
      await worker.perform({ type: 'drop-clip', clip }).catch(() => null)
      throw error
    }
  }

  async *generate(request: GenerateRequest): AsyncGenerator<EngineEvent, void> {
    const { threadId, messages, signal, ...sampling } = request
    signal?.throwIfAborted()
    const modelRequest = { ...sampling, messages: await this.#promptMessages(messages) }
    const worker = await this.#worker()
    const stopped = new AbortController() // aborted when the caller stops listening
    const events = new EventStream<ModelEvent>()
    const task = { type: 'generate', threadId, request: modelRequest } as const
    const anySignal = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal])
    const answer = worker.perform(task, { signal: anySignal, onEvent: (event) => events.push(event) })
    this.#idle.during(answer).then(
      () => events.end(),
      (error: unknown) => events.fail(error),
    )
    let begun = false
    try {
      for await (const event of events) {
        if (event.type === 'delta') begun = true
        if (event.type === 'end' && event.finish === 'cancelled' && !begun) signal?.throwIfAborted()
        yield event
      }
    } finally {
      stopped.abort()
    }
  }

  async score(request: ScoreRequest): Promise<readonly ContinuationScore[]> {
    const { threadId, messages, continuations, leastLogProbability = Number.NEGATIVE_INFINITY, signal } = request
    signal?.throwIfAborted()
    const prompt = await this.#promptMessages(messages)
    const worker = await this.#worker()
    const task = { type: 'score', threadId, messages: prompt, continuations, leastLogProbability } as const
    const scores = await worker.perform(task, { signal })
    signal?.throwIfAborted()
    assert(scores !== null, 'only a cancelled score has no result')
    return scores
  }

  dropClip(key: string): void {
    this.#clips.drop(key)
  }

  async forget(threadId: string): Promise<void> {
    if (this.#closed !== null) throw closedError()
    const worker = await this.#connection.catch(() => null)
    if (worker?.alive) await worker.perform({ type: 'forget', threadId })
  }

  close(): Promise<void> {
    this.#closed ??= this.#connection
      .then(
        (worker) => (worker.alive ? worker.close(closedError()) : undefined),
        () => undefined, // a worker that did not come up needs no closing
      )
      .finally(() => {
        this.#device.release()
        this.#idle.stop()
        return this.#clips.close()
      })
    return this.#closed
  }

  /** The worker; a new one when the last has died. */
  async #worker(): Promise<WorkerConnection> {
    if (this.#closed !== null) throw closedError()
    const current = this.#connection
    const usable = await current.then(
      ({ alive }) => alive,
      () => false,
    )
    if (this.#closed !== null) throw closedError()
    // Of several requests that find it dead, the first starts the next one.
    if (!usable && this.#connection === current) this.#connection = this.#device.openWorker(this.#options)
    return this.#connection
  }

  /** One after the other: a clip that comes back from the disk may send another one there. */
  async #promptMessages(messages: readonly EngineMessage[]): Promise<PromptMessage[]> {
    const prompt: PromptMessage[] = []
    for (const { role, content } of messages) {
      const parts: PromptPart[] = []
      for (const part of content) parts.push(await this.#promptPart(part))
      prompt.push({ role, content: parts })
    }
    return prompt
  }

  async #promptPart(part: EnginePart): Promise<PromptPart> {
    if (part.type === 'text') return part
    const kept = await this.#clips.get(part.key)
    if (kept !== undefined) return { type: 'clip', clip: kept.visualTokens }
    throw new AppError(
      'QUESTION_INVALID',
      `The question names the clip ${part.key}, which is not kept (any more); every clip of a question must be encoded before. Send the clip again.`,
      { details: { key: part.key } },
    )
  }
}

function encodedClip(
  { visualTokens, frameTimesSeconds }: KeptClip,
  timingsMs: Readonly<Record<string, number>>,
): EncodedClip {
  const { key, patchCount, frameCount } = visualTokens
  return { key, frameTimesSeconds, visualTokens: patchCount + frameCount, timingsMs }
}

function closedError(): AppError {
  return new AppError('ENGINE_CLOSED', 'The engine is closed; it answers nothing any more. Open it again.')
}
