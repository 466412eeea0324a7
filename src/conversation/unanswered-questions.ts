// The last question of each thread that got no answer, so that "try again" asks it again. In memory only: after a restart
// people ask anew.
import type { Prepare } from './prepare-question.ts'

/** Threads remembered at most; the one that failed longest ago goes. */
const MAX_THREADS = 1000

/** Questions without an answer, by thread. */
export class UnansweredQuestions {
  /** The longest ago first: a Map keeps insertion order. */
  readonly #byThread = new Map<string, Prepare>()

  /** The question of a thread; null when its last one was answered. */
  of(threadId: string): Prepare | null {
    return this.#byThread.get(threadId) ?? null
  }

  /** Keeps the question of a thread, instead of an earlier one. */
  remember(threadId: string, prepare: Prepare): void {
    this.#byThread.delete(threadId)
    this.#byThread.set(threadId, prepare)
    for (const oldest of this.#byThread.keys()) {
      if (this.#byThread.size <= MAX_THREADS) break
      this.#byThread.delete(oldest)
    }
  }

  /** The thread has no such question any more. */
  forget(threadId: string): void {
    this.#byThread.delete(threadId)
  }
}
