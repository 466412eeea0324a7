// kill -9 at named points of a question's way on Slack: after the next start it has exactly one answer.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../src/storage/database.ts'
import { DATABASE_FILE } from '../../src/storage/storage.ts'
import { openDouble } from '../adapters/slack/slack-talk.ts'
import type { SlackDouble } from '../doubles/slack/slack-double.ts'
import { slowAnswer } from '../doubles/slack/web-api/faults.ts'
import type { Channel } from '../doubles/slack/world/channel.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../helpers/make-clips.ts'
import { StartedValley } from '../helpers/started-valley.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const data = join(folder, 'data')
const clip = join(folder, 'clip.mp4')
const LATE_MS = 20_000
const LIMIT = { limitMs: 50_000 }
let slack: SlackDouble
let environment: Record<string, string>

/** Where a question is when the program is killed: what to prepare, and how it is known that the point is reached. */
interface Point {
  readonly name: string
  readonly prepare?: () => void
  readonly reached: (valley: StartedValley, general: Channel, callsBefore: number) => Promise<unknown>
}

/** The log says so once more than before: of the question before it may have said so too. */
const logged = (message: string) => async (valley: StartedValley) => {
  await valley.says(message, valley.count(message) + 1)
}
const called = (method: string) => async (_: StartedValley, __: Channel, before: number) => {
  await slack.waitUntil(
    method,
    () =>
      slack
        .requests()
        .slice(before)
        .some((call) => call.method === method),
    LIMIT,
  )
}

const POINTS: readonly Point[] = [
  { name: 'the question is written down', reached: logged('question written down') },
  { name: 'the question is taken', reached: logged('question taken') },
  {
    name: 'the first message of its reply was posted, and Slack has not said so',
    prepare: () => slack.plan('chat.postMessage', slowAnswer(LATE_MS)),
    reached: called('chat.postMessage'),
  },
  {
    name: 'the first message of its reply is there',
    reached: (_, general) => slack.waitForMessage(general, /./, LIMIT.limitMs),
  },
  { name: 'its answer is kept', reached: logged('answered') },
  {
    name: 'its answer is being shown',
    prepare: () => slack.plan('chat.update', slowAnswer(LATE_MS)),
    reached: called('chat.update'),
  },
  { name: 'it is settled', reached: logged('question settled') },
]

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'))
  writeColourClip(clip, 10, LOSSLESS_H264, { width: 64, height: 48 })
  const model = await buildTinyPackage('importance')
  slack = await openDouble()
  const settings = {
    slack: { apiUrl: slack.apiUrl, streaming: false },
    storyboard: false,
    trustedHosts: [new URL(slack.origin).host],
    limits: { questionsPerUserPerMinute: 100 },
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
    SLACK_BOT_TOKEN: slack.team.botToken,
    SLACK_APP_TOKEN: slack.app.appToken,
  }
})
afterAll(async () => {
  await slack.close()
  removeFolder()
})

async function openQuestions() {
  const database = await Database.open({ file: join(data, DATABASE_FILE) })
  try {
    return await database.read('be read', "SELECT id FROM jobs WHERE state <> 'settled'")
  } finally {
    database.close()
  }
}

async function start(): Promise<StartedValley> {
  const valley = new StartedValley(folder, environment)
  await valley.says('Slack connected')
  return valley
}

describe('Valley killed on Slack', () => {
  it('answers each question once after the next start, wherever it was', async () => {
    const ann = slack.team.addUser('ann')
    let valley = await start()
    for (const [number, point] of POINTS.entries()) {
      const general = slack.team.addChannel(`general-${number}`)
      point.prepare?.()
      const before = slack.requests().length
      ann.posts(general, '@valley What is it?', { files: [{ name: 'clip.mp4', bytes: readFileSync(clip) }] })
      await point.reached(valley, general, before)
      valley.kill('SIGKILL')
      await valley.end

      valley = await start()
      await slack.waitForMessage(general, ({ blocks }) => JSON.stringify(blocks).includes('valley_try_again'), 50_000)
      await expect.poll(openQuestions, { timeout: 30_000 }).toEqual([])
      const shown = slack.repliesIn(general).map(({ text }) => text)
      expect(shown, `${point.name}: ${JSON.stringify(shown)}`).toHaveLength(1)
    }
    valley.kill('SIGTERM')
    expect((await valley.end).status).toBe(0)
  }, 600_000)
})
