// The first sign that a post was heard: the bot is typing in its channel, before anything is looked up or waited for.
import type { SendableChannels } from 'discord.js'
import { TYPING_INTERVAL_MS } from './limits.ts'

/** Shows it, and not again where it still shows. */
export class FirstSign {
  /** When it was shown, by channel. */
  readonly #shownAtMs = new Map<string, number>()

  /** A failure is passed over: the reply itself will meet it and tell. */
  show(channel: SendableChannels): void {
    const nowMs = performance.now()
    for (const [id, atMs] of this.#shownAtMs) {
      if (atMs + TYPING_INTERVAL_MS > nowMs) break
      this.#shownAtMs.delete(id)
    }
    if (this.#shownAtMs.has(channel.id)) return
    this.#shownAtMs.set(channel.id, nowMs)
    void channel.sendTyping().catch(() => {})
  }
}
