// The text side of an answer: ids in, text to show out. Detokenises, ends at stop texts, and leaves out white space before
// the first and after the last word, so that the pieces shown add up to the answer.
import { type DecodeIds, StreamingDetokeniser } from './detokeniser.ts'
import { StopTexts } from './stopping.ts'

/** The text of one answer as it grows. */
export class AnswerText {
  readonly #detokeniser: StreamingDetokeniser
  readonly #stop: StopTexts
  #text = ''
  #whiteSpace = ''

  constructor(decode: DecodeIds, stopTexts: readonly string[]) {
    this.#detokeniser = new StreamingDetokeniser(decode)
    this.#stop = new StopTexts(stopTexts)
  }

  /** All that was shown so far. */
  get text(): string {
    return this.#text
  }

  /** True once a stop text was met. */
  get stopped(): boolean {
    return this.#stop.stopped
  }

  /** Takes the next token and returns the text to show, often empty. */
  push(id: number): string {
    return this.#show(this.#stop.push(this.#detokeniser.push(id)))
  }

  /** Ends the answer and returns the last text to show. */
  finish(): string {
    return this.#show(this.#stop.flush())
  }

  #show(piece: string): string {
    const candidate = this.#whiteSpace + piece
    const shown = candidate.trimEnd()
    this.#whiteSpace = candidate.slice(shown.length)
    const fresh = this.#text === '' ? shown.trimStart() : shown
    this.#text += fresh
    return fresh
  }
}
