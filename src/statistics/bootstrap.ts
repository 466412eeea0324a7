// How sure a figure is for which no formula is at hand: drawn anew from the cases that it was computed of, again and again.
import { seededRandom } from '../valley/random.ts'
import type { Interval } from './wilson.ts'

/** How the cases are drawn. */
export interface BootstrapOptions {
  /** Times that a sample is drawn; default 2000, which gives the ends of the interval to about a hundredth. */
  readonly samples?: number
  /** The same seed gives the same interval; default 0. */
  readonly seed?: number
}

const DEFAULT_SAMPLES = 2000
const TAIL = 0.025

/**
 * The 95 % percentile interval of a figure of some cases.
 * @param figure computes it of as many cases, drawn with repetition; null where it has no value, and the sample counts not
 * @returns null when there is no case, or no sample with a value
 * @see B. Efron, Annals of Statistics 7 (1979), 1-26
 */
export function bootstrapInterval<Case>(
  cases: readonly Case[],
  figure: (drawn: readonly Case[]) => number | null,
  { samples = DEFAULT_SAMPLES, seed = 0 }: BootstrapOptions = {},
): Interval | null {
  if (cases.length === 0) return null
  const random = seededRandom(seed)
  const figures: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const value = figure(cases.map(() => cases[Math.floor(random() * cases.length)]!))
    if (value !== null) figures.push(value)
  }
  if (figures.length === 0) return null
  figures.sort((a, b) => a - b)
  const at = (share: number) => figures[Math.round(share * (figures.length - 1))]!
  return { low: at(TAIL), high: at(1 - TAIL) }
}
