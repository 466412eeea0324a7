// One question of a bot while engines work on it: what they say of it becomes the events of an answer.
import type { AnswerEvent, Question } from '../conversation/answerer.ts'
import { deserializeError } from '../errors.ts'
import { ToldText } from './told-text.ts'
import { type AnswerMessage, reportFromWire } from './wire.ts'

/** Where a question stands. */
export class OpenQuestion {
  readonly id: string
  readonly question: Question
  /** Name of the queue that its job is in. */
  queue = ''
  /** When its job was put there, milliseconds of performance.now. */
  queuedAtMs = 0
  /** How often it was put there because it was found nowhere. */
  timesLost = 0
  /** How often in a row it was not found. */
  timesMissed = 0
  /** Who answers it; null while it waits. */
  engineId: string | null = null
  /** Resolves when it has ended; rejects with why it failed. */
  readonly ended: Promise<void>
  readonly #emit: (event: AnswerEvent) => void
  readonly #told = new ToldText()
  readonly #startedAtMs = performance.now()
  #waitedMs = 0
  #ahead = 0
  #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | null = null

  constructor(id: string, question: Question, emit: (event: AnswerEvent) => void) {
    this.id = id
    this.question = question
    this.#emit = emit
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Whoever waits for it gets the failure; until somebody does it must not count as unhandled.
    this.ended.catch(() => {})
  }

  /** True once nothing more is expected of it. */
  get isEnded(): boolean {
    return this.#settle === null
  }

  /** True when a person has read words of its answer. */
  get isTold(): boolean {
    return this.#told.text !== ''
  }

  /** So many come first now. */
  tellPlace(ahead: number): void {
    if (this.engineId !== null || ahead === this.#ahead) return
    this.#ahead = ahead
    if (ahead > 0) this.#emit({ type: 'waiting', ahead })
  }

  /** An engine has said something. */
  take(message: AnswerMessage): void {
    if (this.isEnded) return
    try {
      this.#take(message)
    } catch (error) {
      this.fail(error)
    }
  }

  /** It will not be answered. */
  fail(error: unknown): void {
    this.#settle?.reject(error)
    this.#settle = null
  }

  #take(message: AnswerMessage): void {
    switch (message.type) {
      case 'begun':
        this.engineId = message.engineId
        if (message.attempt === 1) this.#waitedMs = performance.now() - this.#startedAtMs
        return
      case 'progress':
        this.#emit(message.event)
        return
      case 'delta':
        this.#tell(this.#told.take(message.at, message.text))
        return
      case 'end': {
        const report = reportFromWire(message.report)
        this.#tell(this.#told.finish(report.answer))
        const timingsMs = { ...report.timingsMs, queue: Math.round(this.#waitedMs) }
        this.#emit({ type: 'end', report: { ...report, timingsMs } })
        this.#settle?.resolve()
        this.#settle = null
        return
      }
      case 'failed':
        this.fail(deserializeError(message.error))
        return
      case 'cancelled':
        this.fail(new DOMException('The answer was cancelled', 'AbortError'))
    }
  }

  #tell(text: string): void {
    if (text !== '') this.#emit({ type: 'delta', text })
  }
}
