// Days and weeks as people on a server live them: in its time zone, with days of 23 and 25 hours. Only Intl knows the zones.

/** How often a digest is written. */
export type DigestEvery = 'day' | 'week'

/** A stretch of time, the end excluded; milliseconds since 1970. */
export interface Period {
  readonly startMs: number
  readonly endMs: number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** Monday, as Date counts from Sunday: ISO 8601 begins its weeks there. */
const FIRST_WEEKDAY = 1

/** The local day that an instant is in. */
export function dayOf(atMs: number, timeZone: string): Period {
  const local = new Date(atMs + offsetAt(atMs, timeZone))
  return dayFrom(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), 1, timeZone)
}

/** The local week, from Monday, that an instant is in. */
export function weekOf(atMs: number, timeZone: string): Period {
  const local = new Date(atMs + offsetAt(atMs, timeZone))
  const sinceMonday = (local.getUTCDay() - FIRST_WEEKDAY + 7) % 7
  return dayFrom(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() - sinceMonday, 7, timeZone)
}

/**
 * The last day or week for which a digest is due: it has ended, and the hour of the digest has come.
 * @param hour local hour after the period's end, 0 to 23
 */
export function lastDuePeriod(nowMs: number, every: DigestEvery, hour: number, timeZone: string): Period {
  const periodOf = every === 'day' ? dayOf : weekOf
  const running = periodOf(nowMs, timeZone)
  const last = periodOf(running.startMs - 1, timeZone)
  const isDue = nowMs >= digestTimeAfter(running.startMs, hour, timeZone)
  return isDue ? last : periodOf(last.startMs - 1, timeZone)
}

/** The days or weeks that follow each other from the one that an instant is in to a later one, both included. */
export function periodsUpTo(last: Period, fromMs: number, every: DigestEvery, timeZone: string): Period[] {
  const periodOf = every === 'day' ? dayOf : weekOf
  const periods: Period[] = []
  for (let atMs = fromMs; atMs < last.endMs; ) {
    const period = periodOf(atMs, timeZone)
    periods.push(period)
    atMs = period.endMs
  }
  return periods
}

/** A day as `2026-11-21`, as the server's people would date it. */
export function dateText(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetAt(atMs, timeZone)).toISOString().slice(0, 10)
}

/** A minute as `2026-11-21 14:02`, as their clocks show it. */
export function minuteText(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetAt(atMs, timeZone)).toISOString().slice(0, 16).replace('T', ' ')
}

/** When the digest of a period is written that ended at an instant. @param hour local hour, 0 to 23 */
export function digestTimeAfter(endMs: number, hour: number, timeZone: string): number {
  const local = new Date(endMs + offsetAt(endMs, timeZone))
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()]
  return instantOf(Date.UTC(year, month, day, hour), timeZone)
}

function dayFrom(year: number, month: number, day: number, days: number, timeZone: string): Period {
  // Date.UTC takes days beyond a month's last.
  return {
    startMs: instantOf(Date.UTC(year, month, day), timeZone),
    endMs: instantOf(Date.UTC(year, month, day + days), timeZone),
  }
}

/**
 * The first instant at which clocks show a local time, or, where they are put forward over it, the instant of that change.
 * @param localMs that time, written as if it were UTC
 */
function instantOf(localMs: number, timeZone: string): number {
  // No zone is a day from UTC, so a change of clocks near that time lies between these two.
  const instants = [localMs - DAY_MS, localMs + DAY_MS].map((near) => localMs - offsetAt(near, timeZone))
  const shown = instants.filter((atMs) => atMs + offsetAt(atMs, timeZone) === localMs)
  return shown.length > 0 ? Math.min(...shown) : Math.max(...instants)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What local clocks are ahead of UTC, milliseconds. */
function offsetAt(atMs: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (format === undefined) {
    const numeric = 'numeric'
    const parts = {
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'iso8601', ...parts })
    formats.set(timeZone, format)
  }
  const shown = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second)
  const wholeSeconds = Math.floor(atMs / 1000) * 1000
  // Beyond a day either way Intl would have shown a year that Date reads otherwise.
  return Math.max(-DAY_MS, Math.min(DAY_MS, localMs - wholeSeconds))
}
