// Where the gateway is, and who the bot is.
import type { RESTPostAPICurrentUserCreateDMChannelJSONBody } from 'discord.js'
import type { Handlers } from '../http/context.ts'
import { openDm } from '../world/dms.ts'
import { guildPermissions } from '../world/permissions.ts'
import { renderChannel } from '../world/render.ts'
import type { World } from '../world/world.ts'

function renderApplication(world: World): object {
  return {
    id: world.applicationId,
    name: world.bot.username,
    icon: null,
    description: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '',
    flags: world.applicationFlags(),
    bot: world.bot,
    owner: { ...world.bot, bot: false },
    team: null,
    approximate_guild_count: world.guilds.size,
    integration_types_config: { 0: {}, 1: {} },
  }
}

/**
 * Handlers about the bot itself.
 * @param shards what Discord recommends
 */
export function selfRoutes(shards: number) {
  return {
    'GET /gateway': ({ gatewayUrl }) => ({ url: gatewayUrl }),
    'GET /gateway/bot': ({ gatewayUrl }) => ({
      url: gatewayUrl,
      shards,
      // All shards may identify at once, which Discord grants to large bots, so that tests need not wait 5 s for each.
      session_start_limit: { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: shards },
    }),
    'GET /applications/@me': ({ world }) => renderApplication(world),
    'GET /oauth2/applications/@me': ({ world }) => renderApplication(world),
    'GET /users/@me': ({ world }) => ({ ...world.bot, verified: true, mfa_enabled: false, flags: 0 }),
    'GET /users/:user': ({ world, param }) => world.user(param('user')),
    'GET /users/@me/guilds': ({ world }) =>
      [...world.guilds.values()]
        .filter(({ members }) => members.has(world.bot.id))
        .map((guild) => ({
          id: guild.id,
          name: guild.name,
          icon: null,
          banner: null,
          owner: false,
          permissions: String(guildPermissions(guild, world.bot.id)),
          features: [],
        })),
    'POST /users/@me/channels': ({ world, body }) => {
      const { recipient_id } = body as RESTPostAPICurrentUserCreateDMChannelJSONBody
      return renderChannel(world, openDm(world, world.user(recipient_id).id))
    },
  } satisfies Partial<Handlers>
}
