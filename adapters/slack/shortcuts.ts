// Shortcuts: "Describe clip" on a post, and one that opens the modal from anywhere.
import type { App, RespondFn } from '@slack/bolt'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { DESCRIBE_CLIP, OPEN_MODAL } from './callback-ids.ts'
import { objectIn, textIn } from './json.ts'
import { clipModal, noticeModal } from './modal.ts'
import { isMember, openPlace } from './open-place.ts'
import { removeReplies } from './open-questions.ts'
import { type ShortcutWish, takeWish, type WrittenWish } from './open-wishes.ts'
import { clipsOfPost } from './parse-files.ts'
import { placeOf } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** Listens to shortcuts. */
export function takeShortcuts(app: App, talk: Talk): void {
  const { workspaces, logger } = talk.options
  app.shortcut({ callback_id: DESCRIBE_CLIP, type: 'message_action' }, async ({ ack, shortcut, context, respond }) => {
    const { channel, message_ts: ts, message, user, trigger_id: id } = shortcut
    const workspace = workspaces.of(context, shortcut.team?.id)
    if (workspace === null) return await ack()
    const wish = {
      teamId: workspace.teamId,
      channel: channel.id,
      userId: user.id,
      ...(user.team_id === undefined ? {} : { userTeamId: user.team_id }),
      userName: user.name,
      id,
      wanted: { kind: 'shortcut', ts, message: objectIn(message) } as const,
    }
    await takeWish(talk, wish, `trigger:${id}`, ack, (question) => describe(talk, workspace, wish, question, respond))
  })
  app.shortcut({ callback_id: OPEN_MODAL, type: 'shortcut' }, async ({ ack, shortcut, context }) => {
    await ack()
    const workspace = workspaces.of(context, shortcut.team?.id)
    if (workspace === null) return
    const userId = shortcut.user.id
    // The answer will be in a direct message, which Slack knows by the person's id too.
    const place = { teamId: workspace.teamId, channel: userId, threadTs: undefined }
    const texts = await talk.textsFor({ workspace, place, userId })
    const isWelcome = talk.isWelcome({ workspace, userId, userTeamId: shortcut.user.team_id }, undefined)
    const view = isWelcome ? clipModal(texts, undefined, '') : noticeModal(texts, texts.notWelcome)
    await workspace.hastyClient.views.open({ trigger_id: shortcut.trigger_id, view }).catch((error: unknown) => {
      logger.warn({ reason: describeError(error) }, 'modal not opened')
    })
  })
}

/**
 * Answers in the post's thread; in a direct message with the person where Valley is not in the channel.
 * @param respond null after a crash
 * @returns true when the question is on its way
 */
export async function describe(
  talk: Talk,
  workspace: Workspace,
  wish: WrittenWish<ShortcutWish>,
  question: OpenQuestion,
  respond: RespondFn | null,
): Promise<boolean> {
  const { channel = '', userId, userTeamId, userName, id, wanted } = wish
  const { ts, message } = wanted
  const there = placeOf(workspace.teamId, channel, ts, textIn(message, 'thread_ts'))
  const person = { workspace, userId, userTeamId }
  const isThere = await isMember(workspace, channel)
  if (!talk.isWelcome(person, channel) || !(isThere || talk.options.access.directMessages)) {
    if (respond !== null) await talk.tell(respond, (await talk.textsFor({ ...person, place: there })).notWelcome)
    return false
  }
  // Where Valley is not, nobody can be asked who reads along; the person alone, who sees the post, gets the answer.
  const clips = clipsOfPost(message, workspace.teamId, isThere ? channel : undefined)
  const isAgain = respond === null
  const asked = { userId, userName, text: '', clips, question, isAgain }
  if (isThere && isAgain) await removeReplies(workspace, there, ts, question)
  const place = isThere ? there : await openPlace(talk, workspace, asked)
  if (place === null) return false
  const asker = { ...person, place, id, question }
  if (clips.length === 0) {
    // The wish is about this post: an older clip of the thread would be a wrong answer.
    await talk.say(asker, (await talk.textsFor(asker)).clipWanted)
    return false
  }
  await talk.ask(asker, { text: '', clips: [], repliedClips: clips })
  return true
}
