// What a bot is told when its session begins: READY, then one GUILD_CREATE a guild.
import { ChannelType } from 'discord.js'
import { toTimestamp } from '../world/clock.ts'
import { may } from '../world/permissions.ts'
import { renderChannel, renderGuild, renderMember } from '../world/render.ts'
import type { GuildState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import type { Session } from './session.ts'

/** The payload of READY. */
export function renderReady(world: World, session: Session, gatewayUrl: string): object {
  return {
    v: 10,
    user: { ...world.bot, verified: true, mfa_enabled: false, flags: 0, email: null },
    guilds: guildsOf(world, session).map(({ id }) => ({ id, unavailable: true })),
    session_id: session.id,
    resume_gateway_url: gatewayUrl,
    session_type: 'normal',
    shard: session.shard,
    application: { id: world.applicationId, flags: world.applicationFlags() },
    private_channels: [],
    relationships: [],
    presences: [],
    user_settings: {},
    geo_ordered_rtc_regions: [],
    _trace: [],
  }
}

/** The guilds of the bot that belong to the session's shard. */
export function guildsOf(world: World, session: Session): GuildState[] {
  return [...world.guilds.values()].filter(({ id, members }) => members.has(world.bot.id) && session.isOfShard(id))
}

/** The payload of GUILD_CREATE, with the bot as its only member, as it is without the presences intent. */
export function renderGuildCreate(world: World, guild: GuildState): object {
  const channels = [...world.channels.values()].filter(({ guildId }) => guildId === guild.id)
  const isThread = (type: ChannelType) => type === ChannelType.PublicThread || type === ChannelType.PrivateThread
  const member = guild.members.get(world.bot.id)!
  return {
    ...renderGuild(guild),
    joined_at: toTimestamp(member.joinedMs),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: [renderMember(member)],
    channels: channels.filter(({ type }) => !isThread(type)).map((one) => renderChannel(world, one)),
    threads: channels
      .filter((one) => isThread(one.type) && !one.thread!.archived && may(world, one, world.bot.id, 'ViewChannel'))
      .map((one) => renderChannel(world, one)),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}
