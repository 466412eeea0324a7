import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { IdleClock } from '../../../src/engine/idle-clock.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('tells once that nothing was under way for so long, counted from the end of the last', async () => {
  const onIdle = vi.fn()
  const clock = new IdleClock(100, onIdle)
  let end = () => {}
  const running = clock.during(new Promise<void>((resolve) => (end = resolve)))
  await clock.during(Promise.resolve())
  vi.advanceTimersByTime(1000)
  expect(onIdle).not.toHaveBeenCalled()
  end()
  await running
  vi.advanceTimersByTime(99)
  expect(onIdle).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(onIdle).toHaveBeenCalledOnce()
})

it('passes on what was done, well or not, and tells nothing once it was stopped', async () => {
  const onIdle = vi.fn()
  const clock = new IdleClock(100, onIdle)
  expect(await clock.during(Promise.resolve(7))).toBe(7)
  clock.stop()
  await expect(clock.during(Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  vi.advanceTimersByTime(1000)
  expect(onIdle).not.toHaveBeenCalled()
})
