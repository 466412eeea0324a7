// Questions of posts in the ledger: written down before Slack is told that they arrived, taken by one who answers, and
// asked again after a crash, when what the first try has shown was taken away.
import type { App } from '@slack/bolt'
import type { OpenQuestion, QuestionLedger } from '../../src/conversation/question-ledger.ts'
import type { Logger } from '../../src/logger.ts'
import { type Json, listIn, objectIn, textIn } from './json.ts'
import { type Post, parsePost } from './parse-post.ts'
import { isDirect, type Place, SLACK } from './place.ts'
import { describeError, slackCodeOf } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/** A reply stands near its question; the most that one request brings without turning pages. */
const POSTS_LOOKED_THROUGH = 100

/** An event as it was delivered. */
export interface PostSource {
  readonly teamId: string
  readonly event: Json
}

/** The id of a post's request, which is that of its question. */
export function questionIdOf({ place, ts }: Pick<Post, 'place' | 'ts'>): string {
  return `${SLACK}:${place.channel}:${ts}`
}

/** True for a post that is written down before it is known whether it speaks to Valley. */
export function isWrittenDown(eventName: string, { place, isReply, text }: Post): boolean {
  // A mention comes as two events, in no certain order; who is mentioned is not known yet.
  const mentions = eventName === 'app_mention' || text.mentionsBot || text.mentionsOthers
  return mentions || isDirect(place.channel) || isReply
}

/** The app, with each post that may be a question written down before Bolt acknowledges it. */
export function writingDownFirst(app: App, ledger: QuestionLedger, logger: Logger): App {
  const processEvent: App['processEvent'] = async (event) => {
    await writeDown(objectIn(event.body), ledger, logger)
    await app.processEvent(event)
  }
  return Object.assign(Object.create(app) as App, { processEvent })
}

/** Takes a question. When that cannot be done it is answered all the same: an answer too many is better than none. */
export async function takeQuestion(ledger: QuestionLedger, id: string, logger: Logger): Promise<OpenQuestion | null> {
  try {
    const question = await ledger.begin(id)
    logger.debug({ message: id, taken: question !== null }, 'question taken')
    return question
  } catch (error) {
    logger.error({ message: id, reason: describeError(error) }, 'it is not known whether a question is being answered')
    return { id, source: '', replies: [] }
  }
}

/** Nothing more is to come of a question. Never rejects. */
export async function settleQuestion(ledger: QuestionLedger, id: string, logger: Logger): Promise<void> {
  try {
    await ledger.settle(id)
    logger.debug({ message: id }, 'question settled')
  } catch (error) {
    logger.error({ message: id, reason: describeError(error) }, 'it could not be noted that a question was answered')
  }
}

/** The event of an open question. */
export function sourceOf({ source }: OpenQuestion): PostSource {
  const { teamId = '', event } = JSON.parse(source) as Partial<PostSource>
  return { teamId, event: objectIn(event) }
}

/**
 * Takes away what an earlier try has shown: what was noted, and what was posted and not noted before the crash.
 * @param sinceTs nothing of it is older
 * @throws SlackError when Slack does not answer
 */
export async function removeReplies(
  workspace: Workspace,
  place: Place,
  sinceTs: string,
  question: OpenQuestion,
): Promise<void> {
  const { channel } = place
  const noted = question.replies.filter((reply) => parsePlaceNote(reply) === null)
  for (const ts of new Set([...noted, ...(await findMarked(workspace, place, sinceTs, question.id))])) {
    await workspace.client.chat.delete({ channel, ts }).catch(ignoreRefusal)
  }
}

/** The note of the post that a command's answer stands below, which is kept beside the messages of its reply. */
export function placeNote(channel: string, ts: string): string {
  return `place:${channel}:${ts}`
}

/** Reads such a note. @returns null for a message of the reply */
export function parsePlaceNote(reply: string): { readonly channel: string; readonly ts: string } | null {
  const [, channel, ts] = /^place:(\w+):([\d.]+)$/.exec(reply) ?? []
  return channel === undefined || ts === undefined ? null : { channel, ts }
}

/** Messages at a place that are marked with an id. @throws SlackError when Slack does not answer */
export async function findMarked(
  { client }: Workspace,
  { channel, threadTs }: Pick<Place, 'channel' | 'threadTs'>,
  sinceTs: string,
  mark: string,
): Promise<string[]> {
  const since = { channel, oldest: sinceTs, limit: POSTS_LOOKED_THROUGH }
  const looked =
    threadTs === undefined
      ? client.conversations.history(since)
      : client.conversations.replies({ ...since, ts: threadTs })
  const answer = await looked.catch(ignoreRefusal)
  const marked = listIn(answer, 'messages').filter((message) =>
    listIn(message, 'blocks').some((block) => textIn(block, 'block_id') === mark),
  )
  return marked.flatMap((message) => textIn(message, 'ts') ?? [])
}

/** What Slack refuses stays as it is: deleted by somebody, no longer to be deleted, not to be read. @throws other errors */
function ignoreRefusal(error: unknown): null {
  if (slackCodeOf(error) === undefined) throw error
  return null
}

/** Writes the post of an event down, if it may be a question. When that fails, it is answered all the same. */
export async function writeDown(body: Json, ledger: QuestionLedger, logger: Logger): Promise<void> {
  const event = objectIn(body, 'event')
  const eventName = textIn(event, 'type')
  const teamId = textIn(body, 'team_id')
  if (teamId === undefined || (eventName !== 'app_mention' && eventName !== 'message')) return
  const post = parsePost(event, teamId, '')
  if (post === null || !isWrittenDown(eventName, post)) return
  const source: PostSource = { teamId, event }
  try {
    await ledger.accept(questionIdOf(post), JSON.stringify(source))
    logger.debug({ message: questionIdOf(post) }, 'question written down')
  } catch (error) {
    logger.error({ reason: describeError(error) }, 'a question could not be written down')
  }
}
