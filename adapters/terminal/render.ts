// Reply events become text on a terminal: progress on one line that goes away, the answer as it comes, notices after it.
import { assertNever } from '../../src/assert.ts'
import type { Reply, ReplyEvent } from '../../src/conversation/message.ts'
import { plainText } from './plain-text.ts'
import type { ProgressLine } from './progress-line.ts'

/** Where lasting text goes, as process.stdout. */
export interface TextStream {
  write(text: string): unknown
}

/**
 * Shows a reply while it comes and ends with a line break.
 * @returns how it ended
 */
export async function showReply(
  events: AsyncIterable<ReplyEvent>,
  output: TextStream,
  progress: ProgressLine,
): Promise<Reply | null> {
  let last: Reply | null = null
  let streamed = false
  for await (const event of events) {
    switch (event.type) {
      case 'waiting':
        progress.show(event.text)
        break
      case 'progress':
        // Once words stand there, a progress line would break into them.
        if (!streamed) progress.show(event.text)
        break
      case 'delta':
        progress.clear()
        output.write(plainText(event.text))
        streamed = true
        break
      case 'end':
        progress.clear()
        output.write(closingText(event.reply, streamed))
        last = event.reply
        break
      default:
        assertNever(event)
    }
  }
  return last
}

/** What is left to write when a reply ends: all of it, or what belongs after the streamed words. */
function closingText({ kind, text, notices }: Reply, streamed: boolean): string {
  const notes = notices.map((notice) => `(${notice})\n`).join('')
  if (!streamed) return `${plainText(text)}\n${notes}`
  switch (kind) {
    case 'answer':
      return `\n${notes}`
    case 'cancelled':
      return ` [stopped]\n${notes}`
    case 'incomplete':
    case 'refusal':
      return `\n${plainText(text)}\n${notes}`
    default:
      return assertNever(kind)
  }
}
