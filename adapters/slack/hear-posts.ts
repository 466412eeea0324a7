// Posts of people: mentions, direct messages, and what is said in threads that Valley takes part in.
import type { App } from '@slack/bolt'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { setTitle } from './assistant-pane.ts'
import { clipsOfLinks, newestOfThread } from './find-clips.ts'
import { helpText } from './help-text.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { MAX_MISSED_PLACES } from './limits.ts'
import {
  isWrittenDown,
  questionIdOf,
  removeReplies,
  settleQuestion,
  sourceOf,
  takeQuestion,
  writeDown,
} from './open-questions.ts'
import { doWish } from './open-wishes.ts'
import { type Post, parseDeletion, parsePost } from './parse-post.ts'
import { isDirect, SLACK, threadIdOf } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Asker, Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** Listens to posts. */
export function hearPosts(app: App, talk: Talk): void {
  // Bolt acknowledges events before listeners run.
  for (const name of ['app_mention', 'message'] as const) {
    app.event(name, async ({ event, body, context }) => {
      const deletion = parseDeletion(objectIn(event))
      if (deletion !== null) await talk.options.questions.stopForPost(deletion.channel, deletion.ts)
      const workspace = talk.options.workspaces.of(context, body.team_id)
      if (workspace !== null) await hear(talk, workspace, name, objectIn(event), textIn(objectIn(body), 'event_id'))
    })
  }
}

/** Hears a post that was missed. Resolves when its question, if it is one, has joined its thread's line. */
export async function hearMissed(talk: Talk, workspace: Workspace, event: Json): Promise<void> {
  const { ledger, logger } = talk.options
  await writeDown({ team_id: workspace.teamId, event }, ledger, logger)
  await hear(talk, workspace, 'message', event, undefined, true)
}

async function hear(
  talk: Talk,
  workspace: Workspace,
  eventName: string,
  event: Json,
  eventId: string | undefined,
  isLate = false,
): Promise<void> {
  const post = parsePost(event, workspace.teamId, workspace.botUserId)
  if (post === null) return
  const { ledger, heard, logger } = talk.options
  const questionId = questionIdOf(post)
  const isWelcome = talk.isWelcome({ ...post, workspace }, post.place.channel)
  if (!isWelcome || (eventName !== 'app_mention' && !(await isForUs(talk, post)))) {
    if (isWrittenDown(eventName, post)) await settleQuestion(ledger, questionId, logger)
    return
  }
  const postKey = `post:${workspace.teamId}:${post.place.channel}:${post.ts}`
  // One post may come as a mention and as a message, and each of them again as a retry.
  if (!(await talk.claim(eventId === undefined ? undefined : `event:${eventId}`, postKey))) return
  const question = await takeQuestion(ledger, questionId, logger)
  if (question === null) return
  await heard.add(threadIdOf(post.place)).catch((error: unknown) => {
    logger.warn({ reason: describeError(error) }, 'it could not be noted where Valley was spoken to')
  })
  await talk.inOrder(threadIdOf(post.place), () => answerPost(talk, workspace, post, { ...question, isLate }))
}

/** True for a post that speaks to Valley. */
async function isForUs({ options }: Talk, post: Post): Promise<boolean> {
  const { place, text, isReply } = post
  if (text.mentionsBot || isDirect(place.channel)) return true
  if (!isReply || text.mentionsOthers) return false
  const threadId = threadIdOf(place)
  return (await options.questions.isRunningIn(threadId)) || (await options.conversation.isKnown(threadId))
}

/** True for a post that speaks to Valley, or did before a crash: its thread is not known where no answer came to its end. */
async function wasForUs(talk: Talk, eventName: string | undefined, post: Post): Promise<boolean> {
  if (eventName === 'app_mention' || (await isForUs(talk, post))) return true
  if (!post.isReply || post.text.mentionsOthers) return false
  return (await talk.options.heard.places(SLACK, 2 * MAX_MISSED_PLACES)).includes(threadIdOf(post.place))
}

/** Asks the question of a post again. @throws what Slack throws when it does not answer */
export async function askPostAgain(talk: Talk, question: OpenQuestion): Promise<void> {
  const { workspaces, ledger, logger } = talk.options
  const { teamId, event } = sourceOf(question)
  const workspace = await workspaces.byTeam(teamId)
  const post = parsePost(event, teamId, workspace.botUserId)
  const isWelcome = post !== null && talk.isWelcome({ ...post, workspace }, post.place.channel)
  // It was written down before it was known whom it speaks to, and nobody may have looked.
  if (!isWelcome || !(await wasForUs(talk, textIn(event, 'type'), post))) {
    await settleQuestion(ledger, question.id, logger)
    return
  }
  // Whatever Slack delivers of it from now on was taken.
  await talk.claim(`post:${teamId}:${post.place.channel}:${post.ts}`)
  await removeReplies(workspace, post.place, post.ts, question)
  await talk.inOrder(threadIdOf(post.place), () => answerPost(talk, workspace, post, question))
}

/** Asks the question of a post, or does what it commands. */
async function answerPost(talk: Talk, workspace: Workspace, post: Post, question: OpenQuestion): Promise<void> {
  await doWish(talk, question, () => askOrObey(talk, workspace, post, question))
}

/** @returns true when a question is on its way */
async function askOrObey(talk: Talk, workspace: Workspace, post: Post, question: OpenQuestion): Promise<boolean> {
  const { place, ts, userId, userTeamId, text } = post
  const asker: Asker = { workspace, place, userId, userTeamId, id: ts, postTs: ts, question }
  const command = text.words.toLowerCase()
  if (command === 'reset' || command === 'forget') {
    await talk.clear(asker, command)
    return false
  }
  if (command === 'help') {
    await talk.say(asker, helpText(await talk.textsFor(asker), talk.options.command))
    return false
  }
  const isKnown = await talk.options.conversation.isKnown(threadIdOf(place))
  if (!isKnown && post.parentUserId === workspace.botUserId && isDirect(place.channel)) {
    if (talk.options.assistantPane) setTitle(workspace, place, text.words)
  }
  const repliedClips = await clipsPointedAt(talk, workspace, post, isKnown)
  // An answer about another clip would pass for one about the clip that is meant.
  if (repliedClips === null) {
    await talk.say(asker, (await talk.textsFor(asker)).errors.CLIP_MISSING)
    return false
  }
  await talk.ask(asker, { text: text.words, clips: post.clips, repliedClips })
  return true
}

/**
 * Clips of linked posts; for the first word in a thread that began without us, also the newest of the thread.
 * @returns null when a link leads to what may not be shown
 */
async function clipsPointedAt(
  { options }: Talk,
  workspace: Workspace,
  post: Post,
  isKnown: boolean,
): Promise<readonly IncomingClip[] | null> {
  const { place, userId, text, clips, isReply } = post
  if (text.permalinks.length > 0) {
    return await clipsOfLinks(workspace, text.permalinks, place, userId, options.logger)
  }
  if (!isReply || isKnown || clips.length > 0) return []
  return await newestOfThread(workspace, place, options.logger)
}
