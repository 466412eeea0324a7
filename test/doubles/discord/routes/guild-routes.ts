// Guilds that the bot is in.
import { PermissionFlagsBits, RESTJSONErrorCodes, type RESTPatchAPIGuildMemberJSONBody } from 'discord.js'
import { apiError } from '../http/api-error.ts'
import type { Handlers } from '../http/context.ts'
import { guildPermissions, may } from '../world/permissions.ts'
import { renderChannel, renderGuild, renderMember, renderRole, renderThreadMember } from '../world/render.ts'

/** Handlers of guilds. */
export const guildRoutes = {
  'GET /guilds/:guild': ({ world, param }) => renderGuild(world.guildOfBot(param('guild'))),
  'GET /guilds/:guild/channels': ({ world, param }) => {
    const guild = world.guildOfBot(param('guild'))
    return [...world.channels.values()]
      .filter(({ guildId, thread }) => guildId === guild.id && thread === null)
      .map((channel) => renderChannel(world, channel))
  },
  'GET /guilds/:guild/roles': ({ world, param }) =>
    [...world.guildOfBot(param('guild')).roles.values()].map(renderRole),
  'GET /guilds/:guild/members/:user': ({ world, param }) => {
    const member = world.guildOfBot(param('guild')).members.get(world.user(param('user')).id)
    if (member === undefined) throw apiError(RESTJSONErrorCodes.UnknownMember)
    return renderMember(member)
  },
  'PATCH /guilds/:guild/members/:user': ({ world, param, body }) => {
    const guild = world.guildOfBot(param('guild'))
    const member = guild.members.get(world.user(param('user')).id)
    if (member === undefined) throw apiError(RESTJSONErrorCodes.UnknownMember)
    const { communication_disabled_until: until } = body as RESTPatchAPIGuildMemberJSONBody
    if ((guildPermissions(guild, world.bot.id) & PermissionFlagsBits.ModerateMembers) === 0n) {
      throw apiError(RESTJSONErrorCodes.MissingPermissions)
    }
    if (until !== undefined) member.timedOutUntil = until
    return renderMember(member)
  },
  'GET /guilds/:guild/threads/active': ({ world, param }) => {
    const guild = world.guildOfBot(param('guild'))
    const threads = [...world.channels.values()].filter(
      (one) =>
        one.guildId === guild.id &&
        one.thread !== null &&
        !one.thread.archived &&
        may(world, one, world.bot.id, 'ViewChannel'),
    )
    return {
      threads: threads.map((one) => renderChannel(world, one)),
      members: threads
        .filter(({ thread }) => thread!.memberIds.has(world.bot.id))
        .map((one) => renderThreadMember(world, one, world.bot.id)),
    }
  },
} satisfies Partial<Handlers>
