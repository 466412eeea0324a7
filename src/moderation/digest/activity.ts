// When the clips of a digest were posted, by the clocks of the server's people.
import { dateText, dayOf, minuteText } from './calendar.ts'
import type { DigestContent } from './digest-content.ts'
import type { ActivityBar } from './draw-activity.ts'

const HOUR_MS = 60 * 60 * 1000
/** Of the hours of a day so many stand under their bar. */
const HOURS_A_LABEL = 6
/** Where the hour stands in `2026-11-21 14:02`. */
const HOUR_AT = 11

/** A bar an hour for a day, of which there are 23 or 25 when clocks are changed; a bar a day for a week. */
export function activityOf({
  every,
  period,
  timeZone,
  clips,
  alerts,
}: Pick<DigestContent, 'every' | 'period' | 'timeZone' | 'clips' | 'alerts'>): ActivityBar[] {
  const alerted = new Set(alerts.map(({ clip }) => clip.id))
  const bars: ActivityBar[] = []
  let startMs = period.startMs
  while (startMs < period.endMs) {
    const hourLater = startMs + HOUR_MS
    // No day is shorter than an hour, so that the bars come to an end whatever a zone's clocks do.
    const endMs = every === 'week' ? Math.max(dayOf(startMs, timeZone).endMs, hourLater) : hourLater
    const within = clips.filter(({ post }) => post.postedAtMs >= startMs && post.postedAtMs < endMs)
    const label =
      every === 'week' ? String(Number(dateText(startMs, timeZone).slice(8))) : hourLabel(minuteText(startMs, timeZone))
    bars.push({ label, clips: within.length, alerts: within.filter(({ id }) => alerted.has(id)).length })
    startMs = endMs
  }
  return bars
}

/** The hour that clocks show, not how many have passed: on a day on which they are changed these differ. */
function hourLabel(minute: string): string {
  const hour = Number(minute.slice(HOUR_AT, HOUR_AT + 2))
  return hour % HOURS_A_LABEL === 0 ? String(hour) : ''
}
