// Slash commands and the message menu. Each is acknowledged before anything else is done.
import { InteractionWebhook, type Message, MessageFlags } from 'discord.js'
import type { Request } from '../../src/conversation/message.ts'
import { lateness, type OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { LANGUAGES } from '../../src/conversation/texts/locale.ts'
import type { CommandName, Texts } from '../../src/conversation/texts/texts.ts'
import { answer, refuse, type Started, say } from './answer.ts'
import { type BotContext, remember } from './bot-context.ts'
import { SLASH_COMMAND } from './commands.ts'
import { failureFields } from './failures.ts'
import { InteractionTarget } from './interaction-target.ts'
import { takeMessageLinks } from './message-links.ts'
import { findNewestClips } from './newest-clip.ts'
import type { FoundClip } from './parse-clips.ts'
import { isSendable, mayAttach, missingToAnswer } from './permissions.ts'
import { PLATFORM, type Place, personalPlace, sharedPlace } from './places.ts'
import { clipsOfLinkedPost, clipsOfRepliedPost, fetchPost } from './referenced-clips.ts'
import { ChannelTarget, NO_MENTIONS } from './reply-target.ts'
import { openThread, wantsThread } from './threads.ts'
import { type Command, type CommandWish, type Wisher, type WrittenWish, wisherOf } from './written-wish.ts'

/** What a command asks about. */
interface Asked {
  readonly text: string
  /** Null when one of them may not be seen. */
  readonly clips: readonly FoundClip[] | null
}

/** Helps the person alone. @returns false for what is no wish for help */
export async function takeHelp(context: BotContext, interaction: Command): Promise<boolean> {
  if (!interaction.isChatInputCommand() || interaction.options.getSubcommand() !== 'help') return false
  const content = helpText(textsOf(context, wisherOf(interaction)))
  await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: NO_MENTIONS })
  return true
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
 * @param question the same in the ledger; settled when the answer stands
 * @returns the answer on its way, which has joined its thread's line
 */
export async function handleCommand(
  context: BotContext,
  wish: WrittenWish<CommandWish>,
  question: OpenQuestion,
): Promise<Started> {
  const { conversation } = context
  const { wanted } = wish
  const { place, thread } = await findPlace(context, wish, question)
  const request = { ...requestOf(wish, place), ...lateness(question) }
  const target = targetOf(context, wish, question)
  if (wanted.kind === 'command' && (wanted.name === 'reset' || wanted.name === 'forget')) {
    const done = wanted.name === 'reset' ? conversation.reset(request) : conversation.forget(request)
    return { work: say(context, { target, question }, done) }
  }
  const { text, clips } = await readWish(context, wish, place)
  const message = { ...request, text, clips: remember(context, clips ?? []) }
  const answered = answer(context, {
    request,
    question,
    sourceId: wish.interactionId,
    userId: wish.userId,
    target,
    ask: (signal) =>
      clips === null ? refuse(conversation.texts(request).errors.CLIP_MISSING) : conversation.ask(message, signal),
  })
  const work = answered.then(async (reply) => {
    if (thread === null || reply?.kind !== 'answer') return
    const name = text === '' ? (clips?.[0]?.clip.name ?? '') : text
    await openThread(thread, { name, userId: wish.userId }, context.logger)
  })
  return { work }
}

/** A request of somebody who used a command or a button. */
export function requestOf({ interactionId, userId, guildId, locale }: Wisher, place: Place): Request {
  return {
    id: `${PLATFORM}:${interactionId}`,
    ...place,
    userId: `${PLATFORM}:${userId}`,
    ...(guildId === null ? {} : { groupId: `${PLATFORM}:${guildId}` }),
    locale,
  }
}

/** The texts in the language of somebody, whatever conversation it belongs to. */
export function textsOf({ conversation }: BotContext, wisher: Wisher): Texts {
  return conversation.texts(requestOf(wisher, personalPlace(wisher.channelId, wisher.userId)))
}

/** The answer to an interaction; after 15 minutes the channel, where the bot may post in it. */
export function targetOf({ client }: BotContext, wish: WrittenWish, { replies }: OpenQuestion): InteractionTarget {
  const { channelId, interactionId, token, mayAttach: mayAttachByToken } = wish
  const channel = client.channels.cache.get(channelId) ?? null
  const options = { client, token, mayAttach: mayAttachByToken, postedIds: replies }
  if (!isSendable(channel) || missingToAnswer(channel).length > 0) {
    return new InteractionTarget({ ...options, channel: null })
  }
  const inChannel = { channel, sourceId: interactionId, mayAttach: mayAttach(channel), postedIds: replies }
  return new InteractionTarget({ ...options, channel: new ChannelTarget(inChannel) })
}

/**
 * The conversation of a command: the thread or direct channel it is used in; in a channel a new one, in the thread that the
 * answer will begin.
 * @returns `thread` is the answer, when a thread is to be opened from it
 */
async function findPlace(
  context: BotContext,
  wish: WrittenWish<CommandWish>,
  { replies }: OpenQuestion,
): Promise<{ place: Place; thread: Message | null }> {
  const { channelId, userId, isDirect, wanted, token } = wish
  const { client, settings, logger } = context
  const channel = client.channels.cache.get(channelId)
  if (channel?.isThread()) return { place: sharedPlace(channelId, channel.parentId), thread: null }
  if (isDirect) return { place: sharedPlace(channelId), thread: null }
  const place = personalPlace(channelId, userId)
  const asks = wanted.kind === 'menu' || ['ask', 'describe'].includes(wanted.name)
  if (channel === undefined || !asks) return { place, thread: null }
  try {
    const reply = await new InteractionWebhook(client, client.application.id, token).fetchMessage('@original')
    // The thread of a post has the post's id, also before it is opened.
    if (wantsThread(reply, settings)) return { place: sharedPlace(reply.id, channelId), thread: reply }
  } catch (error) {
    logger.info({ interaction: wish.interactionId, ...failureFields(error) }, 'no thread will be opened')
    // The answer of an earlier try: its thread is the same, whether it was opened or not.
    const reply = await fetchPost(client, channelId, replies[0])
    if (reply !== null && wantsThread(reply, settings))
      return { place: sharedPlace(reply.id, channelId), thread: reply }
  }
  return { place, thread: null }
}

async function readWish(context: BotContext, wish: WrittenWish<CommandWish>, place: Place): Promise<Asked> {
  const { client, clipHosts, conversation } = context
  const { wanted, channelId, userId } = wish
  if (wanted.kind === 'menu') {
    const answered = await fetchPost(client, channelId, wanted.answerId)
    return { text: '', clips: answered === null ? wanted.clips : await clipsOfRepliedPost(answered, clipHosts) }
  }
  const { links, text } = takeMessageLinks(wanted.question)
  const linked = await Promise.all(links.map((link) => clipsOfLinkedPost(client, link, userId, clipHosts)))
  if (linked.includes(null)) return { text, clips: null }
  const named = [...linked.flatMap((clips) => clips ?? []), ...wanted.clips]
  if (named.length > 0) return { text, clips: named }
  if (await conversation.isKnown(place.threadId)) return { text: text === '' ? DESCRIBE : text, clips: [] }
  return { text, clips: await findNewestClips(client, channelId, userId, clipHosts) }
}

/** The model is spoken to in English; what the person reads is in their language. */
const DESCRIBE = LANGUAGES.en.suggestions[0] ?? 'Describe this clip.'
