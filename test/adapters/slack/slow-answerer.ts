// An answerer that a test holds between two words.
import type { AnswerEvent, Answerer, Question } from '../../../src/conversation/answerer.ts'
import { FakeAnswerer, reportOf } from '../../helpers/fake-answerer.ts'

/** Says its words one by one, each when the test lets it. */
export class SlowAnswerer extends FakeAnswerer implements Answerer {
  readonly #words: readonly string[]
  readonly #gates: (() => void)[] = []
  #open = 0

  constructor(...words: string[]) {
    super()
    this.#words = words
  }

  /** Lets the next word out. */
  next(): void {
    this.#open += 1
    for (const gate of this.#gates.splice(0)) gate()
  }

  override async *answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    this.questions.push(question)
    yield { type: 'progress', stage: 'looking', done: 1, total: 2 }
    let said = ''
    for (const [index, word] of this.#words.entries()) {
      while (this.#open <= index && signal?.aborted !== true) {
        await new Promise<void>((resolve) => {
          this.#gates.push(resolve)
          signal?.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      if (signal?.aborted === true) break
      said += word
      yield { type: 'delta', text: word }
    }
    yield { type: 'end', report: reportOf(said, signal?.aborted === true ? 'cancelled' : 'stop') }
  }
}
