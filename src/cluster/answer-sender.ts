// What happens while an engine answers goes to the bot that asked. Words are gathered for a moment: a person reads no
// faster, and a message to Redis for each word would be most of its work.
import type { AnswerEvent } from '../conversation/answerer.ts'
import { serializeError } from '../errors.ts'
import { type AnswerMessage, reportToWire } from './wire.ts'

/** How long words wait for more of them. */
const GATHER_MS = 40

/** Sends the events of one answer, in order. */
export class AnswerSender {
  readonly #id: string
  readonly #send: (message: AnswerMessage) => Promise<void>
  /** Everything that was said before `#gathered`, characters. */
  #sent = 0
  #gathered = ''
  #timer: NodeJS.Timeout | null = null
  #last: Promise<void> = Promise.resolve()

  constructor(id: string, send: (message: AnswerMessage) => Promise<void>) {
    this.#id = id
    this.#send = send
  }

  /** Tells that this engine has taken the question. */
  begin(engineId: string, attempt: number): void {
    this.#queue({ type: 'begun', id: this.#id, engineId, attempt })
  }

  /** Sends an event. */
  event(event: AnswerEvent): void {
    switch (event.type) {
      case 'delta':
        this.#gathered += event.text
        this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS)
        return
      case 'progress':
        this.#queue({ type: 'progress', id: this.#id, event })
        return
      case 'end':
        this.#queue({ type: 'end', id: this.#id, report: reportToWire(event.report) })
        return
      case 'waiting':
        // An engine has no queue of its own that people wait in.
        return
    }
  }

  /** Tells why there will be no answer. */
  fail(error: unknown): void {
    this.#queue({ type: 'failed', id: this.#id, error: serializeError(error) })
  }

  /** Tells that it was cancelled before its first word. */
  cancelled(): void {
    this.#queue({ type: 'cancelled', id: this.#id })
  }

  /** Resolves when everything was sent. @throws AppError what a message could not be sent for */
  async finish(): Promise<void> {
    this.#flush()
    await this.#last
  }

  #queue(message: AnswerMessage): void {
    this.#flush()
    this.#last = this.#last.then(() => this.#send(message))
    // finish() tells it.
    this.#last.catch(() => {})
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#gathered === '') return
    const text = this.#gathered
    const at = this.#sent
    this.#gathered = ''
    this.#sent += text.length
    this.#queue({ type: 'delta', id: this.#id, at, text })
  }
}
