// Where the answer to a command goes that stands in no thread: below a post of ours that repeats the question, in the
// channel of the command, or in a direct message where Valley cannot post in that channel.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { section } from './blocks.ts'
import { QUIET } from './edited-message.ts'
import { MAX_SECTION_CHARACTERS, MAX_SHOWN_QUESTION_CHARACTERS } from './limits.ts'
import { findMarked, parsePlaceNote, placeNote, removeReplies } from './open-questions.ts'
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
  /** The same in the ledger. */
  readonly question: OpenQuestion
  /** True after a crash. */
  readonly isAgain: boolean
}

/** The newest posts of a channel, however old. */
const ANY_TIME = '0'

/** Answers of Slack for a channel that Valley is not in. */
const NOT_A_MEMBER = new Set(['channel_not_found', 'not_in_channel'])

/**
 * Posts the question where its answer will stand. After a crash the post of the first try is found, and what stood below it
 * is taken away.
 * @returns the place for the answer; null when nothing can be posted, which is logged
 * @throws SlackError when Slack does not answer
 */
export async function openPlace(
  { options: { access, logger, ledger } }: Talk,
  workspace: Workspace,
  asked: LooseQuestion,
): Promise<Place | null> {
  const { channel, userId, isAgain, question } = asked
  try {
    const before = isAgain ? await placeBefore(workspace, asked) : null
    if (before !== null) return before
    const here = channel === undefined ? null : await post(workspace, channel, asked)
    // The id of a person stands for the direct message with them.
    const mayWriteDirectly = channel === undefined || access.directMessages
    const posted = here ?? (mayWriteDirectly ? await post(workspace, userId, asked) : null)
    if (posted === null) return null
    await ledger.noteReply(question.id, placeNote(posted.channel, posted.ts)).catch((error: unknown) => {
      logger.warn({ message: question.id, reason: describeError(error) }, 'a reply could not be noted')
    })
    return placeBelow(workspace, posted)
  } catch (error) {
    // What does not answer now is asked later.
    if (slackCodeOf(error) === undefined) throw error
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

interface Posted {
  readonly channel: string
  readonly ts: string
}

function placeBelow({ teamId }: Workspace, { channel, ts }: Posted): Place {
  return { teamId, channel, threadTs: isDirect(channel) ? undefined : ts }
}

/** The place of an earlier try, its replies taken away; null when none was opened. @throws SlackError */
async function placeBefore(workspace: Workspace, asked: LooseQuestion): Promise<Place | null> {
  const { channel, question } = asked
  const [noted] = question.replies.flatMap((reply) => parsePlaceNote(reply) ?? [])
  const lookThere = noted === undefined && channel !== undefined
  const [marked] = lookThere
    ? await findMarked(workspace, { channel, threadTs: undefined }, ANY_TIME, markOf(asked))
    : []
  const posted = noted ?? (channel === undefined || marked === undefined ? null : { channel, ts: marked })
  if (posted === null) return null
  const place = placeBelow(workspace, posted)
  await removeReplies(workspace, place, posted.ts, question)
  return place
}

async function post({ client }: Workspace, channel: string, asked: LooseQuestion): Promise<Posted | null> {
  try {
    const text = shownQuestion(asked)
    const blocks = [section(text.slice(0, MAX_SECTION_CHARACTERS), markOf(asked))]
    const { channel: where, ts } = await client.chat.postMessage({ channel, text, blocks, ...QUIET })
    return where === undefined || ts === undefined ? null : { channel: where, ts }
  } catch (error) {
    if (NOT_A_MEMBER.has(slackCodeOf(error) ?? '')) return null
    throw error
  }
}

/** Names the post of a question so that it is found again; another than that of its answers. */
function markOf({ question }: LooseQuestion): string {
  return `${question.id}:asked`
}

function shownQuestion({ userName, text, clips }: LooseQuestion): string {
  const names = clips.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const what = [text.slice(0, MAX_SHOWN_QUESTION_CHARACTERS), ...names].filter((part) => part !== '').join(' · ')
  return `*${escaped(userName.replaceAll('*', ''))}*: ${escaped(what)}`
}
