// Threads: how they begin, who is in them, and that they wake when somebody writes.
// https://discord.com/developers/docs/topics/threads
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits, RESTJSONErrorCodes } from 'discord.js'
import { apiError } from '../http/api-error.ts'
import { renderChannel, renderMember, renderThreadMember } from './render.ts'
import type { ChannelState, MessageState } from './state.ts'
import type { World } from './world.ts'

const TEXT_TYPES: readonly ChannelType[] = [ChannelType.GuildText, ChannelType.GuildAnnouncement]
const FORUM_TYPES: readonly ChannelType[] = [ChannelType.GuildForum, ChannelType.GuildMedia]

/** How long a thread stays in the channel list when nothing else is said: a day. */
export const DEFAULT_AUTO_ARCHIVE_MINUTES = 1440

/** A thread to be opened. */
export interface ThreadDraft {
  readonly parent: ChannelState
  readonly name: string
  readonly ownerId: string
  /** The message it starts from; the thread takes its id. */
  readonly message?: MessageState
  readonly isPrivate?: boolean
  /** True for a post of a forum, whose first message comes with it. */
  readonly isForumPost?: boolean
  readonly autoArchiveMinutes?: number
}

/**
 * Opens a thread and puts its owner into it.
 * @throws ApiError 50024 in a channel that has no threads, 160004 when the message has one
 */
export function openThread(world: World, draft: ThreadDraft): ChannelState {
  const { parent } = draft
  const fitting = draft.isForumPost ? FORUM_TYPES : TEXT_TYPES
  if (!fitting.includes(parent.type)) throw apiError(RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType)
  const id = draft.message?.id ?? world.ids.next()
  if (world.channels.has(id)) throw apiError(RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage)
  const publicType =
    parent.type === ChannelType.GuildAnnouncement ? ChannelType.AnnouncementThread : ChannelType.PublicThread
  const thread: ChannelState = {
    id,
    type: draft.isPrivate ? ChannelType.PrivateThread : publicType,
    guildId: parent.guildId,
    name: draft.name,
    parentId: parent.id,
    overwrites: [],
    recipientIds: [],
    thread: {
      ownerId: draft.ownerId,
      archived: false,
      locked: false,
      autoArchiveMinutes: draft.autoArchiveMinutes ?? DEFAULT_AUTO_ARCHIVE_MINUTES,
      archiveChangedMs: world.clock.now(),
      memberIds: new Set([draft.ownerId]),
      messageCount: 0,
    },
    lastMessageId: null,
  }
  world.channels.set(id, thread)
  // As documented, the last message of a forum is its newest post.
  if (draft.isForumPost) parent.lastMessageId = id
  announceThread(world, thread, GatewayDispatchEvents.ThreadCreate, { newly_created: true })
  announceMembers(world, thread, [draft.ownerId], [])
  return thread
}

/**
 * Holds a post or an edit back from a thread that takes none.
 * @throws ApiError 160005 when it is locked, 50083 when it is archived and writing would not wake it
 */
export function requireOpenThread(channel: ChannelState, isPost: boolean): void {
  const { thread } = channel
  if (thread === null) return
  if (thread.archived && (thread.locked || !isPost)) throw apiError(RESTJSONErrorCodes.InvalidActionOnArchivedThread)
  if (thread.locked) throw apiError(RESTJSONErrorCodes.ThreadLocked)
}

/** Puts somebody into a thread; who is there already stays. A bot that is added gets the thread itself. */
export function joinThread(world: World, channel: ChannelState, userId: string): void {
  const members = channel.thread!.memberIds
  if (members.has(userId)) return
  members.add(userId)
  if (userId === world.bot.id) announceThread(world, channel, GatewayDispatchEvents.ThreadCreate, {})
  announceMembers(world, channel, [userId], [])
}

/** Takes somebody out of a thread. */
export function leaveThread(world: World, channel: ChannelState, userId: string): void {
  if (channel.thread!.memberIds.delete(userId)) announceMembers(world, channel, [], [userId])
}

/** Makes an archived thread active, as writing in it does. */
export function wakeThread(world: World, channel: ChannelState): void {
  if (channel.thread!.archived) changeThread(world, channel, { archived: false })
}

/** Changes a thread and tells the gateway. */
export function changeThread(
  world: World,
  channel: ChannelState,
  change: { name?: string; archived?: boolean; locked?: boolean; autoArchiveMinutes?: number },
): void {
  const thread = channel.thread!
  if (change.archived !== undefined && change.archived !== thread.archived) {
    thread.archived = change.archived
    thread.archiveChangedMs = world.clock.now()
  }
  channel.name = change.name ?? channel.name
  thread.locked = change.locked ?? thread.locked
  thread.autoArchiveMinutes = change.autoArchiveMinutes ?? thread.autoArchiveMinutes
  announceThread(world, channel, GatewayDispatchEvents.ThreadUpdate, {})
}

/** Deletes a thread with all that is in it. */
export function deleteThread(world: World, channel: ChannelState): void {
  const { id, guildId, parentId, type } = channel
  world.dispatch({
    event: GatewayDispatchEvents.ThreadDelete,
    intents: GatewayIntentBits.Guilds,
    guildId,
    channelId: id,
    render: () => ({ id, guild_id: guildId, parent_id: parentId, type }),
  })
  for (const message of world.messagesOf(id)) world.removeMessage(message.id)
  world.channels.delete(id)
}

function announceThread(
  world: World,
  channel: ChannelState,
  event: GatewayDispatchEvents.ThreadCreate | GatewayDispatchEvents.ThreadUpdate,
  extra: object,
): void {
  const data = { ...renderChannel(world, channel), ...extra }
  world.dispatch({
    event,
    intents: GatewayIntentBits.Guilds,
    guildId: channel.guildId,
    channelId: channel.id,
    render: () => data,
  })
}

/** Without the members intent a bot hears only of itself. */
function announceMembers(world: World, channel: ChannelState, added: string[], removed: string[]): void {
  const guild = world.guildOf(channel)!
  const isAboutBot = [...added, ...removed].includes(world.bot.id)
  const data = {
    id: channel.id,
    guild_id: guild.id,
    member_count: channel.thread!.memberIds.size,
    added_members: added.map((userId) => {
      const member = guild.members.get(userId)
      const known = member === undefined ? {} : { member: renderMember(member), presence: null }
      return { ...renderThreadMember(world, channel, userId), ...known }
    }),
    removed_member_ids: removed,
  }
  world.dispatch({
    event: GatewayDispatchEvents.ThreadMembersUpdate,
    intents: isAboutBot ? GatewayIntentBits.Guilds : GatewayIntentBits.GuildMembers,
    guildId: guild.id,
    channelId: channel.id,
    render: () => data,
  })
}
