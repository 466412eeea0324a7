// Where in a clip something is, as people read it.
import { clockTime } from '../conversation/clock-time.ts'

/** Both ends in whole seconds, outwards: `0:02-0:05`. */
export function spanText({ startSeconds, endSeconds }: { startSeconds: number; endSeconds: number }): string {
  return `${clockTime(startSeconds)}-${clockTime(Math.ceil(endSeconds))}`
}
