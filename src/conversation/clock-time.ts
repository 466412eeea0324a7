// Clip times as people write them.

/** Seconds as `m:ss`, or `h:mm:ss` from an hour on; fractions are cut off. */
export function clockTime(timeSeconds: number): string {
  const seconds = Math.floor(timeSeconds)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const tail = String(seconds % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}
