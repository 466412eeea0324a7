// What the engine gives the rest of the house: clips go in as frames, answers come out as events. The engine owns one
// worker thread with the model's sessions; nothing of ONNX Runtime is visible here.
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ModelEvent } from '../valley/answer-request.ts'
import type { ScoredContinuation } from '../valley/score-continuations.ts'
import type { Frame } from '../video/frame.ts'

/** One piece of a message, clips named by the key they were encoded under. */
export type EnginePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'clip'; readonly key: string }

/** A message as the engine takes it. */
export interface EngineMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: readonly EnginePart[]
}

/** Frames to be looked at and kept as visual tokens. */
export interface EncodeClipRequest {
  /** Content hash and sampling of the clip: the same key means the same visual tokens. */
  readonly key: string
  /** Chooses the pixel recipe. */
  readonly kind: 'video' | 'image'
  /** Frames in time order; each is transferred to the worker, so the sender loses it. */
  readonly frames: AsyncIterable<Frame>
  /** Called after each frame that went through the encoder. */
  readonly onFrame?: (framesDone: number) => void
  readonly keepPixelValues?: boolean
  readonly signal?: AbortSignal
}

/** What came of encoding a clip. */
export interface EncodedClip {
  readonly key: string
  readonly frameTimesSeconds: readonly number[]
  /** P + T */
  readonly visualTokens: number
  /** preprocess, encode, project, pool */
  readonly timingsMs: Readonly<Record<string, number>>
}

/** A question to the model, clips already encoded. */
export interface GenerateRequest {
  /** Names what is kept between questions; what two threads begin with alike is read once for both. */
  readonly threadId: string
  readonly messages: readonly EngineMessage[]
  readonly maxTokens: number
  readonly temperature: number
  readonly topP: number
  readonly seed: number
  readonly probe: boolean
  readonly signal?: AbortSignal
}

/** A question of which answers' likelihoods are wanted. */
export interface ScoreRequest {
  /** Memory that questions in a row share; see GenerateRequest. */
  readonly threadId: string
  readonly messages: readonly EngineMessage[]
  /** Beginnings of answers, e.g. `Yes` and `No`. */
  readonly continuations: readonly string[]
  /**
   * Natural logarithm below which a likelihood need not be exact: a beginning that is less likely is not followed, and the
   * answer gets the beginning's, an upper bound. Unset, all are followed to their end.
   */
  readonly leastLogProbability?: number
  readonly signal?: AbortSignal
}

/** How likely an answer is that begins so. */
export type ContinuationScore = ScoredContinuation

/** What happens while the model answers: the model's own events, as they cross from the worker. */
export type EngineEvent = ModelEvent

/** What a model computes on. */
export interface EngineDevice {
  /** Name of an execution provider: `cpu`, `webgpu`. */
  readonly name: string
  /** Why it is that one, in a few words. */
  readonly reason: string
}

/** The engine as its callers see it; src/engine/engine.ts implements it with `openEngine(options): Promise<Engine>`. */
export interface Engine {
  readonly manifest: ModelManifest
  /** The device as it is now: one that fails is left for the CPU. */
  readonly device: EngineDevice
  /** True while the clip's visual tokens are kept. */
  hasClip(key: string): boolean
  /**
   * Looks at a clip and keeps its visual tokens. A clip that is kept already is not looked at again: its frames are not
   * read, and timingsMs is empty.
   * @throws AppError CLIP_UNREADABLE without a frame, CONTEXT_OVERFLOW over maxFrames; what the frames throw; signal.reason
   */
  encodeClip(request: EncodeClipRequest): Promise<EncodedClip>
  /**
   * Answers a question: one prefill, deltas, one end. An abort after the first delta ends with finish `cancelled`; before
   * it, signal.reason is thrown. A caller that stops reading ends the answer too.
   * @throws AppError CONTEXT_OVERFLOW, QUESTION_INVALID (a clip key that is not kept, an option out of range),
   * QUESTION_TOO_LONG, INFERENCE_FAILED (retryable when the worker died), DEVICE_LOST, ENGINE_CLOSED
   */
  generate(request: GenerateRequest): AsyncIterable<EngineEvent>
  /**
   * Says how likely some answers are, from the model's own probabilities; nothing is drawn.
   * @returns one a continuation, in their order
   * @throws as generate; signal.reason
   */
  score(request: ScoreRequest): Promise<readonly ContinuationScore[]>
  /** Lets the visual tokens of a clip go that nobody will ask about again. */
  dropClip(key: string): void
  forget(threadId: string): Promise<void>
  close(): Promise<void>
}
