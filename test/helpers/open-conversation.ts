// The conversation core around a scripted answerer.
import { Bot, type BotOptions } from '../../src/conversation/bot.ts'
import type { Reply, ReplyEvent } from '../../src/conversation/message.ts'
import { MemoryThreadStore } from '../../src/conversation/thread-store.ts'
import { createLogger } from '../../src/logger.ts'
import type { FakeAnswerer } from './fake-answerer.ts'

/** Reads a reply to its end; the events go to `seen`. */
export async function endOf(events: AsyncIterable<ReplyEvent>, seen: ReplyEvent[] = []): Promise<Reply> {
  let reply: Reply | null = null
  for await (const event of events) {
    seen.push(event)
    if (event.type === 'end') reply = event.reply
  }
  if (reply === null) throw new Error('the reply had no end')
  return reply
}

/** Opens a conversation with a memory store. @param log gets the lines of the log */
export function openConversation(answerer: FakeAnswerer, options: Partial<BotOptions> = {}, log: string[] = []) {
  const logger = createLogger('trace', { write: (line) => log.push(line) })
  const store = new MemoryThreadStore()
  return { bot: new Bot({ answerer, store, logger, ...options }), store }
}
