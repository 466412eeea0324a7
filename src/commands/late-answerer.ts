// An answerer that is opened by the first question: a run whose answers are all known loads no model.
import type { ClipAnswerer } from '../answering/clip-answerer.ts'
import type { AnswerEvent, Question } from '../conversation/answerer.ts'

/** Opens when it is first asked. The caller closes it. */
export class LateAnswerer implements Pick<ClipAnswerer, 'answer' | 'score' | 'forget' | 'close'> {
  readonly #open: () => ClipAnswerer
  #opened: ClipAnswerer | null = null

  constructor(open: () => ClipAnswerer) {
    this.#open = open
  }

  answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    return this.#answerer().answer(question, signal)
  }

  score(...request: Parameters<ClipAnswerer['score']>): ReturnType<ClipAnswerer['score']> {
    return this.#answerer().score(...request)
  }

  async forget(threadId: string): Promise<void> {
    await this.#opened?.forget(threadId)
  }

  async close(): Promise<void> {
    await this.#opened?.close()
  }

  #answerer(): ClipAnswerer {
    this.#opened ??= this.#open()
    return this.#opened
  }
}
