// kill -9 at named points of a question's way: after the next start it has exactly one answer. The ordinary suite goes
// through some, `npm run test:long` through all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IS_LONG_RUN } from '../helpers/long-run.ts'
import { discordPoints } from '../kills/discord-points.ts'
import { type KillStage, openKillStage } from '../kills/kill-stage.ts'
import { moderatorPoints } from '../kills/moderator-points.ts'
import { slackPoints } from '../kills/slack-points.ts'

const MINUTE_MS = 60_000
let stage: KillStage

beforeAll(async () => {
  stage = await openKillStage()
})
afterAll(() => stage.close())

describe('Valley killed', () => {
  it(
    'answers each question once after the next start, wherever it was',
    async () => {
      const all = [...discordPoints(stage), ...slackPoints(stage), ...moderatorPoints(stage)]
      expect(all.length).toBeGreaterThanOrEqual(30)
      let valley = await stage.start()
      for (const point of all.filter(({ isOrdinary = false }) => IS_LONG_RUN || isOrdinary)) {
        try {
          await point.reach(valley)
          valley.kill('SIGKILL')
          await valley.end
          valley = await stage.start()
          const { messages = 1 } = point
          const shown = await point.shown()
          await expect.poll(stage.openQuestions, { timeout: MINUTE_MS }).toEqual([])
          expect(shown, JSON.stringify(shown)).toHaveLength(messages)
        } catch (error) {
          throw new Error(`${point.name}: ${String(error)}\n${valley.stderr}`, { cause: error })
        }
      }
      valley.kill('SIGTERM')
      expect((await valley.end).status).toBe(0)
    },
    20 * MINUTE_MS,
  )
})
