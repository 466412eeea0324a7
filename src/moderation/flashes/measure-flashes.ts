// Flashing light, measured: how often, over how much of the picture, and when, by WCAG 2.3.1 (three flashes or below
// threshold). No model; every picture is looked at.
import type { Frame } from '../../video/frame.ts'
import { cellColours, countWithinField, type FlashGrid } from './flash-grid.ts'
import { LuminanceTransitions, RedTransitions, type TransitionDetector } from './transitions.ts'

/** More flashes than this within one second are too many. */
export const ALLOWED_FLASHES_PER_SECOND = 3

/** A stretch of clip time, both ends included. */
export interface TimeSpan {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** What was measured of one kind of flash. */
export interface FlashMeasure {
  /** `general`: light and dark; `red`: from or to a saturated red. */
  readonly kind: 'general' | 'red'
  /** Most flashes within one second, over more than a quarter of a visual field; half a flash is a change not yet undone. */
  readonly flashesPerSecond: number
  /** Where there are more than ALLOWED_FLASHES_PER_SECOND; ascending, apart. */
  readonly spans: readonly TimeSpan[]
}

const PERIOD_SECONDS = 1
/** The period is open at its beginning; this much more than it still counts as its end. */
const TIME_TOLERANCE_SECONDS = 1e-6

/**
 * Measures both kinds of flashes.
 * @param frames every picture of the clip, in the grid's size
 * @throws what the frames throw
 */
export async function measureFlashes(frames: AsyncIterable<Frame>, grid: FlashGrid): Promise<readonly FlashMeasure[]> {
  const general = new FlashCounter('general', grid, () => new LuminanceTransitions())
  const red = new FlashCounter('red', grid, () => new RedTransitions())
  for await (const frame of frames) {
    const colours = cellColours(frame, grid)
    for (const counter of [general, red]) {
      const changed = colours.flatMap((colour, cell) => (counter.detectors[cell]!.add(colour) ? [cell] : []))
      counter.add(frame.timeSeconds, changed)
    }
  }
  return [general.measure(), red.measure()]
}

/** Counts one kind of changes in every cell over the last second. */
class FlashCounter {
  readonly kind: FlashMeasure['kind']
  readonly detectors: readonly TransitionDetector[]
  readonly #grid: FlashGrid
  readonly #counts: Uint16Array
  /** Changes of the last second, oldest first. */
  readonly #recent: { readonly timeSeconds: number; readonly cells: readonly number[] }[] = []
  readonly #spans: TimeSpan[] = []
  #most = 0

  constructor(kind: FlashMeasure['kind'], grid: FlashGrid, newDetector: () => TransitionDetector) {
    this.kind = kind
    this.#grid = grid
    this.#counts = new Uint16Array(grid.columns * grid.rows)
    this.detectors = Array.from(this.#counts, newDetector)
  }

  /** Takes the cells that changed in a picture. */
  add(timeSeconds: number, cells: readonly number[]): void {
    if (cells.length === 0) return
    const since = timeSeconds - PERIOD_SECONDS + TIME_TOLERANCE_SECONDS
    while (this.#recent.length > 0 && this.#recent[0]!.timeSeconds <= since) {
      for (const cell of this.#recent.shift()!.cells) this.#counts[cell]!--
    }
    this.#recent.push({ timeSeconds, cells })
    for (const cell of cells) this.#counts[cell]!++
    const count = countWithinField(this.#counts, this.#grid)
    this.#most = Math.max(this.#most, count)
    if (count > 2 * ALLOWED_FLASHES_PER_SECOND) this.#addSpan(this.#recent[0]!.timeSeconds, timeSeconds)
  }

  /** What was measured so far. */
  measure(): FlashMeasure {
    return { kind: this.kind, flashesPerSecond: this.#most / 2, spans: this.#spans }
  }

  #addSpan(startSeconds: number, endSeconds: number): void {
    const last = this.#spans.at(-1)
    if (last === undefined || last.endSeconds < startSeconds) this.#spans.push({ startSeconds, endSeconds })
    else this.#spans[this.#spans.length - 1] = { startSeconds: last.startSeconds, endSeconds }
  }
}
