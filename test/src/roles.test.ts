// Valley in two roles, each as its operator runs it: a bot on Discord without a model, in a process for each of two shards,
// an engine without Discord, and a real Redis between them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RedisConnection } from '../../src/cluster/redis-connection.ts'
import { en } from '../../src/conversation/texts/en.ts'
import { createLogger } from '../../src/logger.ts'
import { type DiscordDouble, openDiscordDouble } from '../doubles/discord/discord-double.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import type { Guild } from '../doubles/discord/people/guild.ts'
import { LOSSLESS_H264, makeTestFolder, solidPicture, writeClip, writeColourClip } from '../helpers/make-clips.ts'
import { RedisServer } from '../helpers/redis-server.ts'
import { leftBehind } from '../helpers/run-cli.ts'
import { StartedValley } from '../helpers/started-valley.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const clip = join(folder, 'clip.mp4')
const flashing = join(folder, 'flashing.mp4')
const rules = join(folder, 'rules.yaml')
const SHARDS = 2
/** Clips that wait to be looked at. */
const WAITING = 'valley:moderation:discord:waiting'
const PASSWORD = 'a-password-that-no-log-shows'
let redis: RedisServer
let shared: RedisConnection
let discord: DiscordDouble
let common: Record<string, string>
let servers: { readonly guild: Guild; readonly videos: Channel; readonly mods: Channel }[]

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'))
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
  const pictures = Array.from({ length: 20 }, (_, picture) => {
    const grey = (picture % 2) * 255
    return solidPicture(16, 16, [grey, grey, grey])
  })
  writeClip({ path: flashing, width: 16, height: 16, pictures, options: LOSSLESS_H264 })
  writeFileSync(rules, 'rules:\n  - { name: flashes, category: flashing-light }\n')
  const model = await buildTinyPackage('importance')
  redis = await RedisServer.start()
  await redis.ask('CONFIG', 'SET', 'requirepass', PASSWORD)
  discord = await openDiscordDouble({ shards: SHARDS })
  servers = guildOfEachShard().map((guild) => ({ guild, videos: guild.channel('videos'), mods: guild.channel('mods') }))
  const watch = servers.map(({ videos, mods }) => {
    return { channelId: `discord:${videos.id}`, reportTo: `discord:${mods.id}` }
  })
  const file = join(folder, 'valley.yaml')
  const settings = {
    discord: { apiUrl: discord.rest.api, shards: 'auto', messageContent: true },
    moderation: { rulesFile: rules, watch },
    trustedHosts: [discord.host],
    maxAnswerTokens: 12,
    monitoring: { port: 0 },
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
  common = {
    VALLEY_CONFIG: file,
    VALLEY_MODEL: model,
    VALLEY_REDIS_URL: redis.url.replace('//', `//:${PASSWORD}@`),
    VALLEY_CLUSTER_KEY: 'a long random text that all of them share',
    VALLEY_LOG_LEVEL: 'debug',
  }
  shared = await RedisConnection.open({ url: common.VALLEY_REDIS_URL!, logger: createLogger('silent') })
})
afterAll(async () => {
  await discord?.close()
  await shared?.close()
  await redis?.stop()
  removeFolder()
})

/** Waits for so many whole answers of the bot; those have buttons to go on with. */
async function finished(channel: Channel, count: number) {
  const whole = () =>
    discord.botMessagesIn(channel).filter((one) => JSON.stringify(one.components).includes(en.actions['try-again']))
  await discord.waitUntil(() => whole().length === count, 50_000)
  return whole()
}

/** New guilds, one on each shard; Discord tells it from the id. */
function guildOfEachShard(): Guild[] {
  const guilds: Guild[] = []
  while (guilds.filter((guild) => guild !== undefined).length < SHARDS) {
    const guild = discord.guild()
    guilds[Number((BigInt(guild.id) >> 22n) % BigInt(SHARDS))] ??= guild
  }
  return guilds
}

describe('valley start --role bot and --role engine', () => {
  it('answer about a clip together, go on in the thread, watch for moderators, and stop in order', async () => {
    const lost = new StartedValley(folder, {
      ...common,
      VALLEY_ROLE: 'engine',
      VALLEY_DATA_DIR: join(folder, 'engine-data'),
    })
    const bot = new StartedValley(folder, {
      ...common,
      VALLEY_ROLE: 'bot',
      VALLEY_DATA_DIR: join(folder, 'bot-data'),
      DISCORD_TOKEN: discord.token,
    })
    await Promise.all([lost.says('started as an engine'), bot.says('shard connected', SHARDS)])
    const file = { name: 'clip.mp4', bytes: readFileSync(clip) }
    for (const { guild } of servers) {
      const general = guild.channel()
      const ana = guild.person('Ana')
      ana.posts(general, `${discord.bot.mention} What is it?`, { files: [file] })
      const thread = await discord.waitForThread(general)
      const [first] = await finished(thread, 1)
      expect(first!.attachments, 'the strip of frames came through Redis').toHaveLength(1)
      ana.posts(thread, `${discord.bot.mention} And now?`)
      await finished(thread, 2)
    }
    const answered = bot.stderr.split('\n').flatMap((line) => (line.includes('"answered"') ? [JSON.parse(line)] : []))
    expect(answered.map(({ reusedTokens }) => reusedTokens > 0).slice(0, 2)).toEqual([false, true])
    expect(answered).toHaveLength(2 * SHARDS)

    // Clips of watched channels wait for the next engine when none is there.
    lost.kill('SIGKILL')
    await lost.end
    const flashes = { name: 'flashing.mp4', bytes: readFileSync(flashing) }
    for (const { guild, videos } of servers) guild.person('Ben').posts(videos, '', { files: [flashes] })
    await vi.waitFor(async () => expect(await shared.client.zcard(WAITING)).toBe(SHARDS), { timeout: 50_000 })
    const engine = new StartedValley(folder, { ...common, VALLEY_ROLE: 'engine' })
    for (const { guild, mods } of servers) {
      const alert = await discord.waitForMessage(
        mods,
        ({ content }) => content.includes('Needs a look: flashes'),
        50_000,
      )
      const mara = guild.person('Mara')
      guild.role('moderators', { permissions: ['ManageMessages'], people: [mara] })
      expect((await mara.presses(alert, 'Dismiss').answer()).content).toBe('Done.')
      await discord.waitForMessage(mods, ({ content }) => content.includes('Dismissed by'))
      expect(discord.botMessagesIn(mods)).toHaveLength(1)
    }

    // The first is that of the process that started the others.
    const status = `http://127.0.0.1:${bot.line('monitoring port opened').port}/status`
    expect(await (await fetch(status)).json()).toMatchObject({
      platforms: { discord: true, redis: true, engines: true },
    })
    bot.kill('SIGTERM')
    engine.kill('SIGTERM')
    expect((await bot.end).status, bot.stderr).toBe(0)
    expect((await engine.end).status, engine.stderr).toBe(0)
    expect(leftBehind(join(folder, 'tmp'))).toEqual([])
    const logs = lost.stderr + bot.stderr + engine.stderr
    expect(logs).not.toContain(PASSWORD)
    expect(logs).not.toContain(discord.token)
  }, 120_000)
})
