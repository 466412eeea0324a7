// Slash commands and the message menu. Each is acknowledged before anything else is done.
import {
  type ChatInputCommandInteraction,
  InteractionContextType,
  type Message,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
} from 'discord.js'
import type { Request } from '../../src/conversation/message.ts'
import { LANGUAGES } from '../../src/conversation/texts/locale.ts'
import type { CommandName, Texts } from '../../src/conversation/texts/texts.ts'
import { answer, refuse, type Started } from './answer.ts'
import { type BotContext, remember } from './bot-context.ts'
import { SLASH_COMMAND } from './commands.ts'
import { failureFields } from './failures.ts'
import { type AnswerableInteraction, InteractionTarget } from './interaction-target.ts'
import { takeMessageLinks } from './message-links.ts'
import { findNewestClips } from './newest-clip.ts'
import { clipOfFile, contentOfMessage, type FoundClip, findClips } from './parse-clips.ts'
import { isSendable, mayAttach, missingToAnswer } from './permissions.ts'
import { PLATFORM, type Place, personalPlace, sharedPlace } from './places.ts'
import { clipsOfLinkedPost, clipsOfRepliedPost } from './referenced-clips.ts'
import { ChannelTarget, NO_MENTIONS } from './reply-target.ts'
import { openThread, wantsThread } from './threads.ts'

/** A command of a person. */
export type Command = ChatInputCommandInteraction | MessageContextMenuCommandInteraction

/** What a command asks about. */
interface Wish {
  readonly text: string
  /** Null when one of them may not be seen. */
  readonly clips: readonly FoundClip[] | null
}

/**
 * Acknowledges a command.
 * @returns true when it is done with that: help is for the person alone
 */
export async function acknowledgeCommand(context: BotContext, interaction: Command): Promise<boolean> {
  if (interaction.isChatInputCommand() && interaction.options.getSubcommand() === 'help') {
    const content = helpText(textsOf(context, interaction))
    await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
    return true
  }
  await interaction.deferReply()
  return false
}

/** Says what the bot can do. */
export function helpText(texts: Texts): string {
  const names = Object.keys(texts.commands) as CommandName[]
  return [
    texts.helpIntroduction,
    ...names.map((name) => `- \`/${SLASH_COMMAND} ${name}\` ${texts.commands[name]}`),
    `- **${texts.describeClip}** (⋯)`,
  ].join('\n')
}

/**
 * Does what an acknowledged command wants.
 * @returns the answer on its way, which has joined its thread's line
 */
export async function handleCommand(context: BotContext, interaction: Command): Promise<Started> {
  const { conversation } = context
  const { place, thread } = await findPlace(context, interaction)
  const request = requestOf(interaction, place)
  const name = interaction.isChatInputCommand() ? interaction.options.getSubcommand() : 'describe'
  if (name === 'reset' || name === 'forget') {
    const done = name === 'reset' ? conversation.reset(request) : conversation.forget(request)
    return { work: done.then((content) => interaction.editReply({ content, allowedMentions: NO_MENTIONS })) }
  }
  const { text, clips } = interaction.isChatInputCommand()
    ? await readOptions(context, interaction, place)
    : { text: '', clips: await clipsOfTarget(context, interaction.targetMessage) }
  const question = { ...request, text, clips: remember(context, clips ?? []) }
  const answered = answer(context, {
    request,
    sourceId: interaction.id,
    userId: interaction.user.id,
    target: targetOf(context, interaction),
    ask: (signal) =>
      clips === null ? refuse(conversation.texts(request).errors.CLIP_MISSING) : conversation.ask(question, signal),
  })
  const work = answered.then(async (reply) => {
    if (thread === null || reply?.kind !== 'answer') return
    const name = text === '' ? (clips?.[0]?.clip.name ?? '') : text
    await openThread(thread, { name, userId: interaction.user.id }, context.logger)
  })
  return { work }
}

/** A request of an interaction. */
export function requestOf(interaction: AnswerableInteraction, place: Place): Request {
  return {
    id: `${PLATFORM}:${interaction.id}`,
    ...place,
    userId: `${PLATFORM}:${interaction.user.id}`,
    ...(interaction.guildId === null ? {} : { groupId: `${PLATFORM}:${interaction.guildId}` }),
    locale: interaction.locale,
  }
}

/** The texts in the language of an interaction, whatever conversation it belongs to. */
export function textsOf({ conversation }: BotContext, interaction: AnswerableInteraction): Texts {
  return conversation.texts(requestOf(interaction, personalPlace(interaction.channelId, interaction.user.id)))
}

/** The answer to an interaction; after 15 minutes the channel, where the bot may post in it. */
export function targetOf({ client }: BotContext, interaction: AnswerableInteraction): InteractionTarget {
  const channel = client.channels.cache.get(interaction.channelId) ?? null
  if (!isSendable(channel) || missingToAnswer(channel).length > 0) return new InteractionTarget(interaction, null)
  const options = { channel, sourceId: interaction.id, mayAttach: mayAttach(channel) }
  return new InteractionTarget(interaction, new ChannelTarget(options))
}

/**
 * The conversation of a command: the thread or direct channel it is used in; in a channel a new one, in the thread that the
 * answer will begin.
 * @returns `thread` is the answer, when a thread is to be opened from it
 */
async function findPlace(context: BotContext, interaction: Command): Promise<{ place: Place; thread: Message | null }> {
  const { channelId, user } = interaction
  const channel = context.client.channels.cache.get(channelId)
  if (channel?.isThread()) return { place: sharedPlace(channelId, channel.parentId), thread: null }
  if (interaction.context === InteractionContextType.BotDM) return { place: sharedPlace(channelId), thread: null }
  const place = personalPlace(channelId, user.id)
  const asks = !interaction.isChatInputCommand() || ['ask', 'describe'].includes(interaction.options.getSubcommand())
  if (channel === undefined || !asks) return { place, thread: null }
  try {
    const reply = await interaction.fetchReply()
    // The thread of a post has the post's id, also before it is opened.
    if (wantsThread(reply, context.settings)) return { place: sharedPlace(reply.id, channelId), thread: reply }
  } catch (error) {
    context.logger.info({ interaction: interaction.id, ...failureFields(error) }, 'no thread will be opened')
  }
  return { place, thread: null }
}

async function readOptions(context: BotContext, interaction: ChatInputCommandInteraction, place: Place): Promise<Wish> {
  const { client, clipHosts, conversation } = context
  const file = interaction.options.getAttachment('clip')
  const { links, text } = takeMessageLinks(interaction.options.getString('question') ?? '')
  const own = file === null ? [] : [clipOfFile(file, `option/${interaction.id}`)]
  const linked = await Promise.all(links.map((link) => clipsOfLinkedPost(client, link, interaction.user.id, clipHosts)))
  if (linked.includes(null)) return { text, clips: null }
  const named = [...linked.flatMap((clips) => clips ?? []), ...own]
  if (named.length > 0) return { text, clips: named }
  if (await conversation.isKnown(place.threadId)) return { text: text === '' ? DESCRIBE : text, clips: [] }
  return { text, clips: await findNewestClips(client, interaction.channelId, interaction.user.id, clipHosts) }
}

/** The model is spoken to in English; what the person reads is in their language. */
const DESCRIBE = LANGUAGES.en.suggestions[0] ?? 'Describe this clip.'

/** An answer of the bot stands for the post that it answered. */
async function clipsOfTarget({ client, clipHosts }: BotContext, target: Message): Promise<FoundClip[]> {
  if (target.author.id === client.user.id) return clipsOfRepliedPost(target, clipHosts)
  return findClips(contentOfMessage(target), clipHosts)
}
