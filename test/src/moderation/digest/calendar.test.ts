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

  it.each([
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00Z'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00Z'],
    ['Atlantic/Azores', '2026-03-29', '2026-03-29T01:00:00Z'],
    ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00:00Z'],
  ])('begins at one where clocks are put forward at midnight, as in %s', (timeZone, date, change) => {
    const day = dayOf(at(change), timeZone)
    expect(day).toEqual({ startMs: at(change), endMs: at(change) + 23 * HOUR_MS })
    expect(dayOf(at(change) - 1, timeZone)).toEqual({ startMs: at(change) - 24 * HOUR_MS, endMs: at(change) })
    expect(dateText(day.startMs, timeZone)).toBe(date)
    expect(minuteText(day.startMs, timeZone)).toBe(`${date} 01:00`)
  })

  it.each([
    ['America/Havana', '2026-11-01T04:00:00Z'],
    ['Atlantic/Azores', '2026-10-25T00:00:00Z'],
    ['Asia/Amman', '2021-10-28T21:00:00Z'],
  ])('begins at the first of two midnights where clocks are put back to it, as in %s', (timeZone, midnight) => {
    const whole = { startMs: at(midnight), endMs: at(midnight) + 25 * HOUR_MS }
    expect(dayOf(at(midnight) + HOUR_MS / 2, timeZone)).toEqual(whole)
    expect(dayOf(at(midnight) + HOUR_MS * 1.5, timeZone)).toEqual(whole)
  })

  it.each([
    'America/Santiago',
    'America/Havana',
    'Atlantic/Azores',
    'Africa/Cairo',
    'Asia/Beirut',
    'Australia/Lord_Howe',
  ])('begins where the one before ended, all year in %s, each with its date', (timeZone) => {
    let day = dayOf(at('2026-01-01T12:00:00Z'), timeZone)
    for (let number = 1; number <= 365; number++) {
      expect(dateText(day.startMs, timeZone)).toBe(new Date(Date.UTC(2026, 0, number)).toISOString().slice(0, 10))
      const next = dayOf(day.endMs, timeZone)
      expect(next.startMs).toBe(day.endMs)
      day = next
    }
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

  it('is due for the day before also where clocks are changed at midnight', () => {
    const due = (text: string, timeZone: string) =>
      dateText(lastDuePeriod(at(text), 'day', 9, timeZone).startMs, timeZone)
    expect(due('2026-09-06T09:00:00-03:00', 'America/Santiago')).toBe('2026-09-05')
    expect(due('2026-09-07T09:00:00-03:00', 'America/Santiago')).toBe('2026-09-06')
    expect(due('2021-10-29T09:00:00+02:00', 'Asia/Amman')).toBe('2021-10-28')
  })

  it('is due for the week before on Monday', () => {
    // 2026-11-23 is a Monday.
    const due = (text: string) => dateText(lastDuePeriod(at(text), 'week', 9, 'UTC').startMs, 'UTC')
    expect(due('2026-11-23T08:00:00Z')).toBe('2026-11-09')
    expect(due('2026-11-23T09:00:00Z')).toBe('2026-11-16')
    expect(due('2026-11-29T23:00:00Z')).toBe('2026-11-16')
  })
})
