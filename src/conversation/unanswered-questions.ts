// Questions that got no answer, so that "try again" asks them again. In memory only: after a restart "try again" finds what
// was answered, and of the others it says that there is nothing to come back to.
import type { Prepare } from './prepare-question.ts'

/** Questions remembered at most; the one that failed longest ago goes. */
const MAX_QUESTIONS = 1000

interface Unanswered {
  readonly threadId: string
  readonly prepare: Prepare
  /** False once a later question of the thread was answered: then it is meant only where it is named. */
  readonly isLast: boolean
}

/** Questions without an answer, by their id. */
export class UnansweredQuestions {
  /** The longest ago first: a Map keeps insertion order. */
  readonly #questions = new Map<string, Unanswered>()

  /** A question of a thread by its id, or the thread's last one; null when that was answered. */
  find(threadId: string, questionId?: string): Prepare | null {
    const ofThread = [...this.#questions].filter(([, question]) => question.threadId === threadId)
    const found = ofThread.findLast(([id, { isLast }]) => (questionId === undefined ? isLast : id === questionId))
    return found?.[1].prepare ?? null
  }

  /** Keeps a question of a thread. */
  remember(threadId: string, questionId: string, prepare: Prepare): void {
    this.#questions.delete(questionId)
    this.#questions.set(questionId, { threadId, prepare, isLast: true })
    for (const oldest of this.#questions.keys()) {
      if (this.#questions.size <= MAX_QUESTIONS) break
      this.#questions.delete(oldest)
    }
  }

  /** A question of a thread was answered. */
  answered(threadId: string, questionId: string): void {
    this.#questions.delete(questionId)
    for (const [id, question] of this.#questions) {
      if (question.threadId === threadId) this.#questions.set(id, { ...question, isLast: false })
    }
  }

  /** Forgets those of a thread. */
  forget(threadId: string): void {
    for (const [id, question] of this.#questions) if (question.threadId === threadId) this.#questions.delete(id)
  }
}
