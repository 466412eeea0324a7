// Valley in two roles, each as its operator runs it: a bot on Discord without a model, in a process for each of two shards,
// an engine without Discord, and a real Redis between them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { en } from '../../src/conversation/texts/en.ts'
import { type DiscordDouble, openDiscordDouble } from '../doubles/discord/discord-double.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import type { Guild } from '../doubles/discord/people/guild.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../helpers/make-clips.ts'
import { RedisServer } from '../helpers/redis-server.ts'
import { leftBehind } from '../helpers/run-cli.ts'
import { StartedValley } from '../helpers/started-valley.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const clip = join(folder, 'clip.mp4')
const SHARDS = 2
const PASSWORD = 'a-password-that-no-log-shows'
let redis: RedisServer
let discord: DiscordDouble
let common: Record<string, string>

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'))
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
  const model = await buildTinyPackage('importance')
  redis = await RedisServer.start()
  await redis.ask('CONFIG', 'SET', 'requirepass', PASSWORD)
  discord = await openDiscordDouble({ shards: SHARDS })
  const file = join(folder, 'valley.yaml')
  const settings = {
    discord: { apiUrl: discord.rest.api, shards: 'auto' },
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
})
afterAll(async () => {
  await discord?.close()
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
  it('answer about a clip together, go on in the thread, and stop in order', async () => {
    const engine = new StartedValley(folder, {
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
    await Promise.all([engine.says('started as an engine'), bot.says('shard connected', SHARDS)])
    const file = { name: 'clip.mp4', bytes: readFileSync(clip) }
    for (const guild of guildOfEachShard()) {
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
    expect(bot.stderr + engine.stderr).not.toContain(PASSWORD)
    expect(bot.stderr + engine.stderr).not.toContain(discord.token)
  }, 120_000)
})
