// What is said becomes pages: short, and without characters that do something to a pager.
import type { Reply } from '../../../src/conversation/message.ts'
import { splitReply } from '../../../src/conversation/split-reply.ts'
import { MAX_PAGE_LENGTH } from './limits.ts'

/** The pages of a text that grows or is complete. */
export function renderPages(text: string): string[] {
  return splitReply(text.replace(/[^\P{Cc}\n]/gu, ''), MAX_PAGE_LENGTH)
}

/** The pages of a reply that has ended, its notices after it. */
export function renderReply({ text, notices }: Reply): string[] {
  return [text, ...notices].flatMap(renderPages)
}
