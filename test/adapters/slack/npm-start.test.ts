// Valley on Slack as `npm start` runs it: from a settings file, in a process of its own, with a real model and a real clip.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import type { Thread } from '../../../src/conversation/thread.ts'
import { Database } from '../../../src/storage/database.ts'
import { DATABASE_FILE } from '../../../src/storage/storage.ts'
import type { SlackDouble } from '../../doubles/slack/slack-double.ts'
import type { Channel } from '../../doubles/slack/world/channel.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { StartedValley } from '../../helpers/started-valley.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'
import { openDouble } from './slack-talk.ts'

const REDIRECT_URI = 'https://valley.example.org/slack/oauth_redirect'
/** What a start of the program may take on a busy machine. */
const START_LIMIT_MS = 50_000
// Each test starts the program twice and has it answer.
vi.setConfig({ testTimeout: 4 * START_LIMIT_MS })

const { folder, removeFolder } = makeTestFolder()
let model = ''
let file: { readonly name: string; readonly bytes: Buffer }
let slack: SlackDouble
let run = 0

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'))
  writeColourClip(join(folder, 'clip.mp4'), 10, LOSSLESS_H264, { width: 64, height: 48 })
  file = { name: 'clip.mp4', bytes: readFileSync(join(folder, 'clip.mp4')) }
  model = await buildTinyPackage('importance')
})
afterAll(removeFolder)
beforeEach(async () => {
  slack = await openDouble()
  run += 1
})
afterEach(() => slack.close())

function dataDirectory(): string {
  return join(folder, `data-${run}`)
}

/** Starts Valley with settings for Slack, on the data of this test. */
function start(ofSlack: Record<string, unknown>, secrets: Record<string, string>): StartedValley {
  const settings = {
    slack: { apiUrl: slack.apiUrl, ...ofSlack },
    storyboard: false,
    trustedHosts: [new URL(slack.origin).host],
    maxAnswerTokens: 12,
  }
  const settingsFile = join(folder, `settings-${run}.yaml`)
  // JSON is YAML.
  writeFileSync(settingsFile, JSON.stringify(settings))
  const environment = { VALLEY_MODEL: model, VALLEY_DATA_DIR: dataDirectory(), VALLEY_CONFIG: settingsFile }
  return new StartedValley(folder, { ...environment, ...secrets })
}

async function stop(valley: StartedValley): Promise<void> {
  valley.kill('SIGTERM')
  const { status, stderr } = await valley.end
  expect(status, stderr).toBe(0)
  expect(stderr).not.toMatch(/xox[a-z]-|xapp-|hush|What is it/)
}

async function stored(column: string, table: string): Promise<string[]> {
  const database = await Database.open({ file: join(dataDirectory(), DATABASE_FILE) })
  try {
    const rows = await database.read('be read', `SELECT ${column} FROM ${table} ORDER BY ${column}`)
    return rows.map((row) => String(row[column]))
  } finally {
    database.close()
  }
}

/** Valley's newest answer in a channel, once so many are there. */
async function answerIn(channel: Channel, count = 1) {
  const answers = await slack.waitUntil(
    `${count} answers in ${channel.name}`,
    () => {
      const done = slack.repliesIn(channel).filter(({ blocks }) => JSON.stringify(blocks).includes('valley_try_again'))
      return done.length === count ? done : null
    },
    { limitMs: START_LIMIT_MS },
  )
  return answers.at(-1)!
}

it('several workspaces install it over HTTP, each is answered, also after a restart, until it uninstalls it', async () => {
  const other = slack.addTeam('Other', { isInstalled: false })
  const ann = slack.team.addUser('ann')
  const bea = other.addUser('bea')
  const general = slack.team.addChannel('general')
  const lounge = other.addChannel('lounge')
  const settings = { mode: 'http', port: 0, oauth: { enabled: true, redirectUri: REDIRECT_URI } }
  const secrets = { SLACK_SIGNING_SECRET: slack.app.signingSecret, ...oauthSecrets() }

  const first = start(settings, secrets)
  const origin = await servedAt(first)
  slack.deliverOverHttp(`${origin}/slack/events`)
  for (const team of [slack.team, other]) await install(origin, team.id)
  await first.says('Slack workspace installed Valley', 2)
  expect(await install(origin, other.id, { withCookie: false })).not.toBe(200)
  const forged = { type: 'event_callback', team_id: slack.team.id, event_id: 'Ev0', event: { type: 'app_uninstalled' } }
  for (const flaws of [{ signingSecret: 'guessed' }, { timestampOffsetSeconds: -301 }, { isUnsigned: true }]) {
    expect((await slack.postForged(forged, flaws)).status).toBe(401)
  }

  const thread = ann.posts(general, '@valley What is it?', { files: [file] })
  const told = slack.deliveries.find(({ kind }) => kind === 'events_api')!
  await answerIn(general)
  bea.posts(lounge, '@valley What is it?', { files: [file] })
  await answerIn(lounge)
  await stop(first)
  expect(await stored('scope', 'slack_installations')).toEqual(
    [slack.team.id, other.id].map((id) => `team:${id}`).sort(),
  )

  const second = start(settings, secrets)
  slack.deliverOverHttp(`${await servedAt(second)}/slack/events`)
  slack.deliverAgain(told, 3)
  ann.posts(general, 'What is it now?', { thread })
  expect((await answerIn(general, 2)).threadTs).toBe(thread.ts)
  other.uninstallsApp()
  await second.says('Slack uninstalled Valley. Valley is silent there until it is installed again.')
  ann.posts(general, 'What is it then?', { thread })
  await answerIn(general, 3)
  await stop(second)

  expect(await stored('scope', 'slack_installations')).toEqual([`team:${slack.team.id}`])
  expect(slack.downloads.map(({ bearer }) => bearer)).toEqual(
    expect.arrayContaining([slack.team.botToken, other.botToken]),
  )
})

it('several workspaces install it over Socket Mode, each is answered, also after a restart, until it uninstalls it', async () => {
  const other = slack.addTeam('Other', { isInstalled: false })
  const ann = slack.team.addUser('ann')
  const bea = other.addUser('bea')
  const general = slack.team.addChannel('general')
  const lounge = other.addChannel('lounge')
  const settings = { port: 0, oauth: { enabled: true, redirectUri: REDIRECT_URI } }
  const secrets = { SLACK_APP_TOKEN: slack.app.appToken, ...oauthSecrets() }

  const first = start(settings, secrets)
  const origin = await servedAt(first)
  await first.says('Slack connected')
  for (const team of [slack.team, other]) await install(origin, team.id)
  await first.says('Slack workspace installed Valley', 2)
  expect(await install(origin, other.id, { withCookie: false })).not.toBe(200)
  // Only the pages of the installation are served: events come over the socket.
  expect((await fetch(`${origin}/slack/events`, { method: 'POST', body: '{}' })).status).toBe(404)
  const thread = ann.posts(general, '@valley What is it?', { files: [file] })
  await answerIn(general)
  bea.posts(lounge, '@valley What is it?', { files: [file] })
  await answerIn(lounge)
  await stop(first)
  await slack.waitForConnections(0)

  const second = start(settings, secrets)
  await second.says('Slack connected')
  ann.posts(general, 'What is it now?', { thread })
  expect((await answerIn(general, 2)).threadTs).toBe(thread.ts)
  other.uninstallsApp()
  await second.says('Slack uninstalled Valley. Valley is silent there until it is installed again.')
  ann.posts(general, 'What is it then?', { thread })
  await answerIn(general, 3)
  await stop(second)

  expect(await stored('scope', 'slack_installations')).toEqual([`team:${slack.team.id}`])
  expect(new Set(slack.downloads.map(({ bearer }) => bearer))).toEqual(new Set([slack.team.botToken, other.botToken]))
})

it('a thread goes on after kill -9 in the middle of an answer: history, buttons and settings are still there', async () => {
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const random = slack.team.addChannel('random')
  const settings = { channels: { deny: [random.id] }, assistant: false, streaming: false }
  const secrets = { SLACK_BOT_TOKEN: slack.team.botToken, SLACK_APP_TOKEN: slack.app.appToken }

  const first = start(settings, secrets)
  await first.says('Slack connected')
  const thread = ann.posts(general, '@valley What is it?', { files: [file] })
  const answer = await answerIn(general)
  // So that the next answer is still under way when the process dies.
  const clip = ann.posts(general, 'And What is it there?', { thread, files: [{ name: 'b.mp4', bytes: file.bytes }] })
  slack.planDownloads(clip.files[0]!, { kind: 'stall', afterBytes: 1 })
  const progress = await slack.waitForMessage(general, ({ blocks }) => JSON.stringify(blocks).includes('valley_stop'))
  first.kill('SIGKILL')
  await first.end
  await slack.waitForConnections(0)

  const second = start(settings, secrets)
  await second.says('Slack connected')
  // What was cut is asked again by itself; what it had shown makes room for its answer.
  await slack.waitUntil('the old progress to go', () => progress.isDeleted)
  await answerIn(general, 2)
  slack.deliverAgain(slack.deliveries[0]!, 2)
  ann.posts(random, '@valley What is it?', { files: [file] })
  // What is drawn at random is empty once in a thousand times; of that nothing is kept.
  let answers = 2
  let again: typeof answer
  do {
    ann.presses(answer, 'valley_try_again')
    answers += 1
    again = await answerIn(general, answers)
  } while (JSON.stringify(again.blocks).includes(en.noAnswer))
  ann.posts(general, 'What is it now?', { thread })
  await answerIn(general, answers + 1)
  await stop(second)

  expect(second.count('answered'), second.stderr).toBe(answers)
  const [entry, ...others] = await stored('value', 'entries')
  expect(others).toEqual([])
  const { turns } = JSON.parse(entry!) as Thread
  // The first has made room: the tiny model's context holds three.
  expect(
    turns.map(({ role, text }) => (role === 'user' ? text : role)),
    second.stderr,
  ).toEqual(['And What is it there?', 'assistant', 'What is it?', 'assistant', 'What is it now?', 'assistant'])
  expect(slack.repliesIn(random)).toEqual([])
})

/** What `slack.oauth` needs in the environment. */
function oauthSecrets(): Record<string, string> {
  return {
    SLACK_CLIENT_ID: slack.app.clientId,
    SLACK_CLIENT_SECRET: slack.app.clientSecret,
    SLACK_STATE_SECRET: 'hush, a secret for the state',
  }
}

/** Where it serves requests, as its log says. */
async function servedAt(valley: StartedValley): Promise<string> {
  await valley.says("serving Slack's requests")
  const line = valley.stderr.split('\n').find((one) => one.includes("serving Slack's requests"))!
  const { port } = JSON.parse(line) as { port: number }
  return `http://127.0.0.1:${port}`
}

/** Installs it as a browser does: page of Valley, consent of Slack, and back. @returns the status of the last page */
async function install(origin: string, teamId: string, { withCookie = true } = {}): Promise<number> {
  const page = await fetch(`${origin}/slack/install`, { redirect: 'manual' })
  const asked = new URL(page.headers.get('location')!)
  expect(asked.origin + asked.pathname).toBe('https://slack.com/oauth/v2/authorize')
  expect(asked.searchParams.get('redirect_uri')).toBe(REDIRECT_URI)
  const consent = await fetch(`${slack.origin}/oauth/v2/authorize${asked.search}&team=${teamId}`, {
    redirect: 'manual',
  })
  const back = new URL(consent.headers.get('location')!)
  expect(back.origin + back.pathname).toBe(REDIRECT_URI)
  const cookie = withCookie ? page.headers.getSetCookie().join('; ') : ''
  const { status } = await fetch(`${origin}${back.pathname}${back.search}`, { headers: { cookie } })
  return status
}
