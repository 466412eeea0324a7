// The port to the model. The conversation owns it; src/answering implements it. Nothing here knows how answers are made.
import type { ClipReference } from './clip.ts'

/** One piece of a message: words, or a clip (video, GIF or still image) that stands at this place. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'clip'; readonly clip: ClipReference }

/** One message of a conversation as the model is to see it. */
export interface ConversationMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: readonly ContentPart[]
}

/** How an answer is drawn. */
export interface AnswerOptions {
  /** Frames to sample of each clip; default from the model's manifest. */
  readonly frameCount?: number
  /** Longest answer, tokens; default 256, or a quarter of the context of a model where that is less. */
  readonly maxTokens?: number
  /** 0 is greedy (the default); up to 2. */
  readonly temperature?: number
  /** Nucleus, in (0, 1]; default 1. */
  readonly topP?: number
  /** Makes sampling repeatable; default 0. */
  readonly seed?: number
  /** Adds pixel values, visual features and first logits to the end event; large. */
  readonly probe?: boolean
}

/** Bounds of a clip that are narrower than the answerer's own; a wider one changes nothing. */
export interface ClipLimits {
  /** Size of the file, bytes, inclusive. */
  readonly maxClipBytes?: number
  /** Inclusive. */
  readonly maxDurationSeconds?: number
}

/** A question with all that it needs. */
export interface Question {
  /** Answers of one thread share what the model remembers of it. */
  readonly threadId: string
  /** Who asks; an answerer that has a queue of its own takes turns between people. */
  readonly userId?: string
  readonly messages: readonly ConversationMessage[]
  readonly options: AnswerOptions
  readonly clipLimits?: ClipLimits
  /** Ids of clips whose frames are to be drawn as a storyboard; none when absent. */
  readonly storyboardOf?: readonly string[]
}

/** A frame that was looked at. */
export interface SampledFrame {
  readonly clipId: string
  readonly timeSeconds: number
}

/** A strip picture of frames, each with its clip time. */
export interface StoryboardPicture {
  /** The picture as a PNG file. */
  readonly png: Uint8Array
  readonly widthPixels: number
  readonly heightPixels: number
  /** What it shows, from left to right and from top to bottom. */
  readonly frames: readonly SampledFrame[]
}

/** What was measured while answering. */
export interface AnswerReport {
  readonly answer: string
  readonly tokenIds: readonly number[]
  readonly promptTokenIds: readonly number[]
  readonly frames: readonly SampledFrame[]
  /** Milliseconds by stage: probe, decode, preprocess, encode, project, pool, prompt, prefill, generate, total. */
  readonly timingsMs: Readonly<Record<string, number>>
  readonly tokensPerSecond: number
  /** Name of the model package. */
  readonly model: string
  /** Why it ended. */
  readonly finish: 'stop' | 'length' | 'cancelled'
  /** Prompt tokens that were still in the KV cache from the turn before. */
  readonly reusedTokens: number
  readonly probe?: AnswerProbe
  /** Present when one was asked for. */
  readonly storyboard?: StoryboardPicture
}

/** Tensors for parity checks, as nested numbers. */
export interface AnswerProbe {
  /** One entry a clip: [T, 3, H, W]. */
  readonly pixelValues: readonly unknown[]
  /** One entry a clip, the rows that enter the decoder in order: [P + T, Dl]. */
  readonly visualFeatures: readonly unknown[]
  /** [V], logits of the first generated position. */
  readonly firstStepLogits: readonly number[]
}

/** What is being done for an answer, in the order it happens; a clip that is still known goes straight to `reading`. */
export type ProgressStage = 'downloading' | 'probing' | 'decoding' | 'looking' | 'reading' | 'answering'

/** What happens while an answer is made, in order. */
export type AnswerEvent =
  /** So many questions of others come first, where the answerer has a queue of its own. */
  | { readonly type: 'waiting'; readonly ahead: number }
  | {
      readonly type: 'progress'
      readonly stage: ProgressStage
      /** Frames done, or bytes while downloading. */
      readonly done?: number
      /** Frames or bytes in all, where that is known. */
      readonly total?: number
    }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'end'; readonly report: AnswerReport }

/** Answers questions about clips. */
export interface Answerer {
  /**
   * Streams one answer. Ends with an `end` event, also when cancelled after the first word. Leaving the loop early
   * cancels.
   * @throws AppError for bad input or a failed model; signal.reason when aborted before the answer began
   */
  answer(question: Question, signal?: AbortSignal): AsyncIterable<AnswerEvent>
  /** Forgets what is kept for a thread. */
  forget(threadId: string): Promise<void>
  /** Frees everything; later calls throw ENGINE_CLOSED. */
  close(): Promise<void>
}
