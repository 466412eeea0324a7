// The slash command: a question about a linked clip or the newest of the channel; without any, the modal.
import { setTimeout as sleep } from 'node:timers/promises'
import type { App, RespondFn } from '@slack/bolt'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { moderationTextsFor } from '../../src/moderation/texts/locale.ts'
import { clipsOfLinks, newestOfChannel } from './find-clips.ts'
import { helpText, moderationHelp } from './help-text.ts'
import { LOOK_BEFORE_MODAL_MS } from './limits.ts'
import { clipModal } from './modal.ts'
import { takeModerationCommand } from './moderation/command.ts'
import { isMember, openPlace } from './open-place.ts'
import { type ParsedText, parseText } from './parse-text.ts'
import { isDirect, type Place, threadIdOf } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Asker, Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** A slash command of somebody. */
interface Command {
  readonly workspace: Workspace
  readonly channel: string
  readonly userId: string
  readonly userName: string
  readonly triggerId: string
  readonly text: ParsedText
  readonly respond: RespondFn
}

/** Listens to the slash command. */
export function takeCommands(app: App, talk: Talk): void {
  app.command(talk.options.command, async ({ ack, command, context, respond }) => {
    await ack()
    const workspace = talk.options.workspaces.of(context, command.team_id)
    if (workspace === null || !(await talk.claim(`trigger:${command.trigger_id}`))) return
    const { channel_id: channel, user_id: userId, text: rawText = '' } = command
    if (await takeModerationCommand(talk, { workspace, channel, userId, rawText, respond })) return
    await obey(talk, {
      workspace,
      channel,
      userId,
      userName: command.user_name,
      triggerId: command.trigger_id,
      text: parseText(rawText, workspace.botUserId),
      respond,
    })
  })
}

async function obey(talk: Talk, command: Command): Promise<void> {
  const { workspace, channel, userId, text, respond } = command
  if (!(await isWelcome(talk, command))) return await talk.tell(respond, (await textsOf(talk, command)).notWelcome)
  const words = text.words.toLowerCase()
  const place: Place = { teamId: workspace.teamId, channel, threadTs: undefined }
  const isConversation = isDirect(channel)
  if (words === 'reset' || words === 'forget') {
    // In channels conversations are in threads, where Slack offers no commands; the help says what to write there.
    if (isConversation) return await talk.clear({ workspace, place, userId, id: command.triggerId }, words)
    return await help(talk, command)
  }
  if (words === 'help') return await help(talk, command)
  if (words === '' && text.permalinks.length === 0) return await openModal(talk, command, '')
  const question = words === 'describe' ? '' : text.words
  const clips = await clipsInTime(talk, command, place)
  if (clips === null) return await talk.tell(respond, (await textsOf(talk, command)).errors.CLIP_MISSING)
  if (clips.length === 0) {
    const goesOn = isConversation && (await talk.options.conversation.isKnown(threadIdOf(place)))
    if (!goesOn) return await openModal(talk, command, question)
  }
  await ask(talk, command, question, clips)
}

/** Where Valley is not in the channel, the answer is a direct message, which the operator may not want. */
async function isWelcome(talk: Talk, { workspace, channel, userId }: Command): Promise<boolean> {
  if (!talk.isWelcome({ workspace, userId }, channel)) return false
  return talk.options.access.directMessages || (await isMember(workspace, channel))
}

async function ask(talk: Talk, command: Command, text: string, clips: readonly IncomingClip[]): Promise<void> {
  const { workspace, channel, userId, userName, triggerId } = command
  const place = await openPlace(talk, workspace, { channel, userId, userName, text, clips })
  if (place === null) return
  const asker: Asker = { workspace, place, userId, id: triggerId }
  await talk.ask(asker, { text, clips: [], repliedClips: clips })
}

/**
 * Clips that the command means; none when finding them would take too long for a modal after it.
 * @returns null when a link leads to what may not be shown
 */
async function clipsInTime(talk: Talk, command: Command, place: Place): Promise<readonly IncomingClip[] | null> {
  const { workspace, channel, userId, text } = command
  const { logger } = talk.options
  const found =
    text.permalinks.length > 0
      ? clipsOfLinks(workspace, text.permalinks, place, userId, logger)
      : newestOfChannel(workspace, channel, logger)
  const inTime = new AbortController()
  const tooLate = sleep(LOOK_BEFORE_MODAL_MS, [], { signal: inTime.signal }).catch(() => [])
  const clips = await Promise.race([found, tooLate])
  inTime.abort()
  return clips
}

async function openModal(talk: Talk, command: Command, question: string): Promise<void> {
  const { workspace, channel, triggerId } = command
  const texts = await textsOf(talk, command)
  try {
    await workspace.hastyClient.views.open({ trigger_id: triggerId, view: clipModal(texts, channel, question) })
  } catch (error) {
    talk.options.logger.warn({ channel, reason: describeError(error) }, 'modal not opened')
    await talk.tell(command.respond, texts.clipWanted)
  }
}

async function help(talk: Talk, command: Command): Promise<void> {
  const texts = await textsOf(talk, command)
  const { command: name, moderation } = talk.options
  const locale = await command.workspace.localeOf(command.userId)
  const ofModerators = moderation.desk === null ? [] : moderationHelp(moderationTextsFor(locale), name)
  await talk.tell(command.respond, [helpText(texts, name), ...ofModerators].join('\n'))
}

async function textsOf(talk: Talk, { workspace, channel, userId }: Command): Promise<Texts> {
  return await talk.textsFor({ workspace, place: { teamId: workspace.teamId, channel, threadTs: undefined }, userId })
}
