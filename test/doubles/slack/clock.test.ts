import { expect, it } from 'vitest'
import { ManualClock } from './clock.ts'
import { Identifiers } from './world/identifiers.ts'

it('runs what falls due in order, also what is planned on the way', () => {
  const clock = new ManualClock()
  const ran: string[] = []
  clock.after(20, () => ran.push('second'))
  clock.after(10, () => {
    ran.push('first')
    clock.after(15, () => ran.push('third'))
  })
  const cancel = clock.after(5, () => ran.push('never'))
  cancel()

  clock.advance(24)
  expect(ran).toEqual(['first', 'second'])
  clock.advance(1)
  expect(ran).toEqual(['first', 'second', 'third'])
})

it('gives timestamps that differ and grow, however little time passes', () => {
  const clock = new ManualClock()
  const identifiers = new Identifiers(clock)
  const stamps = Array.from({ length: 20 }, () => identifiers.timestamp())
  clock.advance(5000)
  stamps.push(identifiers.timestamp())

  expect(new Set(stamps).size).toBe(21)
  expect([...stamps].sort()).toEqual(stamps)
  expect(stamps.every((stamp) => /^\d{10}\.\d{6}$/.test(stamp))).toBe(true)
})
