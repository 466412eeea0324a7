// One reply while it grows: events come at the model's pace, messages are edited at the platform's.
import { setTimeout as sleep } from 'node:timers/promises'
import { assertNever } from '../../src/assert.ts'
import type { Reply, ReplyEvent } from '../../src/conversation/message.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import type { Logger } from '../../src/logger.ts'
import { failureFields, failureOf } from './failures.ts'
import { LAST_TRY_DELAYS_MS } from './limits.ts'
import { keepTyping } from './progress.ts'
import { type RenderedPart, type ReplyState, renderReply } from './render.ts'
import type { PostedPart, ReplyTarget } from './reply-target.ts'
import { Wake } from './wake.ts'

/** What a reply is shown with. */
export interface StreamingReplyOptions {
  readonly target: ReplyTarget
  readonly requestId: string
  readonly threadId: string
  readonly texts: Texts
  readonly logger: Logger
  readonly editIntervalMs: number
  /** Stops the question, when there is nowhere left to show its answer. */
  readonly stop: () => void
  /** Told of each message of the reply as it appears. */
  readonly onPosted: (messageId: string) => void
  readonly lastTryDelaysMs?: readonly number[]
}

/** Shows one reply; use once. */
export class StreamingReply {
  readonly #options: StreamingReplyOptions
  readonly #posted: { readonly part: PostedPart; shown: RenderedPart }[] = []
  #state: ReplyState = { status: '', streamed: '', reply: null }
  #isGone = false
  #isUnreachable = false
  /** Set when Discord did not take the storyboard. */
  #withoutFiles = false
  readonly #change = new Wake()
  /** Aborted when the last event was read. */
  readonly #ended = new AbortController()

  constructor(options: StreamingReplyOptions) {
    this.#options = options
  }

  /** True when Discord did not answer, so that the reply may be shown later. */
  get isUnreachable(): boolean {
    return this.#isUnreachable
  }

  /**
   * Shows the events to the last, whatever the platform does meanwhile. Begins to read at once.
   * @returns how the question ended; null when it could not be shown
   */
  async show(events: AsyncIterable<ReplyEvent>): Promise<Reply | null> {
    const stopTyping = keepTyping(this.#options.target)
    const reading = this.#read(events)
    try {
      await this.#showChanges(stopTyping)
      await reading
    } finally {
      stopTyping()
    }
    return this.#isGone ? null : this.#state.reply
  }

  async #read(events: AsyncIterable<ReplyEvent>): Promise<void> {
    try {
      for await (const event of events) this.#take(event)
    } finally {
      this.#ended.abort()
      this.#change.ring()
    }
  }

  #take(event: ReplyEvent): void {
    const state = this.#state
    switch (event.type) {
      case 'waiting':
      case 'progress':
        this.#state = { ...state, status: event.text }
        break
      case 'delta':
        this.#state = { ...state, streamed: state.streamed + event.text }
        break
      case 'end':
        this.#state = { ...state, reply: event.reply }
        break
      default:
        assertNever(event)
    }
    this.#change.ring()
  }

  async #showChanges(stopTyping: () => void): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#change.sleep()
      if (this.#ended.signal.aborted) break
      const result = await this.#write()
      if (result === 'gone') return
      if (result === 'shown') stopTyping()
      else this.#change.ring()
      await sleep(this.#options.editIntervalMs, undefined, { signal: this.#ended.signal }).catch(() => {})
    }
    for (const delayMs of [...(this.#options.lastTryDelaysMs ?? LAST_TRY_DELAYS_MS), null]) {
      if ((await this.#write()) !== 'unreachable') return
      if (delayMs === null) break
      await sleep(delayMs)
    }
    this.#isGone = true
    this.#isUnreachable = true
    this.#options.logger.error(
      { request: this.#options.requestId },
      'the reply could not be shown: Discord does not answer',
    )
  }

  /** Brings the messages to how the reply stands now. */
  async #write(): Promise<'shown' | 'gone' | 'unreachable'> {
    const { target, requestId, threadId, texts, logger } = this.#options
    const { maxParts } = target
    const mayAttach = target.mayAttach && !this.#withoutFiles
    const parts = renderReply(this.#state, { requestId, threadId, texts, maxParts, mayAttach })
    try {
      await this.#bringTo(parts)
      return 'shown'
    } catch (error) {
      const failure = failureOf(error)
      const fields = { request: requestId, ...failureFields(error) }
      if (failure === 'unreachable') {
        logger.warn(fields, 'a reply could not be brought up to date; it is tried again')
        return 'unreachable'
      }
      if (failure === 'refused' && parts.some(({ storyboard }) => storyboard !== null)) {
        logger.warn(fields, 'Discord refused a reply with its storyboard; it goes without')
        this.#withoutFiles = true
        return this.#write()
      }
      this.#isGone = true
      if (failure === 'refused') logger.error(fields, 'Discord refused a reply')
      else logger.info(fields, 'the place of a reply is gone, or writing there is not allowed; the question is stopped')
      this.#options.stop()
      return 'gone'
    }
  }

  async #bringTo(parts: readonly RenderedPart[]): Promise<void> {
    for (const [index, part] of parts.entries()) {
      const there = this.#posted[index]
      if (there === undefined) {
        const posted = await this.#options.target.post(part, index)
        this.#posted.push({ part: posted, shown: part })
        this.#options.onPosted(posted.id)
      } else if (!isSame(there.shown, part)) {
        await there.part.edit(part)
        there.shown = part
      }
    }
    for (const { part } of this.#posted.splice(parts.length)) await part.remove()
  }
}

function isSame(one: RenderedPart, other: RenderedPart): boolean {
  return (
    one.content === other.content &&
    one.storyboard === other.storyboard &&
    JSON.stringify(one.components) === JSON.stringify(other.components)
  )
}
