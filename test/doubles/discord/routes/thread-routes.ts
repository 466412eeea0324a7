// Threads: opening them, and who is inside.
import {
  ChannelType,
  RESTJSONErrorCodes,
  type RESTPostAPIChannelMessagesThreadsJSONBody,
  type RESTPostAPIChannelThreadsJSONBody,
} from 'discord.js'
import { apiError, invalidField } from '../http/api-error.ts'
import { Answer, type Context, type Handlers } from '../http/context.ts'
import { startThread } from '../messages/start-thread.ts'
import { may, requireBot } from '../world/permissions.ts'
import { renderChannel, renderThreadMember } from '../world/render.ts'
import type { ChannelState } from '../world/state.ts'
import { joinThread, leaveThread, openThread } from '../world/threads.ts'
import { channelOf, messageOf } from './message-routes.ts'

const MAX_NAME_LENGTH = 100
const AUTO_ARCHIVE_MINUTES = [60, 1440, 4320, 10080]

function nameAndTime(body: { name?: string; auto_archive_duration?: number | undefined }) {
  const name = body.name ?? ''
  if (name.length < 1 || name.length > MAX_NAME_LENGTH) {
    throw invalidField('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.')
  }
  const minutes = body.auto_archive_duration
  if (minutes === undefined) return { name }
  if (!AUTO_ARCHIVE_MINUTES.includes(minutes)) {
    throw invalidField('auto_archive_duration', 'BASE_TYPE_CHOICES', 'Must be one of (60, 1440, 4320, 10080).')
  }
  return { name, autoArchiveMinutes: minutes }
}

function threadOf(context: Context): ChannelState {
  const channel = channelOf(context)
  if (channel.thread === null) throw apiError(RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType)
  return channel
}

function addMember(context: Context, userId: string): void {
  const thread = threadOf(context)
  if (thread.thread!.archived) throw apiError(RESTJSONErrorCodes.InvalidActionOnArchivedThread)
  joinThread(context.world, thread, userId)
}

/** Handlers of threads. */
export const threadRoutes = {
  'POST /channels/:channel/messages/:message/threads': (context) => {
    const { world } = context
    const parent = channelOf(context)
    const message = messageOf(context)
    requireBot(world, parent, 'CreatePublicThreads')
    const draft = nameAndTime(context.body as RESTPostAPIChannelMessagesThreadsJSONBody)
    const thread = startThread(world, { ...draft, parent, message, ownerId: world.bot.id })
    return new Answer(201, renderChannel(world, thread))
  },
  'POST /channels/:channel/threads': (context) => {
    const { world } = context
    const parent = channelOf(context)
    const body = context.body as RESTPostAPIChannelThreadsJSONBody
    // As documented for now, a thread without a message is private unless its type says otherwise.
    const isPrivate = (body.type ?? ChannelType.PrivateThread) === ChannelType.PrivateThread
    requireBot(world, parent, isPrivate ? 'CreatePrivateThreads' : 'CreatePublicThreads')
    const thread = openThread(world, { ...nameAndTime(body), parent, isPrivate, ownerId: world.bot.id })
    return new Answer(201, renderChannel(world, thread))
  },
  'GET /channels/:channel/threads/archived/public': (context) => {
    const { world } = context
    const parent = channelOf(context)
    requireBot(world, parent, 'ReadMessageHistory')
    const threads = [...world.channels.values()].filter(
      ({ parentId, type, thread }) => parentId === parent.id && type === ChannelType.PublicThread && thread!.archived,
    )
    const joined = threads.filter(({ thread }) => thread!.memberIds.has(world.bot.id))
    return {
      threads: threads.map((one) => renderChannel(world, one)),
      members: joined.map((one) => renderThreadMember(world, one, world.bot.id)),
      has_more: false,
    }
  },
  'GET /channels/:channel/thread-members': (context) => {
    const thread = threadOf(context)
    if (!context.world.privileged.guildMembers) throw apiError(RESTJSONErrorCodes.MissingAccess)
    return [...thread.thread!.memberIds].map((id) => renderThreadMember(context.world, thread, id))
  },
  'GET /channels/:channel/thread-members/:user': (context) => {
    const thread = threadOf(context)
    const userId = context.param('user') === '@me' ? context.world.bot.id : context.param('user')
    if (!thread.thread!.memberIds.has(userId)) throw apiError(RESTJSONErrorCodes.UnknownMember)
    return renderThreadMember(context.world, thread, userId)
  },
  'PUT /channels/:channel/thread-members/@me': (context) => addMember(context, context.world.bot.id),
  'PUT /channels/:channel/thread-members/:user': (context) => {
    requireBot(context.world, threadOf(context), 'SendMessages')
    addMember(context, context.world.user(context.param('user')).id)
  },
  'DELETE /channels/:channel/thread-members/@me': (context) => {
    leaveThread(context.world, threadOf(context), context.world.bot.id)
  },
  'DELETE /channels/:channel/thread-members/:user': (context) => {
    const thread = threadOf(context)
    if (!may(context.world, thread, context.world.bot.id, 'ManageThreads')) {
      throw apiError(RESTJSONErrorCodes.MissingPermissions)
    }
    leaveThread(context.world, thread, context.param('user'))
  },
} satisfies Partial<Handlers>
