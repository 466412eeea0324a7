// A thread becomes the list of messages that the answerer gets. A clip stands in every turn that turned to it, so that each
// question is read beside the clip it was asked about, and the list only ever grows at its end.

import type { ContentPart, ConversationMessage } from './answerer.ts'
import type { ClipReference } from './clip.ts'
import type { Thread } from './thread.ts'

/**
 * Lists a thread for the answerer, oldest turn first, clips before the words of their turn. A question about the same clips
 * as the one before it does not show them again; clips that the thread no longer holds are left out.
 * @param systemPrompt replaces the model's own when given
 */
export function buildMessages(thread: Thread, systemPrompt?: string): ConversationMessage[] {
  const clips = new Map(thread.clips.map((clip): [string, ClipReference] => [clip.id, clip]))
  let shown = ''
  const turns = thread.turns.map(({ role, text, clipIds }): ConversationMessage => {
    const words: ContentPart = { type: 'text', text }
    const about = clipIds.join()
    if (role === 'assistant' || about === shown) return { role, content: [words] }
    shown = about
    const clipParts = clipIds.flatMap((id): ContentPart[] => {
      const clip = clips.get(id)
      return clip === undefined ? [] : [{ type: 'clip', clip }]
    })
    return { role, content: [...clipParts, words] }
  })
  if (systemPrompt === undefined) return turns
  return [{ role: 'system', content: [{ type: 'text', text: systemPrompt }] }, ...turns]
}
