// A third platform, as adapters/README.md describes it: an exchange for pagers, whole and small.
import { assertNever } from '../../../src/assert.ts'
import type { ChatAdapter, Conversation } from '../../../src/conversation/adapter.ts'
import { locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import type { IncomingMessage } from '../../../src/conversation/message.ts'
import { PagerLine, type PagerSettings } from './connection.ts'
import { LivePages } from './live-pages.ts'
import { type IncomingPage, PAGER, parsePage } from './parse.ts'
import { renderPages, renderReply } from './render.ts'

/** The exchange; run it once. */
export class PagerAdapter implements ChatAdapter {
  readonly platform = PAGER
  readonly locateClip = locateLocalClip
  readonly #settings: PagerSettings
  /** Questions under way, by conversation. */
  readonly #questions = new Map<string, Set<AbortController>>()
  /** All that is being done. */
  readonly #work = new Set<Promise<void>>()

  constructor(settings: PagerSettings) {
    this.#settings = settings
  }

  /** @throws AppError PLATFORM_REFUSED, PLATFORM_UNREACHABLE */
  async run(conversation: Conversation, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const line = await PagerLine.open(this.#settings, (page, from) => {
      // A line that breaks ends run(); there is nobody left to tell.
      const work = this.#take(page, from, conversation).catch(() => {})
      this.#work.add(work)
      void work.then(() => this.#work.delete(work))
    })
    const stop = () => {
      this.#stopAll()
      void this.#settled().then(() => line.close())
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await line.ended()
    signal.removeEventListener('abort', stop)
    this.#stopAll()
    await this.#settled()
  }

  async #take(page: IncomingPage, line: PagerLine, conversation: Conversation): Promise<void> {
    const wish = parsePage(page)
    const pages = new LivePages(line, page.pager)
    switch (wish.type) {
      case 'question':
        return this.#ask(wish.message, pages, conversation)
      case 'stop':
        for (const question of this.#questions.get(wish.request.threadId) ?? []) question.abort()
        return
      case 'reset':
      case 'forget':
        pages.show(renderPages(await conversation[wish.type](wish.request)))
        return pages.settle()
      default:
        return assertNever(wish)
    }
  }

  async #ask(message: IncomingMessage, pages: LivePages, conversation: Conversation): Promise<void> {
    const question = new AbortController()
    const ofThread = this.#questions.get(message.threadId) ?? new Set()
    this.#questions.set(message.threadId, ofThread.add(question))
    try {
      let said = ''
      for await (const event of conversation.ask(message, question.signal)) {
        switch (event.type) {
          case 'waiting':
          case 'progress':
            if (said === '') pages.show(renderPages(event.text))
            break
          case 'delta':
            said += event.text
            pages.show(renderPages(said))
            break
          case 'end':
            pages.show(renderReply(event.reply))
            break
          default:
            assertNever(event)
        }
      }
      await pages.settle()
    } finally {
      ofThread.delete(question)
    }
  }

  #stopAll(): void {
    for (const questions of this.#questions.values()) for (const question of questions) question.abort()
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#work)
  }
}
