import { describe, expect, it } from 'vitest'
import { dateText, dayOf, lastDuePeriod, minuteText, weekOf } from '../../../../src/moderation/digest/calendar.ts'

const HOUR_MS = 60 * 60 * 1000
const at = (text: string) => Date.parse(text)

describe('a day', () => {
  it('begins and ends at midnight where the server is', () => {
    const day = dayOf(at('2026-11-21T02:00:00Z'), 'America/New_York')
    expect(day).toEqual({ startMs: at('2026-11-20T00:00:00-05:00'), endMs: at('2026-11-21T00:00:00-05:00') })
    expect(dateText(at('2026-11-21T02:00:00Z'), 'America/New_York')).toBe('2026-11-20')
    expect(minuteText(at('2026-11-21T02:05:59Z'), 'America/New_York')).toBe('2026-11-20 21:05')
  })

  it.each([
    ['spring', '2026-03-29T12:00:00+02:00', 23],
    ['autumn', '2026-10-25T12:00:00+01:00', 25],
  ])('is as long as the clocks make it in %s', (_, noon, hours) => {
    const { startMs, endMs } = dayOf(at(noon), 'Europe/Madrid')
    expect((endMs - startMs) / HOUR_MS).toBe(hours)
  })

  it('may be ahead by parts of an hour', () => {
    expect(dayOf(at('2026-06-01T18:20:00Z'), 'Asia/Kathmandu').startMs).toBe(at('2026-06-02T00:00:00+05:45'))
  })
})

describe('a week', () => {
  it('begins on Monday, also over the end of a month', () => {
    // 2026-11-01 is a Sunday.
    expect(weekOf(at('2026-11-01T12:00:00Z'), 'UTC')).toEqual({
      startMs: at('2026-10-26T00:00:00Z'),
      endMs: at('2026-11-02T00:00:00Z'),
    })
  })
})

describe('a digest', () => {
  it('is due for the day before once its hour has come', () => {
    const before = lastDuePeriod(at('2026-11-21T08:59:59+01:00'), 'day', 9, 'Europe/Madrid')
    const after = lastDuePeriod(at('2026-11-21T09:00:00+01:00'), 'day', 9, 'Europe/Madrid')
    expect(dateText(before.startMs, 'Europe/Madrid')).toBe('2026-11-19')
    expect(dateText(after.startMs, 'Europe/Madrid')).toBe('2026-11-20')
    expect(after.startMs).toBe(before.endMs)
  })

  it('is due for the week before on Monday', () => {
    // 2026-11-23 is a Monday.
    const due = (text: string) => dateText(lastDuePeriod(at(text), 'week', 9, 'UTC').startMs, 'UTC')
    expect(due('2026-11-23T08:00:00Z')).toBe('2026-11-09')
    expect(due('2026-11-23T09:00:00Z')).toBe('2026-11-16')
    expect(due('2026-11-29T23:00:00Z')).toBe('2026-11-16')
  })
})
