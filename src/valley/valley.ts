// The whole model, top to bottom: a clip becomes visual tokens, a conversation becomes a prompt, visual tokens are spliced
// in, the decoder reads it and writes an answer token by token. Each step is a file of its own; README.md has the picture.
import { AppError } from '../errors.ts'
import { halfFile } from '../model-package/half-file.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ModelPackage } from '../model-package/model-package.ts'
import { checkRequest, type ModelEvent, type ModelRequest } from './answer-request.ts'
import { AnswerRun, type Question } from './answer-run.ts'
import { AnswerSteps, type StepOutcome } from './answer-steps.ts'
import { AnswerText } from './answer-text.ts'
import { ClipEncoder, type ClipOptions } from './clip-encoder.ts'
import { ConversationCache } from './conversation-cache.ts'
import { type CacheMode, type Decoder, PREFILL_CHUNK_TOKENS } from './decoder.ts'
import { closeGraphs, type GraphOptions, type Graphs, openGraphs } from './graphs.ts'
import { KvCache } from './kv-cache.ts'
import { openDecoder } from './open-decoder.ts'
import type { PromptToken } from './placeholders.ts'
import type { ModelProbe } from './probe.ts'
import { PromptBuilder } from './prompt.ts'
import { PromptReader } from './prompt-reader.ts'
import { whyTowerIsApart } from './proven-tower.ts'
import type { RgbPicture } from './resize.ts'
import type { Scoring, ScoringRequest } from './score-continuations.ts'
import { ScoringRun } from './scoring-run.ts'
import { type Shapes, shapesOf } from './shapes.ts'
import { StageTimer } from './stage-timer.ts'
import { nestNumbers, type VisualTokens } from './visual-tokens.ts'

/** An open model. It runs one thing at a time; its runs block the thread that calls, so it lives in a worker. */
export class Valley {
  readonly manifest: ModelManifest
  readonly #shapes: Shapes
  readonly #graphs: Graphs
  readonly #prompts: PromptBuilder
  readonly #decoder: Decoder
  readonly #reader: PromptReader
  readonly #eosIds: ReadonlySet<number>
  readonly #steps: AnswerSteps

  private constructor(
    manifest: ModelManifest,
    graphs: Graphs,
    prompts: PromptBuilder,
    decoder: Decoder,
    reader: PromptReader,
  ) {
    this.manifest = manifest
    this.#shapes = shapesOf(manifest)
    this.#graphs = graphs
    this.#prompts = prompts
    this.#decoder = decoder
    this.#reader = reader
    this.#eosIds = new Set(manifest.tokens.eos.map(({ id }) => id))
    this.#steps = new AnswerSteps(decoder, this.#shapes)
  }

  /** Opens a model package; the caller disposes it. @throws AppError PACKAGE_CORRUPT */
  static async open(modelPackage: ModelPackage, options: GraphOptions = {}): Promise<Valley> {
    const prompts = await PromptBuilder.open(modelPackage)
    const graphs = await openGraphs(modelPackage, options)
    const { manifest } = modelPackage
    try {
      const shapes = shapesOf(manifest)
      const decoder = await openDecoder(graphs.embedTokens, graphs.decoder, shapes, graphs.deviceMemory)
      const reader = await PromptReader.open(decoder, graphs.embedTokens, graphs.prefill, shapes)
      return new Valley(manifest, graphs, prompts, decoder, reader)
    } catch (error) {
      await closeGraphs(graphs)
      throw error
    }
  }

  /** Whether the decoder's products are taken in half precision. */
  get halfPrecision(): boolean {
    return this.#graphs.decoder.name === halfFile(this.manifest.graphs.decoder)
  }

  /** Why clips are looked at on the CPU while the rest runs on a GPU; empty where it is not so. */
  get towerNote(): string {
    return whyTowerIsApart(this.manifest, this.#graphs.visionEncoder.device, this.#graphs.decoder.device)
  }

  /** How the KV cache is written on this machine. */
  get cacheMode(): CacheMode {
    return this.#decoder.mode
  }

  /** Memory that one token takes in a KV cache. */
  get bytesPerToken(): number {
    const { L, Hkv, Dh } = this.#shapes
    return 2 * L * Hkv * Dh * Float32Array.BYTES_PER_ELEMENT
  }

  /** Begins to look at a clip, frame by frame. */
  startClip(options: ClipOptions): ClipEncoder {
    return new ClipEncoder(this.#graphs, this.manifest, options)
  }

  /**
   * Looks at a whole clip.
   * @param key content hash and sampling of the clip
   * @param frames T frames in time order, uint8 RGB
   * @throws AppError CLIP_UNREADABLE without a frame, CONTEXT_OVERFLOW over maxFrames; SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async encodeClip(
    key: string,
    frames: AsyncIterable<RgbPicture> | Iterable<RgbPicture>,
    options: ClipOptions,
  ): Promise<VisualTokens> {
    const clip = this.startClip(options)
    for await (const frame of frames) await clip.addFrame(frame)
    return clip.finish(key)
  }

  /** Memory of a new conversation, empty; its owner drops it to free it. */
  startConversation(): ConversationCache {
    const cache = new KvCache(this.#shapes, this.manifest.language.context)
    return new ConversationCache(cache, !this.#reader.readsInItsOwnWay)
  }

  /**
   * Reads a question: builds its prompt and checks that prompt and answer fit.
   * @throws AppError QUESTION_INVALID, QUESTION_TOO_LONG, CONTEXT_OVERFLOW, PLACEHOLDER_MISMATCH
   */
  readQuestion(request: ModelRequest): Question {
    checkRequest(request)
    const timer = new StageTimer()
    const prompt = timer.time('prompt', () => this.#prompts.build(request.messages))
    this.#checkRoom(prompt.length, request.maxTokens)
    return { request, prompt, timer }
  }

  /**
   * Begins an answer, to be driven step by step.
   * @param conversation is brought up to date; used by one answer at a time
   */
  startAnswer(question: Question, conversation: ConversationCache): AnswerRun {
    const { stop, answerLabels } = this.manifest.prompt
    return new AnswerRun(question, conversation, {
      read: (tokens, cache, isEnd) => this.#reader.read(tokens, cache, isEnd),
      text: new AnswerText((ids) => this.#prompts.tokenizer.decode(ids), stop, answerLabels),
      eosIds: this.#eosIds,
      probe: (firstLogits) => this.#probe(question.prompt, firstLogits),
    })
  }

  /**
   * Answers a question. What the conversation shares with the messages is not run again.
   * @param signal looked at between steps: the answer then ends with finish `cancelled` and what was said so far
   * @throws AppError QUESTION_INVALID, QUESTION_TOO_LONG, CONTEXT_OVERFLOW, PLACEHOLDER_MISMATCH, SHAPE_MISMATCH,
   * INFERENCE_FAILED
   */
  async *answer(
    request: ModelRequest,
    conversation: ConversationCache,
    signal?: AbortSignal,
  ): AsyncGenerator<ModelEvent, void> {
    const run = this.startAnswer(this.readQuestion(request), conversation)
    yield run.begun
    try {
      while (!run.ended) {
        if (signal?.aborted) yield* run.cancel()
        else if (run.needsPrefill) yield* await run.prefill(PREFILL_CHUNK_TOKENS)
        else yield* await this.#stepAlone(run)
      }
    } finally {
      await this.settle(conversation)
    }
  }

  async #stepAlone(run: AnswerRun): Promise<readonly ModelEvent[]> {
    const [outcome] = await this.#steps.step([run])
    if ('error' in outcome!) throw outcome.error
    return outcome!.events
  }

  /**
   * Takes the decode steps that are due of several answers, in one run where that can be.
   * @param runs each with a nextId
   * @returns what came of each; one that fails does not stop the others
   */
  stepTogether(runs: readonly AnswerRun[]): Promise<StepOutcome[]> {
    return this.#steps.step(runs)
  }

  /** Frees what shared steps keep for an answer; call it once the answer has ended. */
  endAnswer(run: AnswerRun): void {
    this.#steps.end(run)
  }

  /**
   * Reads a question of which answers' likelihoods are wanted.
   * @throws AppError QUESTION_INVALID, QUESTION_TOO_LONG, CONTEXT_OVERFLOW, PLACEHOLDER_MISMATCH
   */
  readScoring({ messages, continuations, leastLogProbability }: ScoringRequest): Scoring {
    const prompt = this.#prompts.build(messages)
    const ids = continuations.map((text) => this.#prompts.tokenizer.encode(text, false))
    this.#checkRoom(prompt.length, Math.max(1, ...ids.map(({ length }) => length)))
    const read = continuations.map((text, index) => ({ text, ids: ids[index]! }))
    return { prompt, continuations: read, leastLogProbability }
  }

  /**
   * Begins to say how likely each of some answers is, or an answer that begins with it; to be driven step by step.
   * @param conversation as for an answer
   */
  startScoring(scoring: Scoring, conversation: ConversationCache): ScoringRun {
    return new ScoringRun(scoring, conversation, this.#decoder, this.#reader)
  }

  /** Ends the work on a conversation for now, so that it can be kept, parked or taken over; call it after each answer. */
  settle({ cache }: ConversationCache): Promise<void> {
    return this.#decoder.settle(cache)
  }

  /** Frees the sessions; the model cannot be used afterwards. */
  async dispose(): Promise<void> {
    await closeGraphs(this.#graphs)
  }

  #checkRoom(promptTokens: number, maxTokens: number): void {
    const { context } = this.manifest.language
    if (promptTokens + maxTokens <= context) return
    throw new AppError(
      'CONTEXT_OVERFLOW',
      `The conversation takes ${promptTokens} tokens and the answer may take ${maxTokens}; together the model holds ${context}. Ask for at most ${Math.max(0, context - promptTokens)} tokens, sample fewer frames, shorten the question or start a new conversation.`,
      { details: { promptTokens, maxTokens, context } },
    )
  }

  /** Tensors of this answer for parity checks; clips in the order in which the prompt shows them. */
  #probe(prompt: readonly PromptToken[], firstLogits: Float32Array): ModelProbe {
    const { X, Dl } = this.#shapes
    const clips = prompt.flatMap(({ visual }) => (visual?.row === 0 ? [visual.clip] : []))
    return {
      pixelValues: clips.map(({ pixelValues, pixelSize = { heightPixels: X, widthPixels: X } }) => {
        if (pixelValues === null) return []
        const { heightPixels: H, widthPixels: W } = pixelSize
        return nestNumbers(pixelValues, [pixelValues.length / (3 * H * W), 3, H, W])
      }),
      visualFeatures: clips.map(({ rows, patchCount, frameCount }) => nestNumbers(rows, [patchCount + frameCount, Dl])),
      firstStepLogits: Array.from(firstLogits),
    }
  }
}
