// What a package must keep of its checkpoint at least. The floors lie well below what sound checkpoints reach: what falls
// under them is broken rather than coarse.
import { AppError } from '../../errors.ts'
import type { Precision } from '../precision.ts'
import type { Quality } from './measure-quality.ts'

/** Least values of one precision. */
export interface QualityFloor {
  /** Of each frame. */
  readonly frameCosine: number
  readonly agreement: number
  /** Most, not least: nats. */
  readonly divergence: number
}

/** Floors by precision. Visual tokens are computed in 8 bits at int4 too, so their floor is the same. */
export const QUALITY_FLOORS: Readonly<Record<Precision, QualityFloor>> = {
  fp32: { frameCosine: 0.9999, agreement: 0.98, divergence: 0.001 },
  fp16: { frameCosine: 0.999, agreement: 0.95, divergence: 0.005 },
  int8: { frameCosine: 0.99, agreement: 0.9, divergence: 0.05 },
  int4: { frameCosine: 0.99, agreement: 0.7, divergence: 0.6 },
}

/** What lies under the floor, in words with the value and the floor; empty when nothing does. */
export function belowFloor(quality: Quality, precision: Precision): string[] {
  const floor = QUALITY_FLOORS[precision]
  const worst = Math.min(...quality.frameCosines)
  return [
    !(worst >= floor.frameCosine)
      ? `the worst frame has the cosine ${worst.toFixed(4)} (floor ${floor.frameCosine})`
      : '',
    !(quality.agreement >= floor.agreement)
      ? `the likeliest token agrees at ${quality.agreement.toFixed(3)} of the positions (floor ${floor.agreement})`
      : '',
    !(quality.divergence <= floor.divergence)
      ? `the divergence is ${quality.divergence.toFixed(4)} nats (at most ${floor.divergence})`
      : '',
  ].filter((problem) => problem !== '')
}

/** @throws AppError QUALITY_TOO_LOW when something lies under the floor */
export function requireFloor(name: string, quality: Quality, precision: Precision): void {
  const problems = belowFloor(quality, precision)
  if (problems.length === 0) return
  throw new AppError(
    'QUALITY_TOO_LOW',
    `${name} loses too much at ${precision}: ${problems.join('; ')}. Build it with a higher --precision, or take it as it is with --allow-loss.`,
    { details: { name, precision } },
  )
}

/** The measurement in one line. */
export function qualityText({ frameCosines, divergence, agreement, perplexity, ...rest }: Quality): string {
  const cosines = frameCosines.map((value) => value.toFixed(4)).join(', ')
  return `cosine by frame ${cosines}; likeliest token the same at ${(agreement * 100).toFixed(1)} % of ${rest.positions} positions, divergence ${divergence.toFixed(4)} nats, perplexity ${perplexity.toFixed(2)} (fp32 ${rest.referencePerplexity.toFixed(2)})`
}
