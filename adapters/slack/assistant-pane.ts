// Slack's assistant pane: a greeting with questions to choose from, the status line, and the title of a thread.
import type { Texts } from '../../src/conversation/texts/texts.ts'
import type { Logger } from '../../src/logger.ts'
import { postContent } from './edited-message.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { MAX_SUGGESTED_PROMPTS, MAX_THREAD_TITLE_CHARACTERS } from './limits.ts'
import type { Place } from './place.ts'
import { escaped } from './render.ts'
import { describeError } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/**
 * Greets in a new pane and offers questions. Never rejects.
 * @param textsFor the texts in a person's language at a place
 */
export async function welcome(
  workspace: Workspace,
  event: Json,
  logger: Logger,
  textsFor: (place: Place, userId: string) => Promise<Texts>,
): Promise<void> {
  const thread = objectIn(event, 'assistant_thread')
  const channel = textIn(thread, 'channel_id')
  const threadTs = textIn(thread, 'thread_ts')
  const userId = textIn(thread, 'user_id')
  if (channel === undefined || threadTs === undefined || userId === undefined) return
  const place = { teamId: workspace.teamId, channel, threadTs }
  const texts = await textsFor(place, userId)
  try {
    await postContent(workspace, place, { text: escaped(texts.greeting), below: [] })
    const [first, ...others] = texts.suggestions.slice(0, MAX_SUGGESTED_PROMPTS).map(prompt)
    if (first === undefined) return
    const address = { channel_id: channel, thread_ts: threadTs }
    await workspace.client.assistant.threads.setSuggestedPrompts({ ...address, prompts: [first, ...others] })
  } catch (error) {
    logger.warn({ channel, reason: describeError(error) }, 'assistant pane not furnished')
  }
}

function prompt(suggestion: string): { title: string; message: string } {
  return { title: suggestion, message: suggestion }
}

/** Shows what is being done beside Valley's name; Slack takes it away at the next post. May fail: the post says it too. */
export function setStatus({ hastyClient }: Workspace, { channel, threadTs }: Place, status: string): void {
  if (threadTs === undefined) return
  hastyClient.assistant.threads.setStatus({ channel_id: channel, thread_ts: threadTs, status }).catch(() => {})
}

/** Names a thread of the pane after its first question. May fail: threads have names without it. */
export function setTitle({ hastyClient }: Workspace, { channel, threadTs }: Place, question: string): void {
  if (threadTs === undefined || question === '') return
  const title = question.slice(0, MAX_THREAD_TITLE_CHARACTERS)
  hastyClient.assistant.threads.setTitle({ channel_id: channel, thread_ts: threadTs, title }).catch(() => {})
}
