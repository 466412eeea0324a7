import { expect, it } from 'vitest'
import { RateLimiter } from '../../../src/conversation/rate-limiter.ts'

const ANN = { userId: 'ann', groupId: 'club' }
const BOB = { userId: 'bob', groupId: 'club' }

function limiter() {
  const clock = { ms: 0 }
  return { clock, rates: new RateLimiter(() => clock.ms) }
}

it('lets so many through in any stretch of time, and says when the next may come', () => {
  const { clock, rates } = limiter()
  const limits = { perUser: { questions: 2, seconds: 60 } }
  rates.admit(ANN, limits)
  clock.ms = 40_000
  rates.admit(ANN, limits)
  clock.ms = 50_000
  expect(() => rates.admit(ANN, limits)).toThrow(
    expect.objectContaining({
      code: 'RATE_LIMITED',
      details: { who: 'user', questions: 2, seconds: 60, waitSeconds: 10 },
    }),
  )
  clock.ms = 60_000
  rates.admit(ANN, limits)
  expect(() => rates.admit(ANN, limits)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ waitSeconds: 40 }) }),
  )
})

it('counts a community over all its people, and people apart', () => {
  const { rates } = limiter()
  const limits = { perUser: { questions: 1, seconds: 60 }, perGroup: { questions: 2, seconds: 60 } }
  rates.admit(ANN, limits)
  rates.admit(BOB, limits)
  expect(() => rates.admit({ userId: 'cem', groupId: 'club' }, limits)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ who: 'group' }) }),
  )
  rates.admit({ userId: 'cem', groupId: 'other' }, limits)
})

it('does not count what it refuses', () => {
  const { clock, rates } = limiter()
  const limits = { perUser: { questions: 1, seconds: 10 }, perGroup: { questions: 2, seconds: 100 } }
  rates.admit(ANN, limits)
  expect(() => rates.admit(ANN, limits)).toThrow()
  clock.ms = 10_000
  rates.admit(ANN, limits)
})

it('knows no bound where none is set, and no group in a direct conversation', () => {
  const { rates } = limiter()
  for (let count = 0; count < 100; count++) rates.admit(ANN)
  for (let count = 0; count < 100; count++) rates.admit({ userId: 'ann' }, { perGroup: { questions: 1, seconds: 60 } })
})

it('lets nothing through at a limit of none', () => {
  const { rates } = limiter()
  expect(() => rates.admit(ANN, { perUser: { questions: 0, seconds: 60 } })).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ waitSeconds: 60 }) }),
  )
})
