// An engine's answerer without a model: it takes the time that a model would, remembers which threads it holds, and says
// what it was shown, so that order and history can be read off its answers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswerEvent, Answerer, AnswerReport, Question } from '../../src/conversation/answerer.ts'

/** How long an answer takes. */
export interface ScriptedTimes {
  /** The first question of a thread, from its turn to the end of the answer. */
  readonly firstMs: number
  /** A follow-up where the thread is held. */
  readonly followUpMs: number
}

/** Says how many questions it was shown and repeats the last, word by word. */
export class ScriptedAnswerer implements Answerer {
  readonly #times: ScriptedTimes
  readonly #held = new Set<string>()
  /** As a model's cores do, it does one thing after the other. */
  #last: Promise<void> = Promise.resolve()

  constructor(times: ScriptedTimes) {
    this.#times = times
  }

  async *answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    const before = this.#last
    let end = () => {}
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    try {
      await before
      yield* this.#answer(question, signal)
    } finally {
      end()
    }
  }

  async *#answer({ threadId, messages }: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    const isHeld = this.#held.has(threadId)
    const questions = messages.filter(({ role }) => role === 'user')
    const last = questions.at(-1)?.content.find((part) => part.type === 'text')
    const answer = `As question ${questions.length} I was asked: ${last?.text ?? ''}`
    yield { type: 'progress', stage: 'reading' }
    const words = answer.split(/(?<= )/)
    const totalMs = isHeld ? this.#times.followUpMs : this.#times.firstMs
    for (const word of words) {
      await sleep(totalMs / words.length, undefined, signal === undefined ? {} : { signal }).catch(() => {})
      signal?.throwIfAborted()
      yield { type: 'delta', text: word }
    }
    this.#held.add(threadId)
    yield { type: 'end', report: reportOf(answer, totalMs, isHeld) }
  }

  async forget(threadId: string): Promise<void> {
    this.#held.delete(threadId)
  }

  async close(): Promise<void> {}
}

function reportOf(answer: string, totalMs: number, isHeld: boolean): AnswerReport {
  return {
    answer,
    tokenIds: [],
    promptTokenIds: [],
    frames: [],
    timingsMs: { total: totalMs },
    tokensPerSecond: 0,
    model: 'scripted',
    finish: 'stop',
    reusedTokens: isHeld ? 1 : 0,
  }
}
