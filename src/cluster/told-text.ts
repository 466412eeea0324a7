// The words of one answer as a bot has them by now. An answer may reach it twice, when a second engine begins anew where a
// first one was lost, and with a gap, when Redis lost its last second: either way a person reads each word once.
import { AppError } from '../errors.ts'

/** What was told of one answer. */
export class ToldText {
  #text = ''

  /** Everything that was told. */
  get text(): string {
    return this.#text
  }

  /**
   * What of these words is new; empty when they were told before, or when words before them are missing.
   * @param at characters of the answer before them
   * @throws AppError INFERENCE_FAILED when they are other words than those that were told
   */
  take(at: number, words: string): string {
    const told = this.#text.slice(at, at + words.length)
    if (!words.startsWith(told)) throw otherWords()
    if (at > this.#text.length) return ''
    return this.#add(words.slice(told.length))
  }

  /** What is still to be told of the whole answer. @throws AppError INFERENCE_FAILED as take */
  finish(answer: string): string {
    if (!answer.startsWith(this.#text)) throw otherWords()
    return this.#add(answer.slice(this.#text.length))
  }

  #add(words: string): string {
    this.#text += words
    return words
  }
}

function otherWords(): AppError {
  return new AppError(
    'INFERENCE_FAILED',
    'An engine was lost in the middle of an answer and the next one answers in other words; engines of one kind of machine say the same. Ask again.',
    { retryable: true },
  )
}
