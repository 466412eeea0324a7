// Messages between the main thread and the engine's worker. Requests carry a number, and every request but cancel and
// close is answered by one `done` or `failed` with the same number, after any number of events.

import type { SerializedError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { DeviceName } from '../onnx/devices/device.ts'
import type { ModelEvent, ModelRequest } from '../valley/answer-request.ts'
import type { PromptMessage } from '../valley/prompt.ts'
import type { ScoredContinuation } from '../valley/score-continuations.ts'
import type { VisualTokens } from '../valley/visual-tokens.ts'
import type { Frame } from '../video/frame.ts'
import type { ParkingOptions } from './nameless-files.ts'

/** What the worker is started with. */
export interface WorkerOptions {
  readonly packageDirectory: string
  readonly device: DeviceName
  /** Whether that multiplies float16. */
  readonly halfPrecision: boolean
  /** Threads inside one operator; 0 leaves it to ONNX Runtime. */
  readonly threads: number
  /** Answers that take their steps together; more wait until one of them is done. */
  readonly maxAnswersAtOnce: number
  /** Conversations whose KV cache is kept at a time. */
  readonly maxConversations: number
  /** Memory that kept KV caches may take, bytes. */
  readonly maxConversationBytes: number
  /** Memory of a GPU that KV caches of answers under way may take, bytes. */
  readonly maxGpuBytes: number
  /** Nothing asked for so long, and conversations go there all the same. */
  readonly idleMs: number
  /** Where conversations go that memory has no room for; null to forget them. */
  readonly parking: ParkingOptions | null
}

/** One piece of work. Those about one clip and those about one thread are done in the order of arrival. */
export type WorkerTask =
  /** Runs a frame through preprocess, encoder and projector; `clip` tells clips apart. The first frame begins the clip. */
  | {
      readonly type: 'add-frame'
      readonly clip: number
      readonly kind: 'video' | 'image'
      readonly keepPixelValues: boolean
      readonly frame: Frame
    }
  /** Pools a clip's frames; answered with ClipResult. */
  | { readonly type: 'finish-clip'; readonly clip: number; readonly key: string }
  /** Forgets the frames of a clip that will not be finished. */
  | { readonly type: 'drop-clip'; readonly clip: number }
  /** Answers a question, with an event a step. Visual tokens come in shared memory. */
  | { readonly type: 'generate'; readonly threadId: string; readonly request: ModelRequest }
  /** Says how likely some answers are; answered with a list, or null when cancelled. */
  | {
      readonly type: 'score'
      readonly threadId: string
      readonly messages: readonly PromptMessage[]
      readonly continuations: readonly string[]
      /** Natural logarithm; -Infinity where all are to be followed. */
      readonly leastLogProbability: number
    }
  /** Forgets what is kept for a thread. */
  | { readonly type: 'forget'; readonly threadId: string }

/** What the main thread sends. */
export type WorkerRequest =
  | { readonly type: 'task'; readonly id: number; readonly task: WorkerTask }
  /** Ends an answer at its next step; overtakes the queue. */
  | { readonly type: 'cancel'; readonly id: number }
  /** Frees the model and ends the thread. */
  | { readonly type: 'close' }

/** What came of a clip; the arrays lie in shared memory, so that passing them on copies nothing. */
export interface ClipResult {
  readonly visualTokens: VisualTokens
  /** preprocess, encode, project, pool */
  readonly timingsMs: Readonly<Record<string, number>>
}

/** What a task is answered with. */
export type TaskResult<Task extends WorkerTask = WorkerTask> = Task extends { readonly type: 'finish-clip' }
  ? ClipResult
  : Task extends { readonly type: 'score' }
    ? readonly ScoredContinuation[] | null
    : null

/** What a worker says of its model when that is open. */
export interface OpenModel {
  readonly manifest: ModelManifest
  /** Whether its products are taken in half precision. */
  readonly halfPrecision: boolean
  /** Why clips are looked at on the CPU while the rest runs on a GPU; empty where it is not so. */
  readonly towerNote: string
}

/** What the worker sends. */
export type WorkerReply =
  | ({ readonly type: 'ready' } & OpenModel)
  | { readonly type: 'open-failed'; readonly error: SerializedError }
  | { readonly type: 'event'; readonly id: number; readonly event: ModelEvent }
  | { readonly type: 'done'; readonly id: number; readonly result: TaskResult }
  | { readonly type: 'failed'; readonly id: number; readonly error: SerializedError }
