// kill -9 at named points of a question's way on Discord: after the next start it has exactly one answer.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { en } from '../../src/conversation/texts/en.ts'
import type { Thread } from '../../src/conversation/thread.ts'
import { Database } from '../../src/storage/database.ts'
import { DATABASE_FILE } from '../../src/storage/storage.ts'
import { type DiscordDouble, openDiscordDouble } from '../doubles/discord/discord-double.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../helpers/make-clips.ts'
import { StartedValley } from '../helpers/started-valley.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const data = join(folder, 'data')
const clip = join(folder, 'clip.mp4')
const LATE_MS = 20_000
const POSTS = 'POST /channels/:channel/messages'
const EDITS = 'PATCH /channels/:channel/messages/:message'
const THREADS = 'POST /channels/:channel/messages/:message/threads'
let discord: DiscordDouble
let environment: Record<string, string>

/** Where a question is when the program is killed: what to prepare, and how it is known that the point is reached. */
interface Point {
  readonly name: string
  readonly prepare?: () => void
  readonly reached: (valley: StartedValley, general: Channel, requestsBefore: number) => Promise<void>
}

/** The log says so once more than before: of the question before it may have said so too. */
const logged = (message: string) => async (valley: StartedValley) => {
  await valley.says(message, valley.count(message) + 1)
}
const asked =
  (route: typeof POSTS | typeof EDITS | typeof THREADS | 'cdn') => async (_: unknown, __: unknown, before: number) => {
    await discord.waitUntil(
      () =>
        Array.from(discord.requests)
          .slice(before)
          .some((one) => one.route === route),
      50_000,
    )
  }

const POINTS: readonly Point[] = [
  { name: 'the question is written down', reached: logged('question written down') },
  { name: 'the question is taken', reached: logged('question taken') },
  { name: 'its thread is being opened', reached: asked(THREADS) },
  { name: 'its clip is asked for', reached: asked('cdn') },
  {
    name: 'half of its clip is there',
    prepare: () => discord.cdn.failNext({ kind: 'stalls', afterBytes: 100 }),
    reached: asked('cdn'),
  },
  {
    name: 'the first message of its reply was posted, and Discord has not said so',
    prepare: () => discord.faults.add(POSTS, { kind: 'slow', delayMs: LATE_MS }),
    reached: asked(POSTS),
  },
  {
    name: 'the first message of its reply is there',
    reached: (_, general) => discord.waitUntil(() => messages(general).length > 0, 50_000),
  },
  { name: 'its answer is kept', reached: logged('answered') },
  {
    name: 'its answer is being shown',
    prepare: () => discord.faults.add(EDITS, { kind: 'slow', delayMs: LATE_MS }),
    reached: asked(EDITS),
  },
  {
    name: 'its answer is shown and not yet settled',
    reached: (_, general) => discord.waitUntil(() => whole(general).length > 0, 50_000),
  },
  { name: 'it is settled', reached: logged('question settled') },
]

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'))
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
  const model = await buildTinyPackage('importance')
  discord = await openDiscordDouble()
  const settings = {
    discord: { apiUrl: discord.rest.api },
    trustedHosts: [discord.host],
    limits: { questionsPerUserPerMinute: 100 },
    storyboard: false,
    maxAnswerTokens: 12,
  }
  const file = join(folder, 'valley.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
  environment = {
    VALLEY_CONFIG: file,
    VALLEY_MODEL: model,
    VALLEY_DATA_DIR: data,
    VALLEY_LOG_LEVEL: 'debug',
    DISCORD_TOKEN: discord.token,
  }
})
afterAll(async () => {
  await discord.close()
  removeFolder()
})

/** What the bot wrote about questions of a channel, there and in threads; Discord's own note of a thread has no words. */
function messages(general: Channel) {
  return [general, ...discord.threadsOf(general)].flatMap((channel) =>
    discord.botMessagesIn(channel).filter(({ content }) => content !== ''),
  )
}

/** Whole answers; those have buttons to go on with. */
function whole(general: Channel) {
  return messages(general).filter(({ components }) => JSON.stringify(components).includes(en.actions['try-again']))
}

async function readAll(sql: string) {
  const database = await Database.open({ file: join(data, DATABASE_FILE) })
  try {
    return await database.read('be read', sql)
  } finally {
    database.close()
  }
}

describe('Valley killed on Discord', () => {
  it('answers each question once after the next start, wherever it was', async () => {
    const start = async () => {
      const valley = new StartedValley(folder, environment)
      await valley.says('connected to Discord')
      return valley
    }
    let valley = await start()
    onTestFinished(() => valley.kill('SIGKILL'))
    for (const [number, point] of POINTS.entries()) {
      const guild = discord.guild(`Guild ${number}`)
      const general = guild.channel()
      const ana = guild.person('Ana')
      point.prepare?.()
      const before = discord.requests.length
      const files = [{ name: 'clip.mp4', bytes: readFileSync(clip) }]
      ana.posts(general, `${discord.bot.mention} Question ${number}?`, { files })
      await point.reached(valley, general, before)
      valley.kill('SIGKILL')
      await valley.end
      discord.faults.clear()

      valley = await start()
      await discord.waitUntil(() => whole(general).length > 0, 50_000)
      await expect.poll(() => readAll("SELECT id FROM jobs WHERE state <> 'settled'"), { timeout: 30_000 }).toEqual([])
      const shown = messages(general).map(({ content }) => content)
      expect(shown, `${point.name}: ${JSON.stringify(shown)}`).toHaveLength(1)
      const threads = (await readAll('SELECT value FROM entries')).map(
        ({ value }) => JSON.parse(String(value)) as Thread,
      )
      const turns = threads.flatMap((thread) => thread.turns).filter(({ text }) => text === `Question ${number}?`)
      expect(turns, point.name).toHaveLength(1)
    }
    valley.kill('SIGTERM')
    expect((await valley.end).status).toBe(0)
  }, 600_000)
})
