import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { DiscordAdapter } from '../../../adapters/discord/adapter.ts'
import { DEFAULT_DISCORD_SETTINGS } from '../../../adapters/discord/settings.ts'
import { Bot } from '../../../src/conversation/bot.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { createLogger } from '../../../src/logger.ts'
import { adapterContract } from '../../contract/adapter-contract.ts'
import { type DiscordDouble, openDiscordDouble } from '../../doubles/discord/discord-double.ts'
import { CAT } from '../../helpers/discord-stage.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'

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
async function openPerson(where: 'direct channel' | 'thread') {
  const discord = await openDiscordDouble()
  const guild = discord.guild()
  const general = guild.channel()
  const ana = guild.person('Ana')
  const role = guild.role('moderators', { mentionable: true })
  const place = () => (where === 'direct channel' ? ana.dm : (discord.threadsOf(general)[0] ?? general))
  const name = where === 'direct channel' ? '' : `${discord.bot.mention} `
  const shown = () => discord.botMessagesIn(place()).map(({ content }) => content)
  return {
    adapter: adapterOf(discord),
    post(text: string, clipPath?: string) {
      const files = clipPath === undefined ? {} : { files: [CAT] }
      ana.posts(place(), `${name}${text}`, files)
    },
    stop: () => void ana.presses(discord.botMessagesIn(place()).at(-1)!, 'Stop'),
    reset: () => void ana.usesCommand(place(), 'valley reset'),
    forget: () => void ana.usesCommand(place(), 'valley forget'),
    ready: () => discord.waitUntil(() => discord.gateway.identified.length > 0 && discord.commands.length === 2),
    close: () => discord.close(),
    shown: () => [...shown(), ...discord.pings().map(({ kind }) => `PING ${kind}`)].join('\n'),
    hostile: { text: `@everyone @here ${role.mention} ${ana.mention}`, sign: /PING/ },
  }
}

const CLIP = fileURLToPath(import.meta.url)

adapterContract('Discord (direct channel)', CLIP, () => openPerson('direct channel'))
adapterContract('Discord (thread)', CLIP, () => openPerson('thread'))

describe('a start', () => {
  it('with a wrong token ends with a line for the operator', async () => {
    const discord = await openDiscordDouble()
    const adapter = adapterOf(discord)
    discord.revokeToken()
    await expect(start(adapter)).rejects.toMatchObject({
      code: 'PLATFORM_REFUSED',
      message: expect.stringContaining('DISCORD_TOKEN'),
    })
    await discord.close()
  })

  it('where Discord cannot be reached ends with a line for the operator', async () => {
    const discord = await openDiscordDouble()
    const adapter = adapterOf(discord)
    await discord.close()
    await expect(start(adapter)).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE', retryable: true })
  })

  it('that is broken off ends in silence', async () => {
    const discord = await openDiscordDouble()
    discord.faults.add('GET /gateway/bot', { kind: 'slow', delayMs: 60_000 })
    const end = new AbortController()
    const running = start(adapterOf(discord), end.signal)
    await vi.waitFor(() => expect(discord.requests.to('GET /gateway/bot')).toHaveLength(1))
    end.abort()
    await running
    await discord.close()
  })
})

function start(adapter: DiscordAdapter, signal = new AbortController().signal): Promise<void> {
  const bot = new Bot({ answerer: new FakeAnswerer(), store: new MemoryThreadStore(), logger: createLogger('silent') })
  return adapter.run(bot, signal)
}
