// How long a run will still take, for progress lines.

/** As `0:45` or `1:02:03`, by the time that what is done took; `?` before anything is. */
export function timeLeft(done: number, total: number, elapsedMs: number): string {
  if (done === 0) return '?'
  const seconds = Math.round((elapsedMs / done / 1000) * (total - done))
  const two = (number: number) => String(number).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
