// The slash command: a question about a linked clip or the newest of the channel; without any, the modal.
import { setTimeout as sleep } from 'node:timers/promises'
import type { App, RespondFn } from '@slack/bolt'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { moderationTextsFor } from '../../src/moderation/texts/locale.ts'
import { clipsOfLinks, newestOfChannel } from './find-clips.ts'
import { helpText, moderationHelp } from './help-text.ts'
import { LOOK_BEFORE_MODAL_MS } from './limits.ts'
import { clipModal } from './modal.ts'
import { type TypedCommand, takeModerationCommand } from './moderation/command.ts'
import { isMember, openPlace } from './open-place.ts'
import { type CommandWish, takeWish, type WrittenWish } from './open-wishes.ts'
import { type ParsedText, parseText } from './parse-text.ts'
import { isDirect, type Place, threadIdOf } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Asker, Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** A slash command of somebody. */
interface Command {
  readonly workspace: Workspace
  readonly wish: WrittenWish<CommandWish>
  readonly channel: string
  readonly userId: string
  readonly text: ParsedText
  readonly question: OpenQuestion
  /** Says something to the person alone; null after a crash, when the address for it is worth nothing any more. */
  readonly respond: RespondFn | null
}

/** Listens to the slash command. */
export function takeCommands(app: App, talk: Talk): void {
  app.command(talk.options.command, async ({ ack, command, context, respond }) => {
    const { channel_id: channel, user_id: userId, user_name: userName, trigger_id: id, text = '' } = command
    const workspace = talk.options.workspaces.of(context, command.team_id)
    if (workspace === null) return await ack()
    const { teamId } = workspace
    const wanted: CommandWish = { kind: 'command', text }
    const wish = { teamId, channel, userId, userName, id, wanted }
    await takeWish(talk, wish, `trigger:${id}`, ack, async (question) => {
      if (await takeModerationCommand(talk, typed(workspace, wish, question, respond))) return false
      return await obey(talk, commandOf(workspace, wish, question, respond))
    })
  })
}

/** Obeys a command again that a crash has cut short. @returns true when a question is on its way */
export async function obeyAgain(
  talk: Talk,
  workspace: Workspace,
  wish: WrittenWish<CommandWish>,
  question: OpenQuestion,
): Promise<boolean> {
  if (await takeModerationCommand(talk, typed(workspace, wish, question, null))) return false
  return await obey(talk, commandOf(workspace, wish, question, null))
}

/** The command as moderation reads it. */
function typed(
  workspace: Workspace,
  { channel = '', userId, wanted }: WrittenWish<CommandWish>,
  { id: requestId, isGivenUp = false }: OpenQuestion,
  respond: RespondFn | null,
): TypedCommand {
  return { workspace, channel, userId, rawText: wanted.text, requestId, isGivenUp, respond }
}

function commandOf(
  workspace: Workspace,
  wish: WrittenWish<CommandWish>,
  question: OpenQuestion,
  respond: RespondFn | null,
): Command {
  const { channel = '', userId, wanted } = wish
  return { workspace, wish, channel, userId, text: parseText(wanted.text, workspace.botUserId), question, respond }
}

/** @returns true when a question is on its way */
async function obey(talk: Talk, command: Command): Promise<boolean> {
  const { workspace, channel, userId, text, wish } = command
  if (!(await isWelcome(talk, command))) return await tell(talk, command, (texts) => texts.notWelcome)
  const words = text.words.toLowerCase()
  const place: Place = { teamId: workspace.teamId, channel, threadTs: undefined }
  const isConversation = isDirect(channel)
  if (words === 'reset' || words === 'forget') {
    // In channels conversations are in threads, where Slack offers no commands; the help says what to write there.
    if (!isConversation) return await help(talk, command)
    await talk.clear({ workspace, place, userId, id: wish.id }, words)
    return false
  }
  if (words === 'help') return await help(talk, command)
  if (words === '' && text.permalinks.length === 0) return await openModal(talk, command, '')
  const question = words === 'describe' ? '' : text.words
  const clips = await clipsInTime(talk, command, place)
  if (clips === null) return await tell(talk, command, (texts) => texts.errors.CLIP_MISSING)
  if (clips.length === 0 && command.respond !== null) {
    const goesOn = isConversation && (await talk.options.conversation.isKnown(threadIdOf(place)))
    if (!goesOn) return await openModal(talk, command, question)
  }
  return await ask(talk, command, question, clips)
}

/** Where Valley is not in the channel, the answer is a direct message, which the operator may not want. */
async function isWelcome(talk: Talk, { workspace, channel, userId }: Command): Promise<boolean> {
  if (!talk.isWelcome({ workspace, userId }, channel)) return false
  return talk.options.access.directMessages || (await isMember(workspace, channel))
}

async function ask(
  talk: Talk,
  { workspace, wish, channel, userId, question, respond }: Command,
  text: string,
  clips: readonly IncomingClip[],
): Promise<boolean> {
  const { userName, id } = wish
  const isAgain = respond === null
  const place = await openPlace(talk, workspace, {
    channel,
    userId,
    userName,
    text,
    clips,
    question,
    isAgain,
  })
  if (place === null) return false
  const asker: Asker = { workspace, place, userId, id, question }
  await talk.ask(asker, { text, clips: [], repliedClips: clips })
  return true
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

/** @returns false: nothing is asked yet */
async function openModal(talk: Talk, command: Command, question: string): Promise<false> {
  const { workspace, channel, wish, respond } = command
  if (respond === null) return false
  const texts = await textsOf(talk, command)
  try {
    await workspace.hastyClient.views.open({ trigger_id: wish.id, view: clipModal(texts, channel, question) })
  } catch (error) {
    talk.options.logger.warn({ channel, reason: describeError(error) }, 'modal not opened')
    await talk.tell(respond, texts.clipWanted)
  }
  return false
}

async function help(talk: Talk, command: Command): Promise<false> {
  const { command: name, moderation } = talk.options
  const locale = await command.workspace.localeOf(command.userId)
  const ofModerators = moderation.desk === null ? [] : moderationHelp(moderationTextsFor(locale), name)
  return await tell(talk, command, (texts) => [helpText(texts, name), ...ofModerators].join('\n'))
}

/** Says something to the person alone. @returns false: nothing is asked */
async function tell(talk: Talk, command: Command, sentence: (texts: Texts) => string): Promise<false> {
  if (command.respond !== null) await talk.tell(command.respond, sentence(await textsOf(talk, command)))
  return false
}

async function textsOf(talk: Talk, { workspace, channel, userId }: Command): Promise<Texts> {
  return await talk.textsFor({ workspace, place: { teamId: workspace.teamId, channel, threadTs: undefined }, userId })
}
