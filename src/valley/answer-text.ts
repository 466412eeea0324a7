// The text side of an answer: ids in, text to show out. Detokenises, ends at stop texts, and leaves out white space before
// the first and after the last word, and labels that the model writes in front, so that the pieces shown add up to the answer.
import { type DecodeIds, StreamingDetokeniser } from './detokeniser.ts'
import { StopTexts } from './stopping.ts'

/** The text of one answer as it grows. */
export class AnswerText {
  readonly #detokeniser: StreamingDetokeniser
  readonly #stop: StopTexts
  readonly #labels: readonly string[]
  #text = ''
  /** White space that may turn out to be the last, or the beginning of what may be a label. */
  #held = ''

  /** @param labels what the model may write in front of its answer, any number of them */
  constructor(decode: DecodeIds, stopTexts: readonly string[], labels: readonly string[] = []) {
    this.#detokeniser = new StreamingDetokeniser(decode)
    this.#stop = new StopTexts(stopTexts)
    this.#labels = labels
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
    return this.#show(this.#stop.flush(), true)
  }

  #show(piece: string, isLast = false): string {
    let candidate = this.#held + piece
    if (this.#text === '') {
      candidate = withoutLabels(candidate, this.#labels)
      if (!isLast && candidate !== '' && this.#labels.some((label) => label.startsWith(candidate))) {
        this.#held = candidate
        return ''
      }
    }
    const shown = candidate.trimEnd()
    this.#held = candidate.slice(shown.length)
    this.#text += shown
    return shown
  }
}

/** The text without white space and labels in front. */
function withoutLabels(text: string, labels: readonly string[]): string {
  const trimmed = text.trimStart()
  const label = labels.find((one) => trimmed.startsWith(one))
  return label === undefined ? trimmed : withoutLabels(trimmed.slice(label.length), labels)
}
