// A post that is meant for the bot becomes a question: its words, its clips, those it points at, and the thread it belongs to.
import type { Message, SendableChannels } from 'discord.js'
import type { IncomingMessage } from '../../src/conversation/message.ts'
import { lateness, type OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { isWelcome } from './access.ts'
import { type Address, wordsOf } from './addressed.ts'
import { answer, refuse, type Started } from './answer.ts'
import { type BotContext, remember } from './bot-context.ts'
import { failureFields } from './failures.ts'
import { takeMessageLinks } from './message-links.ts'
import { contentOfMessage, type FoundClip, findClips } from './parse-clips.ts'
import { isSendable, mayAttach, mayReply, missingToAnswer } from './permissions.ts'
import { PLATFORM, type Place, personalPlace, sharedPlace } from './places.ts'
import { clipsOfLinkedPost, clipsOfRepliedPost } from './referenced-clips.ts'
import { ChannelTarget } from './reply-target.ts'
import { isOpenedForConversation, openThread, wantsThread } from './threads.ts'
import { mayUnfold, waitForEmbeds } from './unfolded-links.ts'

/**
 * Asks the question of a post.
 * @param question the same in the ledger; settled when the answer stands
 * @returns the answer on its way, which has joined its thread's line; null when the post is not to be answered
 */
export async function handleMessage(
  context: BotContext,
  posted: Message,
  address: Address,
  question: OpenQuestion,
): Promise<Started | null> {
  if (!(await isToBeAnswered(context, posted, address))) return null
  await noteSpokenTo(context, posted)
  const wordsBefore = takeMessageLinks(wordsOf(posted))
  const waits = mayUnfold(posted) && /https?:\/\//.test(wordsBefore.text)
  const message = waits ? await waitForEmbeds(context.client, posted) : posted
  const { links, text } = waits ? takeMessageLinks(wordsOf(message)) : wordsBefore
  const own = findClips(contentOfMessage(message), context.clipHosts)
  const pointedAt = await findPointedAt(context, message, links)

  const where = await findPlace(context, message, text === '' ? (own[0]?.clip.name ?? '') : text)
  const { channel, place, replyToId } = where
  const missing = missingToAnswer(channel)
  if (missing.length > 0) {
    context.logger.warn(
      { message: message.id, channel: channel.id, missing },
      'a question cannot be answered: permissions are missing',
    )
    return null
  }
  const locale = context.locales.of(message)
  const incoming: IncomingMessage = {
    id: `${PLATFORM}:${message.id}`,
    ...place,
    userId: `${PLATFORM}:${message.author.id}`,
    ...(message.guildId === null ? {} : { groupId: `${PLATFORM}:${message.guildId}` }),
    ...(locale === undefined ? {} : { locale }),
    ...lateness(question),
    text,
    clips: remember(context, own),
    repliedClips: remember(context, pointedAt ?? []),
  }
  const sourceId = message.id
  const target = new ChannelTarget({
    channel,
    sourceId,
    mayAttach: mayAttach(channel),
    postedIds: question.replies,
    ...(replyToId === undefined ? {} : { replyToId }),
  })
  const hidden = context.conversation.texts(incoming).errors.CLIP_MISSING
  const work = answer(context, {
    request: incoming,
    question,
    sourceId,
    userId: message.author.id,
    target,
    ask: (signal) => (pointedAt === null ? refuse(hidden) : context.conversation.ask(incoming, signal)),
  })
  return { work }
}

/** The channel of a post that will be answered, as far as that is known at once; null when it is not. */
export function channelToAnswer(context: BotContext, message: Message, address: Address): SendableChannels | null {
  const { channel } = message
  const isSure = address !== 'thread' && isSendable(channel) && isByWelcome(context, message)
  return isSure && missingToAnswer(channel).length === 0 ? channel : null
}

/** True when the operator's lists let its author in. */
function isByWelcome({ settings }: BotContext, { channel, author, member, guildId }: Message): boolean {
  const parentId = channel.isThread() ? channel.parentId : null
  const roleIds = [...(member?.roles.cache.keys() ?? [])]
  const channelIds = parentId === null ? [channel.id] : [channel.id, parentId]
  return isWelcome(settings, { userId: author.id, roleIds, guildId, channelIds })
}

async function isToBeAnswered(context: BotContext, message: Message, address: Address): Promise<boolean> {
  const { channel } = message
  if (!isByWelcome(context, message)) return false
  if (address !== 'thread') return true
  const { threadId, channelId } = sharedPlace(channel.id)
  // What is posted while the first answer comes belongs to it; the conversation is kept only when that stands.
  if (context.questions.isRunningIn(channelId) || (await context.conversation.isKnown(threadId))) return true
  return channel.isThread() && (await isOpenedForConversation(channel))
}

/** After a time without a connection such places are looked at first: lively threads among people must not take theirs. */
async function noteSpokenTo({ heard, logger }: BotContext, { channelId }: Message): Promise<void> {
  await heard.add(`${PLATFORM}:${channelId}`).catch((error: unknown) => {
    logger.warn({ channel: channelId, ...failureFields(error) }, 'it could not be noted where the bot was spoken to')
  })
}

/** @returns null when a link leads to what the person or the bot may not see, or to nothing */
async function findPointedAt(
  { client, clipHosts }: BotContext,
  message: Message,
  links: readonly { channelId: string; messageId: string }[],
): Promise<FoundClip[] | null> {
  const replied = await clipsOfRepliedPost(message, clipHosts)
  const linked = await Promise.all(links.map((link) => clipsOfLinkedPost(client, link, message.author.id, clipHosts)))
  if (linked.includes(null)) return null
  return [...replied, ...linked.flatMap((clips) => clips ?? [])]
}

interface Where {
  readonly place: Place
  readonly channel: SendableChannels
  readonly replyToId?: string
}

/** Where the conversation goes on: here in a thread or a direct channel, else in a thread of its own where that may be. */
async function findPlace({ settings, logger }: BotContext, message: Message, name: string): Promise<Where> {
  const channel = message.channel as SendableChannels
  const reply = mayReply(channel) ? { replyToId: message.id } : {}
  if (channel.isDMBased()) return { place: sharedPlace(channel.id), channel, ...reply }
  if (channel.isThread()) return { place: sharedPlace(channel.id, channel.parentId), channel, ...reply }
  if (wantsThread(message, settings)) {
    const thread = await openThread(message, { name, userId: message.author.id }, logger)
    if (thread !== null && isSendable(thread)) return { place: sharedPlace(thread.id, channel.id), channel: thread }
  }
  return { place: personalPlace(channel.id, message.author.id), channel, ...reply }
}
