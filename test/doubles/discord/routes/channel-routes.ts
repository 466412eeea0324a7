// Channels and typing. Threads are channels too.
import {
  ChannelType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  RESTJSONErrorCodes,
  type RESTPatchAPIChannelJSONBody,
} from 'discord.js'
import { apiError } from '../http/api-error.ts'
import type { Handlers } from '../http/context.ts'
import { may, requireBot } from '../world/permissions.ts'
import { renderChannel } from '../world/render.ts'
import { changeThread, deleteThread } from '../world/threads.ts'

/** Handlers of channels. */
export const channelRoutes = {
  'GET /channels/:channel': ({ world, param }) => {
    const channel = world.channel(param('channel'))
    requireBot(world, channel)
    return renderChannel(world, channel)
  },
  'PATCH /channels/:channel': ({ world, param, body }) => {
    const channel = world.channel(param('channel'))
    requireBot(world, channel)
    const { thread } = channel
    if (thread === null) {
      requireBot(world, channel, 'ManageChannels')
      throw apiError(RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType)
    }
    const change = body as RESTPatchAPIChannelJSONBody
    const isModerator = may(world, channel, world.bot.id, 'ManageThreads')
    const isOwner = thread.ownerId === world.bot.id
    const mustModerate = change.locked !== undefined || (thread.locked && change.archived === false)
    const onlyWakes = change.archived === false && Object.keys(change).length === 1
    const isAllowed = isModerator || (!mustModerate && (isOwner || (onlyWakes && thread.memberIds.has(world.bot.id))))
    if (!isAllowed) throw apiError(RESTJSONErrorCodes.MissingPermissions)
    if (thread.archived && change.archived !== false) throw apiError(RESTJSONErrorCodes.InvalidActionOnArchivedThread)
    changeThread(world, channel, {
      ...(change.name == null ? {} : { name: change.name }),
      ...(change.archived === undefined ? {} : { archived: change.archived }),
      ...(change.locked === undefined ? {} : { locked: change.locked }),
      ...(change.auto_archive_duration == null ? {} : { autoArchiveMinutes: change.auto_archive_duration }),
    })
    return renderChannel(world, channel)
  },
  'DELETE /channels/:channel': ({ world, param }) => {
    const channel = world.channel(param('channel'))
    requireBot(world, channel, channel.thread === null ? 'ManageChannels' : 'ManageThreads')
    if (channel.thread === null) throw apiError(RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType)
    const rendered = renderChannel(world, channel)
    deleteThread(world, channel)
    return rendered
  },
  'POST /channels/:channel/typing': ({ world, param }) => {
    const channel = world.channel(param('channel'))
    requireBot(world, channel, 'SendMessages')
    const isDm = channel.type === ChannelType.DM
    const timestamp = Math.floor(world.clock.now() / 1000)
    world.typing.push({ channelId: channel.id, atMs: world.clock.now() })
    world.dispatch({
      event: GatewayDispatchEvents.TypingStart,
      intents: isDm ? GatewayIntentBits.DirectMessageTyping : GatewayIntentBits.GuildMessageTyping,
      guildId: channel.guildId,
      channelId: channel.id,
      render: () => ({
        channel_id: channel.id,
        user_id: world.bot.id,
        timestamp,
        ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
      }),
    })
  },
} satisfies Partial<Handlers>
