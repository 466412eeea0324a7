import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiscordAdapter } from '../../../adapters/discord/adapter.ts'
import { DEFAULT_DISCORD_SETTINGS } from '../../../adapters/discord/settings.ts'
import { createLogger } from '../../../src/logger.ts'
import { adapterContract } from '../../contract/adapter-contract.ts'
import { type DiscordDouble, openDiscordDouble } from '../../doubles/discord/discord-double.ts'
import { CAT } from '../../helpers/discord-stage.ts'

let discord: DiscordDouble

beforeEach(async () => {
  discord = await openDiscordDouble()
})

afterEach(async () => {
  await discord.close()
})

function adapterOf(discord: DiscordDouble): DiscordAdapter {
  return new DiscordAdapter({
    token: discord.token,
    settings: DEFAULT_DISCORD_SETTINGS,
    logger: createLogger('silent'),
    rest: discord.rest,
    clipHosts: [discord.host],
    editIntervalMs: 20,
  })
}

/** What the suite does, done as soon as Valley is connected: in a direct channel, or in a thread of a guild. */
function personOn(discord: DiscordDouble, where: 'direct channel' | 'thread') {
  const guild = discord.guild()
  const general = guild.channel()
  const ana = guild.person('Ana')
  const role = guild.role('moderators', { mentionable: true })
  const ready = discord.waitUntil(() => discord.gateway.identified.length > 0 && discord.commands.length === 2)
  const place = () => (where === 'direct channel' ? ana.dm : (discord.threadsOf(general)[0] ?? general))
  const name = where === 'direct channel' ? '' : `${discord.bot.mention} `
  const shown = () => discord.botMessagesIn(place()).map(({ content }) => content)
  return {
    adapter: adapterOf(discord),
    post(text: string, clipPath?: string) {
      const files = clipPath === undefined ? {} : { files: [CAT] }
      void ready.then(() => ana.posts(place(), `${name}${text}`, files))
    },
    stop: () => void ana.presses(discord.botMessagesIn(place()).at(-1)!, 'Stop'),
    reset: () => void ana.usesCommand(place(), 'valley reset'),
    forget: () => void ana.usesCommand(place(), 'valley forget'),
    shown: () => [...shown(), ...discord.pings().map(({ kind }) => `PING ${kind}`)].join('\n'),
    hostile: { text: `@everyone @here ${role.mention} ${ana.mention}`, sign: /PING/ },
  }
}

const CLIP = fileURLToPath(import.meta.url)

adapterContract('Discord (direct channel)', CLIP, () => personOn(discord, 'direct channel'))
adapterContract('Discord (thread)', CLIP, () => personOn(discord, 'thread'))

describe('a token', () => {
  it('that is wrong ends the run with a line for the operator', async () => {
    discord.revokeToken()
    const running = adapterOf(discord).run(undefined as never, new AbortController().signal)
    await expect(running).rejects.toMatchObject({
      code: 'PLATFORM_REFUSED',
      message: expect.stringContaining('DISCORD_TOKEN'),
    })
  })
})
