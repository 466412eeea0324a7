// Shows that the bot is typing until there is something to read.
import { TYPING_INTERVAL_MS } from './limits.ts'
import type { ReplyTarget } from './reply-target.ts'

/**
 * Shows typing again and again. A failure is passed over: the reply itself will meet it and tell.
 * @returns ends it
 */
export function keepTyping(target: ReplyTarget): () => void {
  const show = () => void target.showTyping().catch(() => {})
  show()
  const timer = setInterval(show, TYPING_INTERVAL_MS)
  return () => clearInterval(timer)
}
