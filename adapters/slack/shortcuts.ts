// Shortcuts: "Describe clip" on a post, and one that opens the modal from anywhere.
import type { App, MessageShortcut, RespondFn } from '@slack/bolt'
import { DESCRIBE_CLIP, OPEN_MODAL } from './callback-ids.ts'
import { objectIn, textIn } from './json.ts'
import { clipModal, noticeModal } from './modal.ts'
import { isMember, openPlace } from './open-place.ts'
import { clipsOfPost } from './parse-files.ts'
import { placeOf } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** Listens to shortcuts. */
export function takeShortcuts(app: App, talk: Talk): void {
  const { workspaces, logger } = talk.options
  app.shortcut({ callback_id: DESCRIBE_CLIP, type: 'message_action' }, async ({ ack, shortcut, context, respond }) => {
    await ack()
    const workspace = workspaces.of(context, shortcut.team?.id)
    if (workspace === null || !(await talk.claim(`trigger:${shortcut.trigger_id}`))) return
    await describe(talk, workspace, shortcut, respond)
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

/** Answers in the post's thread; in a direct message with the person where Valley is not in the channel. */
async function describe(
  talk: Talk,
  workspace: Workspace,
  shortcut: MessageShortcut,
  respond: RespondFn,
): Promise<void> {
  const { channel, message_ts: ts, user, trigger_id: id } = shortcut
  const message = objectIn(shortcut, 'message')
  const there = placeOf(workspace.teamId, channel.id, ts, textIn(message, 'thread_ts'))
  const person = { workspace, userId: user.id, userTeamId: user.team_id }
  const isThere = await isMember(workspace, channel.id)
  if (!talk.isWelcome(person, channel.id) || !(isThere || talk.options.access.directMessages)) {
    return await talk.tell(respond, (await talk.textsFor({ ...person, place: there })).notWelcome)
  }
  // Where Valley is not, nobody can be asked who reads along; the person alone, who sees the post, gets the answer.
  const clips = clipsOfPost(message, workspace.teamId, isThere ? channel.id : undefined)
  const question = { userId: user.id, userName: user.name, text: '', clips }
  const place = isThere ? there : await openPlace(talk, workspace, question)
  if (place === null) return
  const asker = { ...person, place, id }
  if (clips.length === 0) {
    // The wish is about this post: an older clip of the thread would be a wrong answer.
    return await talk.say(asker, (await talk.textsFor(asker)).clipWanted)
  }
  await talk.ask(asker, { text: '', clips: [], repliedClips: clips })
}
