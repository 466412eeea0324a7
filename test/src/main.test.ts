import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { en } from '../../src/conversation/texts/en.ts'
import type { Thread } from '../../src/conversation/thread.ts'
import { Database } from '../../src/storage/database.ts'
import { DATABASE_FILE } from '../../src/storage/storage.ts'
import { openDouble } from '../adapters/slack/slack-talk.ts'
import { type DiscordDouble, openDiscordDouble } from '../doubles/discord/discord-double.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import type { SlackDouble } from '../doubles/slack/slack-double.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../helpers/make-clips.ts'
import { leftBehind } from '../helpers/run-cli.ts'
import { StartedValley } from '../helpers/started-valley.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const data = join(folder, 'data')
const clip = join(folder, 'clip.mp4')
let model = ''

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
  model = await buildTinyPackage('importance')
})
afterAll(removeFolder)

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Everything that stands in the files of a folder, byte by byte. */
function contentOf(directory: string): string {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n')
}

/** Valley with the tiny model, whose words mean nothing. */
function start(environment: Record<string, string>): StartedValley {
  return new StartedValley(folder, { VALLEY_MODEL: model, VALLEY_DATA_DIR: data, ...environment })
}

async function storedThreads(dataDirectory = data): Promise<Thread[]> {
  const database = await Database.open({ file: join(dataDirectory, DATABASE_FILE) })
  try {
    const rows = await database.read('be read', 'SELECT value FROM entries ORDER BY key')
    return rows.map(({ value }) => JSON.parse(String(value)) as Thread)
  } finally {
    database.close()
  }
}

describe('npm start', () => {
  it('says what to do next when nothing is configured', async () => {
    const { status, stdout, stderr } = await start({}).end
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const part of ['chat clip.mp4', 'DISCORD_TOKEN', 'SLACK_APP_TOKEN', 'config example', 'doctor']) {
      expect(stdout).toContain(part)
    }
    expect(stdout.split('\n').length).toBeLessThan(12)
  })

  it('names everything that is wrong with the settings in one line', async () => {
    const { status, stdout, stderr } = await start({ SLACK_BOT_TOKEN: 'xoxb-hush', VALLEY_THREADS: 'many' }).end
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^CONFIG_INVALID: [^\n]*VALLEY_THREADS[^\n]*SLACK_APP_TOKEN: it is not set[^\n]*\n$/)
    expect(stderr).not.toContain('hush')
  })

  it('says in one line that the data directory cannot be used', async () => {
    const file = join(folder, 'in-the-way')
    writeFileSync(file, '')
    const { status, stderr } = await start({ DISCORD_TOKEN: 'a.b.c', VALLEY_DATA_DIR: file }).end
    expect(status).toBe(1)
    expect(stderr).toMatch(/^STORAGE_FAILED: [^\n]*in-the-way[^\n]*\n$/)
  })
})

describe('npm start with Discord', () => {
  let discord: DiscordDouble
  let environment: Record<string, string>
  let monitoringPort = 0

  beforeAll(async () => {
    discord = await openDiscordDouble()
    monitoringPort = await freePort()
    const settings = {
      monitoring: { port: monitoringPort },
      discord: { apiUrl: discord.rest.api },
      trustedHosts: [discord.host],
      limits: { questionsPerUserPerMinute: 100 },
      storyboard: false,
      maxAnswerTokens: 12,
    }
    const file = join(folder, 'valley.yaml')
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(settings))
    environment = { VALLEY_CONFIG: file, DISCORD_TOKEN: discord.token }
  })
  afterAll(() => discord.close())

  it('answers about a real clip, keeps the thread through kill -9, and stops in order', async () => {
    const guild = discord.guild()
    const general = guild.channel()
    const ana = guild.person('Ana')
    const reports = join(folder, 'reports')
    mkdirSync(reports)
    // What is planted here must turn up nowhere; HF_TOKEN is read and not used.
    const planted = [discord.token, 'planted-token-of-a-hub']
    const options = `--report-on-signal --report-directory=${reports}`
    const first = start({ ...environment, HF_TOKEN: planted[1]!, NODE_OPTIONS: options })
    await first.says('connected to Discord')
    const files = [{ name: 'clip.mp4', bytes: readFileSync(clip) }]
    ana.posts(general, `${discord.bot.mention} What is it?`, { files })
    await first.says('answered')
    const numbers = await (await fetch(`http://127.0.0.1:${monitoringPort}/metrics`)).text()
    first.kill('SIGUSR2')
    await vi.waitFor(() => expect(contentOf(reports)).toContain('"libuv"'), { timeout: 50_000 })
    first.kill('SIGKILL')
    await first.end
    const kept = contentOf(data)
    expect(kept).toContain('What is it?')
    for (const secret of planted) {
      for (const place of [kept, numbers, contentOf(reports), first.stderr]) expect(place).not.toContain(secret)
    }
    const [before, ...others] = await storedThreads()
    expect(others).toEqual([])
    expect(before!.turns.map(({ role, text }) => (role === 'user' ? text : role))).toEqual(['What is it?', 'assistant'])

    const file = join(folder, 'discord-token')
    writeFileSync(file, `${discord.token}\n`)
    chmodSync(file, 0o600)
    const second = start({ ...environment, DISCORD_TOKEN: '', DISCORD_TOKEN_FILE: file })
    await second.says('connected to Discord')
    const [thread] = discord.threadsOf(general)
    ana.posts(thread!, `${discord.bot.mention} And now?`)
    await second.says('answered')
    second.kill('SIGTERM')
    const { status, stdout } = await second.end
    expect({ status, stdout }, second.stderr).toEqual({ status: 0, stdout: '' })
    expect(second.count('stopped')).toBe(1)
    expect(second.count('reconnecting to Discord')).toBe(0)
    expect(discord.gateway.heartbeats.missed).toBe(0)

    const [after] = await storedThreads()
    expect(after!.turns.slice(0, 2)).toEqual(before!.turns)
    expect(after!.turns[2]).toMatchObject({ role: 'user', text: 'And now?', clipIds: ['clip-1'] })
    expect(after!.turns).toHaveLength(4)
    expect(leftBehind(temporaryFolder)).toEqual([])

    // One line of JSON an event, without words of people, secrets or signed addresses.
    const said = `${first.stderr}${second.stderr}`.split('\n')
    // What Node says of its report is its own.
    for (const line of said.filter((one) => one !== '' && !/^(Writing )?Node\.js report/.test(one)))
      expect(() => JSON.parse(line)).not.toThrow()
    expect(first.stderr + second.stderr).not.toContain(discord.token)
    expect(first.stderr + second.stderr).not.toMatch(/What is it|And now|hm=[0-9a-f]/)
  })

  it('is killed in the middle of an answer: after the next start history is there and the thread goes on', async () => {
    const guild = discord.guild('Killed')
    const general = guild.channel()
    const ana = guild.person('Ana')
    const killedData = join(folder, 'killed-data')
    const here = { ...environment, VALLEY_DATA_DIR: killedData }
    const first = start(here)
    await first.says('connected to Discord')
    const file = { name: 'clip.mp4', bytes: readFileSync(clip) }
    ana.posts(general, `${discord.bot.mention} What is it?`, { files: [file] })
    const thread = await discord.waitForThread(general)
    const [answered] = await finished(thread, 1)
    discord.cdn.failNext({ kind: 'stalls', afterBytes: 100 })
    ana.posts(thread, `${discord.bot.mention} And this?`, { files: [{ ...file, name: 'second.mp4' }] })
    const cut = await discord.waitForMessage(thread, ({ content }) => content.includes(en.stages.downloading))
    const isFetched = () => discord.requests.to('cdn').some(({ path }) => path.endsWith('second.mp4'))
    await vi.waitFor(() => expect(isFetched()).toBe(true), { timeout: 50_000 })
    first.kill('SIGKILL')
    await first.end
    expect(leftBehind(temporaryFolder)).toHaveLength(1)

    const second = start(here)
    await second.says('connected to Discord')
    // What was cut is asked again by itself, and its answer stands where it had begun.
    expect(await finished(thread, 2)).toContainEqual(expect.objectContaining({ id: cut.id }))
    ana.posts(thread, `${discord.bot.mention} What is in the first clip?`)
    await finished(thread, 3)
    // What is drawn at random is empty once in a thousand times; of that nothing is kept.
    let answers = 3
    let whole: Awaited<ReturnType<typeof finished>>
    do {
      ana.presses(answered!, en.actions['try-again'])
      answers += 1
      whole = await finished(thread, answers)
    } while (whole.at(-1)!.content.includes(en.noAnswer))
    second.kill('SIGTERM')
    expect((await second.end).status, second.stderr).toBe(0)

    const stored = (await storedThreads(killedData)).find(({ id }) => id === `discord:${thread.id}`)
    const questions = stored!.turns.filter(({ role }) => role === 'user')
    const words = ['And this?', 'What is in the first clip?', 'What is it?']
    expect(questions.map(({ text }) => text)).toEqual(words)
    expect(questions.map(({ clipIds }) => clipIds.join())).toEqual(['clip-2', 'clip-1', 'clip-1'])
    expect(leftBehind(temporaryFolder)).toEqual([])
  }, 180_000)

  /** Waits for so many whole answers of the bot; those have buttons to go on with. */
  async function finished(channel: Channel, count: number) {
    const whole = () =>
      discord.botMessagesIn(channel).filter((one) => JSON.stringify(one.components).includes(en.actions['try-again']))
    await discord.waitUntil(() => whole().length === count, 50_000)
    return whole()
  }

  it('ends with one line when the platform refuses the token', async () => {
    const started = start({ ...environment, DISCORD_TOKEN: 'wrong.token.here' })
    const { status, stderr } = await started.end
    expect(status).toBe(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^PLATFORM_REFUSED: .*DISCORD_TOKEN/)
    expect(stderr).not.toContain('wrong.token.here')
  })
})

describe('npm start with Slack', () => {
  let slack: SlackDouble

  beforeAll(async () => {
    slack = await openDouble()
  })
  afterAll(() => slack.close())

  it('answers about a real clip over Socket Mode and stops in order', async () => {
    const settings = {
      slack: { apiUrl: slack.apiUrl, streaming: false },
      storyboard: false,
      trustedHosts: [new URL(slack.origin).host],
      maxAnswerTokens: 12,
      monitoring: { port: 0 },
    }
    const file = join(folder, 'slack.yaml')
    writeFileSync(file, JSON.stringify(settings))
    const valley = start({
      VALLEY_CONFIG: file,
      VALLEY_DATA_DIR: join(folder, 'slack-data'),
      SLACK_BOT_TOKEN: slack.team.botToken,
      SLACK_APP_TOKEN: slack.app.appToken,
    })
    await valley.says('Slack connected')
    const ann = slack.team.addUser('ann')
    const general = slack.team.addChannel('general')
    ann.posts(general, '@valley What is it?', { files: [{ name: 'clip.mp4', bytes: readFileSync(clip) }] })
    await valley.says('answered')
    const monitoring = `http://127.0.0.1:${valley.line('monitoring port opened').port}`
    expect((await fetch(`${monitoring}/ready`)).status).toBe(200)
    const numbers = await (await fetch(`${monitoring}/metrics`)).text()
    expect(numbers).toContain('valley_replies_total{platform="slack",kind="answer"} 1')
    expect(numbers).not.toContain('general')
    expect(valley.line('answered').trace).toMatch(/^[0-9a-f]{16}$/)
    valley.kill('SIGTERM')
    const { status } = await valley.end
    expect(status, valley.stderr).toBe(0)
    expect(valley.count('stopped')).toBe(1)
    expect(slack.repliesIn(general)).toHaveLength(1)
    expect(valley.stderr).not.toMatch(/xox|xapp|What is it/)
    expect(numbers).not.toMatch(/xox|xapp/)
    const kept = readFileSync(join(folder, 'slack-data', DATABASE_FILE))
    for (const secret of [slack.team.botToken, slack.app.appToken]) expect(kept.includes(secret)).toBe(false)
  })
})
