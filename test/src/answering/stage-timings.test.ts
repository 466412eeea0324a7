import { expect, it } from 'vitest'
import { StageTimings } from '../../../src/answering/stage-timings.ts'

it('counts the waiting for items to a stage, and not what the reader does with them', async () => {
  let nowMs = 0
  const timings = new StageTimings(() => nowMs)
  async function* slow() {
    for (const item of [1, 2]) {
      nowMs += 10
      yield item
    }
    nowMs += 5
  }
  for await (const _ of timings.measureItems('decode', slow())) nowMs += 100
  expect(timings.report()).toEqual({ decode: 25, total: 225 })
})

it('adds the times of the same stage together, also when it failed', async () => {
  let nowMs = 0
  const timings = new StageTimings(() => nowMs)
  timings.addAll({ encode: 3, pool: 1 })
  timings.addAll({ encode: 4 })
  const fail = timings.measure('probe', async () => {
    nowMs += 2
    throw new Error('no')
  })
  await expect(fail).rejects.toThrow('no')
  expect(timings.report()).toEqual({ encode: 7, pool: 1, probe: 2, total: 2 })
})
