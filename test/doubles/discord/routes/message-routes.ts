// Messages of channels: list, get, create, edit, delete.
// https://discord.com/developers/docs/resources/message
import { RESTJSONErrorCodes } from 'discord.js'
import { apiError, invalidField } from '../http/api-error.ts'
import type { Context, Handlers } from '../http/context.ts'
import { deleteMessage, editMessage } from '../messages/change-message.ts'
import { postMessage } from '../messages/post-message.ts'
import { renderMessage } from '../messages/render-message.ts'
import { may, requireBot } from '../world/permissions.ts'
import { compareSnowflakes } from '../world/snowflakes.ts'
import type { ChannelState, MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { readDraft, readEdit } from './message-body.ts'

const MAX_LISTED = 100
const DEFAULT_LISTED = 50

/** The channel of a request, which the bot must be able to view. */
export function channelOf({ world, param }: Context): ChannelState {
  const channel = world.channel(param('channel'))
  requireBot(world, channel)
  return channel
}

/** The message of a request; ephemeral ones are not in the channel. */
export function messageOf(context: Context): MessageState {
  const channel = channelOf(context)
  const message = context.world.message(channel.id, context.param('message'))
  if (message.onlyFor !== null) throw apiError(RESTJSONErrorCodes.UnknownMessage)
  return message
}

/** As REST shows a message: content by what is switched on in the developer portal, not by a session's intents. */
export function show(world: World, message: MessageState) {
  return renderMessage(world, message, world.privileged.messageContent)
}

function listMessages(context: Context): object[] {
  const { world, query } = context
  const channel = channelOf(context)
  const limit = Number(query.get('limit') ?? DEFAULT_LISTED)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LISTED) {
    throw invalidField('limit', 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.')
  }
  // As documented, without the permission nothing is refused: the list is empty.
  if (!may(world, channel, world.bot.id, 'ReadMessageHistory')) return []
  const newestFirst = world.messagesOf(channel.id).filter(({ onlyFor }) => onlyFor === null)
  newestFirst.sort((a, b) => compareSnowflakes(b.id, a.id))
  const after = query.get('after')
  const before = query.get('before')
  const around = query.get('around')
  if ([after, before, around].filter((one) => one !== null).length > 1) {
    throw invalidField('before', 'MUTUALLY_EXCLUSIVE', 'Only one of before, after and around may be given.')
  }
  const page = pageOf(newestFirst, { after, before, around, limit })
  return page.map((message) => show(world, message))
}

/** `after` takes the messages that follow it, not the newest ones; the answer is newest first all the same. */
function pageOf(
  newestFirst: MessageState[],
  ask: { after: string | null; before: string | null; around: string | null; limit: number },
): MessageState[] {
  const { after, before, around, limit } = ask
  if (after !== null) {
    const newer = newestFirst.filter(({ id }) => compareSnowflakes(id, after) > 0)
    return newer.slice(Math.max(0, newer.length - limit))
  }
  if (around !== null) {
    const at = newestFirst.findIndex(({ id }) => compareSnowflakes(id, around) <= 0)
    const from = Math.max(0, (at === -1 ? newestFirst.length : at) - Math.floor(limit / 2))
    return newestFirst.slice(from, from + limit)
  }
  const older = before === null ? newestFirst : newestFirst.filter(({ id }) => compareSnowflakes(id, before) < 0)
  return older.slice(0, limit)
}

function createMessage(context: Context): object {
  const { world } = context
  const channel = channelOf(context)
  const recipient = channel.recipientIds[0]
  if (recipient !== undefined && world.people.get(recipient)?.refusesDms) {
    throw apiError(RESTJSONErrorCodes.CannotSendMessagesToThisUser)
  }
  requireBot(world, channel, 'SendMessages')
  const draft = readDraft(world, channel.id, context)
  if (draft.attachments!.length > 0) requireBot(world, channel, 'AttachFiles')
  if (draft.replyTo !== undefined && !may(world, channel, world.bot.id, 'ReadMessageHistory')) {
    throw apiError(RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory)
  }
  // Without EmbedLinks a message is posted without its embeds.
  const embeds = may(world, channel, world.bot.id, 'EmbedLinks') ? draft.embeds : []
  const complete = { ...draft, ...(embeds === undefined ? {} : { embeds }) }
  return show(world, postMessage(world, { ...complete, channel, authorId: world.bot.id }))
}

/** Handlers of messages. */
export const messageRoutes = {
  'GET /channels/:channel/messages': listMessages,
  'POST /channels/:channel/messages': createMessage,
  'GET /channels/:channel/messages/:message': (context) => {
    const message = messageOf(context)
    requireBot(context.world, channelOf(context), 'ReadMessageHistory')
    return show(context.world, message)
  },
  'PATCH /channels/:channel/messages/:message': (context) => {
    const { world } = context
    const message = messageOf(context)
    if (message.authorId !== world.bot.id) throw apiError(RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser)
    editMessage(world, message, readEdit(world, message, context))
    return show(world, message)
  },
  'DELETE /channels/:channel/messages/:message': (context) => {
    const { world } = context
    const message = messageOf(context)
    if (message.authorId !== world.bot.id) requireBot(world, channelOf(context), 'ManageMessages')
    deleteMessage(world, message)
  },
} satisfies Partial<Handlers>
