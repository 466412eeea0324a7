// A thread becomes the list of messages that the answerer gets. Each clip stands in the turn that brought it, so that a
// follow-up finds its clip in the history.
import type { ContentPart, ConversationMessage } from './answerer.ts'
import type { Thread } from './thread.ts'

/**
 * Lists a thread for the answerer, oldest turn first, clips before the words of their turn.
 * @param systemPrompt replaces the model's own when given
 */
export function buildMessages(thread: Thread, systemPrompt?: string): ConversationMessage[] {
  const turns = thread.turns.map(({ role, text, clips }): ConversationMessage => {
    const clipParts = clips.map((clip): ContentPart => ({ type: 'clip', clip }))
    return { role, content: [...clipParts, { type: 'text', text }] }
  })
  if (systemPrompt === undefined) return turns
  return [{ role: 'system', content: [{ type: 'text', text: systemPrompt }] }, ...turns]
}
