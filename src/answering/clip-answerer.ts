// The answerer of the product: clips through the video room, questions through the engine, both reported as one stream.
import type { AnswerEvent, Answerer, AnswerReport, ConversationMessage, Question } from '../conversation/answerer.ts'
import type { ClipLocator, ClipReference } from '../conversation/clip.ts'
import { streamEvents } from '../conversation/stream-events.ts'
import type { ContinuationScore, Engine, EngineEvent, EngineMessage } from '../engine/engine-api.ts'
import { AppError, isAboutClipOrItsTime } from '../errors.ts'
import { type CheckedOptions, checkQuestion } from './check-question.ts'
import { ClipMemory, type LookedAtClip } from './clip-memory.ts'
import type { ClipDownloader } from './fetch-clip.ts'
import { type ClipOpener, type LookRequest, lookAtClip } from './look-at-clip.ts'
import { storyboardOf } from './make-storyboard.ts'
import { StageTimings } from './stage-timings.ts'

/** What the answerer works with. */
export interface ClipAnswererOptions {
  /** The engine, or its opening; closed with the answerer. */
  readonly engine: Engine | Promise<Engine>
  readonly locateClip: ClipLocator
  readonly downloadClip: ClipDownloader
  readonly openClip: ClipOpener
  /** Milliseconds of any clock that only goes forward; default performance.now. */
  readonly now?: () => number
}

/** Longest answer unless asked otherwise, tokens: two to three paragraphs. */
const DEFAULT_MAX_TOKENS = 256
/** A model with a small context gives at most this share of it to an answer, so that clip and history find room. */
const DEFAULT_MAX_TOKENS_SHARE = 1 / 4

/** Looked-at clips by clip id, in the order of the messages. */
type LookedAtClips = ReadonlyMap<string, LookedAtClip>

/** Answers questions about clips with a model package. Questions may run side by side. */
export class ClipAnswerer implements Answerer {
  readonly #engine: Promise<Engine>
  readonly #ports: Pick<LookRequest, 'engine' | 'locateClip' | 'downloadClip' | 'openClip' | 'memory'>
  readonly #now: () => number
  readonly #memory = new ClipMemory()
  #closing: Promise<void> | null = null

  constructor({ engine, locateClip, downloadClip, openClip, now = () => performance.now() }: ClipAnswererOptions) {
    this.#engine = Promise.resolve(engine)
    // Whoever asks gets the failure of the opening; until then it must not count as unhandled.
    this.#engine.catch(() => {})
    this.#ports = { engine: this.#engine, locateClip, downloadClip, openClip, memory: this.#memory }
    this.#now = now
  }

  /**
   * Waits until the model is loaded; asking without waiting is allowed.
   * @throws AppError what is wrong with the model package
   */
  async ready(): Promise<void> {
    await this.#engine
  }

  async *answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    const options = this.#checked(question)
    signal?.throwIfAborted()
    const timings = new StageTimings(this.#now)
    const looked = yield* streamEvents<AnswerEvent, LookedAtClips>(
      (emit, stop) => this.#lookAtClips(question, options, timings, emit, stop),
      signal,
    )
    yield* this.#generate(question, options, looked, timings, signal)
  }

  /**
   * Says how likely answers are that begin with given words; clips are looked at as for an answer.
   * @returns one score a beginning, in their order, and the name of the model package
   * @throws as answer
   */
  async score(
    question: Question,
    beginnings: readonly string[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<{ readonly scores: readonly ContinuationScore[]; readonly model: string }> {
    const options = this.#checked(question)
    const looked = await this.#lookAtClips(question, options, new StageTimings(this.#now), () => {}, signal)
    const engine = await this.#engine
    const messages = question.messages.map((message) => engineMessage(message, looked))
    const request = { threadId: question.threadId, messages, continuations: beginnings, signal }
    return { scores: await engine.score(request), model: engine.manifest.name }
  }

  async forget(threadId: string): Promise<void> {
    this.#memory.forgetThread(threadId)
    if (this.#closing === null) await (await this.#engine).forget(threadId)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#engine.then(
      (engine) => engine.close(),
      // It never opened, so there is nothing to close; whoever asked was told why.
      () => {},
    )
    await this.#closing
  }

  #checked(question: Question): CheckedOptions {
    if (this.#closing !== null) {
      throw new AppError('ENGINE_CLOSED', 'The answerer is closed; a question came after. Start Valley again.')
    }
    return checkQuestion(question)
  }

  async #lookAtClips(
    { threadId, messages, clipLimits = {}, storyboardOf: drawn = [] }: Question,
    { frameCount, probe }: CheckedOptions,
    timings: StageTimings,
    emit: (event: AnswerEvent) => void,
    signal: AbortSignal,
  ): Promise<LookedAtClips> {
    const clips = new Map<string, ClipReference>()
    for (const { content } of messages) {
      for (const part of content) if (part.type === 'clip') clips.set(part.clip.id, part.clip)
    }
    const looked = new Map<string, LookedAtClip>()
    for (const clip of clips.values()) {
      const wanted = {
        clip,
        threadId,
        clipLimits,
        frameCount,
        keepPixelValues: probe,
        thumbnails: drawn.includes(clip.id),
      }
      try {
        looked.set(clip.id, await lookAtClip({ ...this.#ports, timings, emit, signal, ...wanted }))
      } catch (error) {
        throw namingClip(error, clip)
      }
    }
    return looked
  }

  async *#generate(
    question: Question,
    { maxTokens: asked, temperature, topP, seed, probe }: CheckedOptions,
    looked: LookedAtClips,
    timings: StageTimings,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<AnswerEvent> {
    const engine = await this.#engine
    yield { type: 'progress', stage: 'reading' }
    const { context } = engine.manifest.language
    const maxTokens = asked ?? Math.min(DEFAULT_MAX_TOKENS, Math.floor(context * DEFAULT_MAX_TOKENS_SHARE))
    const messages = question.messages.map((message) => engineMessage(message, looked))
    const sampling = { maxTokens, temperature, topP, seed, probe }
    const request = { threadId: question.threadId, messages, ...sampling, ...(signal === undefined ? {} : { signal }) }
    for await (const event of engine.generate(request)) {
      if (event.type === 'prefill') yield { type: 'progress', stage: 'answering' }
      else if (event.type === 'delta') yield event
      else {
        timings.addAll(event.timingsMs)
        const storyboard = await storyboardOf(question.storyboardOf ?? [], looked)
        const report = reportOf(event, looked, timings, engine.manifest.name)
        yield { type: 'end', report: storyboard === null ? report : { ...report, storyboard } }
      }
    }
  }
}

/** The error with the clip that it is about, so that the conversation can tell several apart. */
function namingClip(error: unknown, { id }: ClipReference): unknown {
  if (!isAboutClipOrItsTime(error)) return error
  const { code, message, details, retryable, cause } = error
  return new AppError(code, message, { details: { ...details, clipId: id }, retryable, cause })
}

function engineMessage({ role, content }: ConversationMessage, looked: LookedAtClips): EngineMessage {
  return {
    role,
    content: content.map((part) =>
      part.type === 'text' ? part : { type: 'clip', key: looked.get(part.clip.id)!.key },
    ),
  }
}

function reportOf(
  end: Extract<EngineEvent, { type: 'end' }>,
  looked: LookedAtClips,
  timings: StageTimings,
  model: string,
): AnswerReport {
  const generateSeconds = (end.timingsMs.generate ?? 0) / 1000
  return {
    answer: end.answer,
    tokenIds: end.tokenIds,
    promptTokenIds: end.promptTokenIds,
    frames: [...looked].flatMap(([clipId, { frameTimesSeconds }]) =>
      frameTimesSeconds.map((timeSeconds) => ({ clipId, timeSeconds })),
    ),
    timingsMs: timings.report(),
    tokensPerSecond: generateSeconds > 0 ? Math.round((end.tokenIds.length / generateSeconds) * 100) / 100 : 0,
    model,
    finish: end.finish,
    reusedTokens: end.reusedTokens,
    ...(end.probe === undefined ? {} : { probe: end.probe }),
  }
}
