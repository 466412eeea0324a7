// An Answerer without a model: answers by a script and remembers what it was asked.
import type { AnswerEvent, Answerer, AnswerReport, Question } from '../../src/conversation/answerer.ts'
import { AppError } from '../../src/errors.ts'

/** What the fake does with a question: say words, or throw. `wait` holds it after the first word until the signal. */
export type FakeAnswer = { readonly say: string; readonly wait?: boolean } | { readonly fail: unknown }

/** Words of a question's last message. */
export function questionText(question: Question): string {
  return textOf(question, question.messages.length - 1)
}

/** The words of message `index`, clips as `[clip-1]`. */
export function textOf(question: Question, index: number): string {
  const parts = question.messages[index]?.content ?? []
  return parts.map((part) => (part.type === 'text' ? part.text : `[${part.clip.id}]`)).join(' ')
}

/** A report of an answer whose numbers are made up. */
export function reportOf(answer: string, finish: AnswerReport['finish'] = 'stop'): AnswerReport {
  return {
    answer,
    tokenIds: answer.split(' ').map((_, index) => index),
    promptTokenIds: [1, 2, 3],
    frames: [{ clipId: 'clip-1', timeSeconds: 0.5 }],
    timingsMs: { probe: 1, decode: 2, generate: 40, total: 50 },
    tokensPerSecond: 25,
    model: 'fake',
    finish,
    reusedTokens: 0,
  }
}

/** Answers every question by `script`; by default repeats the question's words. */
export class FakeAnswerer implements Answerer {
  readonly questions: Question[] = []
  readonly forgotten: string[] = []
  closed = false
  running = 0
  mostRunning = 0
  readonly #script: (question: Question) => FakeAnswer

  constructor(
    script: (question: Question) => FakeAnswer = (question) => ({ say: `You said: ${questionText(question)}` }),
  ) {
    this.#script = script
  }

  async *answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    this.questions.push(question)
    this.running += 1
    this.mostRunning = Math.max(this.mostRunning, this.running)
    try {
      yield { type: 'progress', stage: 'looking', done: 1, total: 2 }
      // A turn of the event loop, so that questions which may run side by side do.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      const script = this.#script(question)
      if ('fail' in script) throw script.fail
      let said = ''
      for (const word of script.say.split(/(?<= )/)) {
        said += word
        yield { type: 'delta', text: word }
        if (script.wait) await aborted(signal)
        if (signal?.aborted) {
          yield { type: 'end', report: reportOf(said, 'cancelled') }
          return
        }
      }
      yield { type: 'end', report: reportOf(said) }
    } finally {
      this.running -= 1
    }
  }

  async forget(threadId: string): Promise<void> {
    this.forgotten.push(threadId)
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

/** Fails with CONTEXT_OVERFLOW when a conversation has more than so many messages. */
export function overflowAbove(messages: number): (question: Question) => FakeAnswer {
  return (question) =>
    question.messages.length > messages
      ? { fail: new AppError('CONTEXT_OVERFLOW', 'too much') }
      : { say: `Answer ${question.messages.length}` }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve()
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}
