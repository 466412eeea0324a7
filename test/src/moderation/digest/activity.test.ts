import { expect, it } from 'vitest'
import { activityOf } from '../../../../src/moderation/digest/activity.ts'
import { dayOf } from '../../../../src/moderation/digest/calendar.ts'
import type { ClipRecord } from '../../../../src/moderation/watch/store.ts'

/** The bars of a day on which one clip was posted. */
function barsOf(timeZone: string, postedAt: string) {
  const postedAtMs = Date.parse(postedAt)
  const clip = { id: 1, post: { postedAtMs } } as ClipRecord
  const period = dayOf(postedAtMs, timeZone)
  return activityOf({ every: 'day', period, timeZone, clips: [clip], alerts: [] })
}

it.each([
  ['an ordinary day', 'Europe/Madrid', '2026-03-28T18:30:00+01:00', 24, [0, 6, 12, 18]],
  ['a day on which clocks are put forward', 'Europe/Madrid', '2026-03-29T18:30:00+02:00', 23, [0, 5, 11, 17]],
  ['a day on which clocks are put back', 'Europe/Madrid', '2026-10-25T18:30:00+01:00', 25, [0, 7, 13, 19]],
])('the hours under the bars of %s are those of the clocks', (_, timeZone, postedAt, hours, labelled) => {
  const bars = barsOf(timeZone, postedAt)
  expect(bars).toHaveLength(hours)
  const labels = bars.flatMap(({ label }, index) => (label === '' ? [] : [[label, index]]))
  expect(labels).toEqual(['0', '6', '12', '18'].map((label, index) => [label, labelled[index]]))
  expect(
    bars.findIndex(({ clips }) => clips === 1),
    'half past six in the evening',
  ).toBe(labelled[3])
})

it('a day that begins at one, since clocks are put forward at midnight, has no hour 0', () => {
  const labels = barsOf('America/Santiago', '2026-09-06T12:00:00-03:00').map(({ label }) => label)
  expect([labels.length, labels.slice(0, 6)]).toEqual([23, ['', '', '', '', '', '6']])
})
