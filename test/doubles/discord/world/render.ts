// Users, members, roles, channels and guilds as API objects.
import {
  type APIGuildMember,
  type APIRole,
  type APIThreadMember,
  ChannelType,
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  type GuildMemberFlags,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  type GuildSystemChannelFlags,
  GuildVerificationLevel,
  type RoleFlags,
  type ThreadMemberFlags,
} from 'discord.js'
import { toTimestamp } from './clock.ts'
import type { ChannelState, GuildState, MemberState, RoleState } from './state.ts'
import type { World } from './world.ts'

/** A member as the API shows it. */
export function renderMember(member: MemberState): APIGuildMember {
  return {
    user: member.user,
    nick: null,
    avatar: null,
    roles: [...member.roleIds],
    joined_at: toTimestamp(member.joinedMs),
    deaf: false,
    mute: false,
    flags: 0 as GuildMemberFlags,
    communication_disabled_until: member.timedOutUntil ?? null,
  }
}

/** A role as the API shows it. */
export function renderRole(role: RoleState, position: number): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position,
    permissions: String(role.permissions),
    managed: role.botId !== undefined,
    mentionable: role.mentionable,
    flags: 0 as RoleFlags,
    ...(role.botId === undefined ? {} : { tags: { bot_id: role.botId } }),
  }
}

/** A membership of a thread as the API shows it. */
export function renderThreadMember(world: World, channel: ChannelState, userId: string): APIThreadMember {
  return {
    id: channel.id,
    user_id: userId,
    join_timestamp: toTimestamp(world.clock.now()),
    flags: 0 as ThreadMemberFlags,
  }
}

/** A channel, a thread or a DM as the API shows it. */
export function renderChannel(world: World, channel: ChannelState): object {
  const common = { id: channel.id, type: channel.type, last_message_id: channel.lastMessageId }
  if (channel.guildId === null) {
    return { ...common, flags: 0, recipients: channel.recipientIds.map((id) => world.user(id)) }
  }
  const inGuild = { ...common, guild_id: channel.guildId, name: channel.name, parent_id: channel.parentId, flags: 0 }
  const { thread } = channel
  if (thread === null) {
    const isForum = channel.type === ChannelType.GuildForum || channel.type === ChannelType.GuildMedia
    return {
      ...inGuild,
      ...(isForum ? { available_tags: [], default_reaction_emoji: null, default_sort_order: null } : {}),
      position: 0,
      topic: null,
      nsfw: false,
      rate_limit_per_user: 0,
      permission_overwrites: channel.overwrites,
    }
  }
  return {
    ...inGuild,
    owner_id: thread.ownerId,
    message_count: thread.messageCount,
    total_message_sent: thread.messageCount,
    member_count: Math.min(thread.memberIds.size, 50),
    rate_limit_per_user: 0,
    thread_metadata: {
      archived: thread.archived,
      locked: thread.locked,
      auto_archive_duration: thread.autoArchiveMinutes,
      archive_timestamp: toTimestamp(thread.archiveChangedMs),
      ...(channel.type === ChannelType.PrivateThread ? { invitable: true } : {}),
    },
    ...(thread.memberIds.has(world.bot.id) ? { member: renderThreadMember(world, channel, world.bot.id) } : {}),
  }
}

/** A guild as GET /guilds shows it; GUILD_CREATE adds channels, threads and members. */
export function renderGuild(guild: GuildState): object {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: guild.ownerId,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: GuildVerificationLevel.None,
    default_message_notifications: GuildDefaultMessageNotifications.OnlyMentions,
    explicit_content_filter: GuildExplicitContentFilter.Disabled,
    roles: [...guild.roles.values()].map(renderRole),
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: GuildMFALevel.None,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0 as GuildSystemChannelFlags,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: GuildPremiumTier.None,
    preferred_locale: guild.locale,
    public_updates_channel_id: null,
    nsfw_level: GuildNSFWLevel.Default,
    premium_progress_bar_enabled: false,
    safety_alerts_channel_id: null,
  }
}
