// An Engine and clips without a model and without ffmpeg: what was asked of them is remembered, frames are one pixel.
import type {
  ContinuationScore,
  EncodeClipRequest,
  EncodedClip,
  Engine,
  EngineEvent,
  GenerateRequest,
  ScoreRequest,
} from '../../src/engine/engine-api.ts'
import { AppError } from '../../src/errors.ts'
import type { ModelManifest } from '../../src/model-package/manifest.ts'
import type { Frame } from '../../src/video/frame.ts'
import type { OpenClip } from '../../src/video/open-clip.ts'

/** The part of a manifest that answering reads. */
export function manifestDouble({ context = 4096, maxFrames = 16 } = {}): ModelManifest {
  const pixels = { video: { resizePixels: 8 }, image: { resizePixels: 8 } }
  const manifest = { name: 'double', frames: { mode: 'uniform', count: 8 }, maxFrames, language: { context }, pixels }
  return manifest as unknown as ModelManifest
}

/** Keeps clips by key and answers with the keys it was shown. */
export class FakeEngine implements Engine {
  readonly manifest: ModelManifest
  readonly device = { name: 'cpu', reason: 'there is no other' }
  readonly encoded: { key: string; kind: string; times: number[]; keepPixelValues: boolean }[] = []
  readonly generated: GenerateRequest[] = []
  readonly forgotten: string[] = []
  readonly kept = new Set<string>()
  closedTimes = 0
  /** The probability of Yes to a question about a clip of frames at these times, kept by this key. */
  sureOf: (question: string, times: readonly number[], key: string) => number = () => 0.5

  constructor(manifest: ModelManifest = manifestDouble()) {
    this.manifest = manifest
  }

  hasClip(key: string): boolean {
    return this.kept.has(key)
  }

  async encodeClip({ key, kind, frames, onFrame, keepPixelValues, signal }: EncodeClipRequest): Promise<EncodedClip> {
    const timingsMs = { preprocess: 1, encode: 2, project: 3, pool: 4 }
    const kept = this.encoded.find((one) => one.key === key)
    if (this.kept.has(key) && kept !== undefined && !(keepPixelValues ?? false)) {
      // As the real one: frames that it saw before are not asked for again.
      return { key, frameTimesSeconds: kept.times, visualTokens: 4 + kept.times.length, timingsMs: {} }
    }
    const times: number[] = []
    for await (const { timeSeconds } of frames) {
      signal?.throwIfAborted()
      times.push(timeSeconds)
      onFrame?.(times.length)
    }
    this.encoded.push({ key, kind, times, keepPixelValues: keepPixelValues ?? false })
    this.kept.add(key)
    return { key, frameTimesSeconds: times, visualTokens: 4 + times.length, timingsMs }
  }

  async *generate(request: GenerateRequest): AsyncGenerator<EngineEvent> {
    this.generated.push(request)
    const keys = request.messages.flatMap(({ content }) => content.flatMap((p) => (p.type === 'clip' ? [p.key] : [])))
    for (const key of keys) {
      if (!this.kept.has(key)) throw new AppError('QUESTION_INVALID', `no clip ${key}`)
    }
    yield { type: 'prefill', promptTokens: 3, reusedTokens: 1 }
    yield { type: 'delta', text: 'Two ' }
    yield { type: 'delta', text: 'words' }
    yield {
      type: 'end',
      answer: 'Two words',
      finish: request.signal?.aborted ? 'cancelled' : 'stop',
      tokenIds: [7, 8],
      promptTokenIds: [1, 2, 3],
      reusedTokens: 1,
      timingsMs: { prompt: 1, prefill: 10, generate: 20 },
      ...(request.probe ? { probe: { pixelValues: [1], visualFeatures: [2], firstStepLogits: [3] } } : {}),
    }
  }

  async score({ continuations, messages }: ScoreRequest): Promise<ContinuationScore[]> {
    const keys = messages.flatMap(({ content }) => content.flatMap((part) => (part.type === 'clip' ? [part.key] : [])))
    for (const key of keys) {
      if (!this.kept.has(key)) throw new AppError('QUESTION_INVALID', `no clip ${key}`)
    }
    const question = messages.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
    )
    const [shown = ''] = keys
    const times = this.encoded.find(({ key }) => key === shown)?.times ?? []
    const yes = this.sureOf(question.join(' '), times, shown)
    return continuations.map((text) => ({
      text,
      tokenIds: [...text].map((letter) => letter.codePointAt(0)!),
      logProbability: Math.log(text === 'Yes' ? yes : text === 'No' ? 1 - yes : 1e-9),
    }))
  }

  dropClip(key: string): void {
    this.kept.delete(key)
  }

  async forget(threadId: string): Promise<void> {
    this.forgotten.push(threadId)
  }

  async close(): Promise<void> {
    this.closedTimes += 1
  }
}

/** Clips by path with their content; a picture each 0.5 s. Counts what was opened and what was closed. */
export class FakeClips {
  readonly opened: string[] = []
  closed = 0
  decodedFrames = 0
  /** The bound that each decoding was given. */
  readonly shortSides: (number | undefined)[] = []
  readonly #contents: Readonly<Record<string, { readonly hash: string; readonly kind?: 'video' | 'image' }>>

  constructor(contents: Readonly<Record<string, { hash: string; kind?: 'video' | 'image' }>>) {
    this.#contents = contents
  }

  readonly open = async (path: string, signal: AbortSignal): Promise<OpenClip> => {
    signal.throwIfAborted()
    const content = this.#contents[path]
    if (content === undefined) throw new AppError('CLIP_MISSING', `no ${path}`)
    this.opened.push(path)
    const double: Omit<OpenClip, 'info'> = {
      kind: content.kind ?? 'video',
      contentHash: content.hash,
      sample: (recipe) => {
        const count = recipe.mode === 'fps' ? recipe.maxCount : recipe.count
        return Array.from({ length: count }, (_, index) => ({ index, timeSeconds: index / 2 }))
      },
      decode: (pictures, options) => {
        this.shortSides.push(options?.maxShortSidePixels)
        return this.#decode(pictures, options?.signal)
      },
      decodeTiny: (_size, options) => this.#decode([{ timeSeconds: 0 }], options?.signal),
      close: async () => {
        this.closed += 1
      },
      [Symbol.asyncDispose]: async () => {},
    }
    return double as OpenClip
  }

  async *#decode(pictures: readonly { timeSeconds: number }[], signal?: AbortSignal): AsyncGenerator<Frame> {
    for (const { timeSeconds } of pictures) {
      signal?.throwIfAborted()
      this.decodedFrames += 1
      yield { timeSeconds, widthPixels: 1, heightPixels: 1, rgb: new Uint8Array(3) }
    }
  }
}
