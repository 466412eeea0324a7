// How many questions a person and a community may ask in a stretch of time. Counted over a sliding window, so that no burst
// slips through where two windows meet.
import { AppError } from '../errors.ts'

/** At most so many questions in any stretch of so many seconds. */
export interface QuestionRate {
  readonly questions: number
  readonly seconds: number
}

/** Bounds on what is asked; without one there is none. */
export interface QuestionLimits {
  readonly perUser?: QuestionRate
  /** For a guild or workspace as a whole. */
  readonly perGroup?: QuestionRate
}

/** Whose questions are counted. */
export interface Asker {
  readonly userId: string
  readonly groupId?: string
}

/** People and communities remembered at most; the one that asked longest ago goes. */
const MAX_COUNTED = 10_000

/** Counts questions. One that is refused does not count. */
export class RateLimiter {
  readonly #now: () => number
  /** Times of questions, oldest first, in milliseconds; the longest silent first. */
  readonly #asked = new Map<string, readonly number[]>()

  /** @param now milliseconds of any clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Counts a question.
   * @throws AppError RATE_LIMITED with `who` (`user` or `group`) and `waitSeconds` as details; then nothing was counted
   */
  admit({ userId, groupId }: Asker, { perUser, perGroup }: QuestionLimits = {}): void {
    const counts = [
      ...(perUser === undefined ? [] : [{ who: 'user', key: `user ${userId}`, rate: perUser }]),
      ...(perGroup === undefined || groupId === undefined
        ? []
        : [{ who: 'group', key: `group ${groupId}`, rate: perGroup }]),
    ]
    const nowMs = this.#now()
    const recent = counts.map(({ key, rate }) => {
      return (this.#asked.get(key) ?? []).filter((ms) => nowMs - ms < rate.seconds * 1000)
    })
    for (const [index, { who, rate }] of counts.entries()) {
      const times = recent[index]!
      // Free again when so many of the window's questions have left it that one more fits.
      const blocking = rate.questions > 0 ? times.at(-rate.questions) : nowMs
      if (blocking !== undefined) throw tooMany(who, rate, Math.ceil((blocking + rate.seconds * 1000 - nowMs) / 1000))
    }
    for (const [index, { key }] of counts.entries()) this.#put(key, [...recent[index]!, nowMs])
  }

  #put(key: string, times: readonly number[]): void {
    this.#asked.delete(key)
    this.#asked.set(key, times)
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= MAX_COUNTED) break
      this.#asked.delete(oldest)
    }
  }
}

function tooMany(who: string, { questions, seconds }: QuestionRate, waitSeconds: number): AppError {
  return new AppError(
    'RATE_LIMITED',
    `The ${who} has asked ${questions} questions within ${seconds} s, which is the limit. ` +
      `Wait ${waitSeconds} s or raise the limit.`,
    { details: { who, questions, seconds, waitSeconds }, retryable: true },
  )
}
