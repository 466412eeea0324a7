// How a picture is stored against how it is to be seen. Pictures are turned after the chosen ones are selected, since
// ffmpeg's own -autorotate would turn every picture that it decodes.

/** What to do to a stored picture before it is looked at: turn clockwise, after an optional left-right flip. */
export interface Orientation {
  /** Clockwise, applied after the flip. */
  readonly clockwiseDegrees: 0 | 90 | 180 | 270
  /** Mirror left and right first. */
  readonly flipped: boolean
}

/** As stored. */
export const UPRIGHT: Orientation = { clockwiseDegrees: 0, flipped: false }

/** The eight orientations of EXIF, by tag value 1 to 8 (CIPA DC-008, tag 0x0112). */
const EXIF_ORIENTATIONS: readonly Orientation[] = [
  UPRIGHT,
  { clockwiseDegrees: 0, flipped: true },
  { clockwiseDegrees: 180, flipped: false },
  { clockwiseDegrees: 180, flipped: true },
  { clockwiseDegrees: 270, flipped: true },
  { clockwiseDegrees: 90, flipped: false },
  { clockwiseDegrees: 90, flipped: true },
  { clockwiseDegrees: 270, flipped: false },
]

/** The orientation for an EXIF tag value; anything outside 1 to 8 counts as upright, as viewers do. */
export function orientationFromExif(tag: number): Orientation {
  return EXIF_ORIENTATIONS[tag - 1] ?? UPRIGHT
}

/**
 * The orientation that a display matrix asks for.
 * @param matrix nine numbers row-major, of which [a b . c d .] map a stored point to x' = a x + c y, y' = b x + d y, with
 *   y pointing down (ISO 14496-12, 6.2.2); an angle between right angles goes to the nearer axis
 */
export function orientationFromDisplayMatrix(matrix: readonly number[]): Orientation {
  const [a = 1, b = 0, , c = 0, d = 1] = matrix
  if (Math.abs(a) + Math.abs(d) >= Math.abs(b) + Math.abs(c)) {
    if (a < 0) return d < 0 ? { clockwiseDegrees: 180, flipped: false } : { clockwiseDegrees: 0, flipped: true }
    return d < 0 ? { clockwiseDegrees: 180, flipped: true } : UPRIGHT
  }
  if (b > 0) return c < 0 ? { clockwiseDegrees: 90, flipped: false } : { clockwiseDegrees: 270, flipped: true }
  return c > 0 ? { clockwiseDegrees: 270, flipped: false } : { clockwiseDegrees: 90, flipped: true }
}

/** ffmpeg filters that carry out an orientation, in order; none when upright. */
export function orientationFilters({ clockwiseDegrees, flipped }: Orientation): string[] {
  const turn = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] }[clockwiseDegrees]
  return flipped ? ['hflip', ...turn] : turn
}

/** True when width and height change places. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation.clockwiseDegrees % 180 === 90
}
