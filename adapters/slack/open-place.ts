// Where the answer to a command goes that stands in no thread: below a post of ours that repeats the question, in the
// channel of the command, or in a direct message where Valley cannot post in that channel.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import { QUIET } from './edited-message.ts'
import { MAX_SHOWN_QUESTION_CHARACTERS } from './limits.ts'
import { isDirect, type Place } from './place.ts'
import { escaped } from './render.ts'
import { describeError, slackCodeOf } from './slack-error.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** A question that was asked outside of any thread. */
export interface LooseQuestion {
  /** Where the person is; absent for a shortcut that belongs to no channel. */
  readonly channel?: string | undefined
  readonly userId: string
  readonly userName: string
  readonly text: string
  readonly clips: readonly IncomingClip[]
}

/** Answers of Slack for a channel that Valley is not in. */
const NOT_A_MEMBER = new Set(['channel_not_found', 'not_in_channel'])

/**
 * Posts the question where its answer will stand.
 * @returns the place for the answer; null when nothing can be posted, which is logged
 */
export async function openPlace(
  { options: { access, logger } }: Talk,
  workspace: Workspace,
  question: LooseQuestion,
): Promise<Place | null> {
  const { channel, userId } = question
  try {
    if (channel !== undefined) {
      const place = await post(workspace, channel, question)
      if (place !== null || !access.directMessages) return place
    }
    // The id of a person stands for the direct message with them.
    return await post(workspace, userId, question)
  } catch (error) {
    logger.warn({ channel: channel ?? 'direct', reason: describeError(error) }, 'command cannot be answered')
    return null
  }
}

/** True when Valley can post in a channel; also when that cannot be found out. */
export async function isMember({ client }: Workspace, channel: string): Promise<boolean> {
  if (isDirect(channel)) {
    // Of direct messages, Slack tells only of those that Valley takes part in.
    return await client.conversations.info({ channel }).then(
      () => true,
      (error: unknown) => slackCodeOf(error) !== 'channel_not_found',
    )
  }
  try {
    return (await client.conversations.info({ channel })).channel?.is_member !== false
  } catch (error) {
    return slackCodeOf(error) !== 'channel_not_found'
  }
}

async function post({ client, teamId }: Workspace, channel: string, question: LooseQuestion): Promise<Place | null> {
  try {
    const posted = await client.chat.postMessage({ channel, text: shownQuestion(question), ...QUIET })
    const { channel: where, ts } = posted
    if (where === undefined || ts === undefined) return null
    return { teamId, channel: where, threadTs: isDirect(where) ? undefined : ts }
  } catch (error) {
    if (NOT_A_MEMBER.has(slackCodeOf(error) ?? '')) return null
    throw error
  }
}

function shownQuestion({ userName, text, clips }: LooseQuestion): string {
  const names = clips.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const what = [text.slice(0, MAX_SHOWN_QUESTION_CHARACTERS), ...names].filter((part) => part !== '').join(' · ')
  return `*${escaped(userName.replaceAll('*', ''))}*: ${escaped(what)}`
}
