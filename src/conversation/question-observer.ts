// The port to whoever counts: told of each question as it ends. What it makes of it are numbers, never words.
import type { Reply, Request } from './message.ts'

/** How a question ended, and how long that took. */
export interface EndedQuestion {
  readonly request: Request
  readonly reply: Reply
  /** From its coming to its turn; null when its turn never came. */
  readonly waitedMs: number | null
  /** From its coming to the end of its reply. */
  readonly tookMs: number
}

/** Counts questions. Must not throw. */
export interface QuestionObserver {
  ended(question: EndedQuestion): void
}
