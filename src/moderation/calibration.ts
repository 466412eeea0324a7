// Scores into probabilities, by Platt's method: a line through the log-odds that the model gives. Two numbers can be
// learnt from the few dozen labelled clips that a server has; isotonic regression, which bends freely, needs about a
// thousand and memorises fewer. A line also never changes the order of clips, so precision and recall stay what they were.
// Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector machines", Machine Learning 68 (2007).

/** The line: log-odds of the probability = slope * log-odds of the score + offset. */
export interface CalibrationLine {
  readonly slope: number
  readonly offset: number
}

/** A score and whether it should have been a yes. */
export interface LabelledScore {
  readonly score: number
  readonly isPositive: boolean
}

/** Keeps log-odds finite. */
const LEAST_SHARE = 1e-6
const MAX_STEPS = 100
const SMALLEST_STEP = 1e-9
/** Added to the second derivatives, so that they can be divided by where all scores are equal. */
const RIDGE = 1e-9

/** A score on the line. */
export function calibrate(score: number, { slope, offset }: CalibrationLine): number {
  return logistic(slope * logOdds(score) + offset)
}

/**
 * Fits the line by maximum likelihood.
 * @returns null when there are not both positives and negatives, all scores are the same, or a higher score speaks for no
 *   rather than yes: then the scores say nothing that a line could mend
 */
export function fitCalibration(scores: readonly LabelledScore[]): CalibrationLine | null {
  const positives = scores.filter(({ isPositive }) => isPositive).length
  const negatives = scores.length - positives
  if (positives === 0 || negatives === 0 || scores.every(({ score }) => score === scores[0]!.score)) return null
  // Not 1 and 0: so few clips leave doubt, and the line would become a step.
  const targetOf = (isPositive: boolean) => (isPositive ? (positives + 1) / (positives + 2) : 1 / (negatives + 2))
  const points = scores.map(({ score, isPositive }) => ({ x: logOdds(score), target: targetOf(isPositive) }))
  const lossOf = (slope: number, offset: number) =>
    points.reduce((sum, { x, target }) => {
      const odds = slope * x + offset
      // log(1 + e^odds) - target * odds, without overflow.
      return sum + Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds))) - target * odds
    }, 0)

  let [slope, offset] = [0, Math.log((positives + 1) / (negatives + 1))]
  for (let step = 0; step < MAX_STEPS; step++) {
    let [gradientSlope, gradientOffset, slopes, mixed, offsets] = [0, 0, RIDGE, 0, RIDGE]
    for (const { x, target } of points) {
      const probability = logistic(slope * x + offset)
      const [error, weight] = [probability - target, probability * (1 - probability)]
      gradientSlope += error * x
      gradientOffset += error
      slopes += weight * x * x
      mixed += weight * x
      offsets += weight
    }
    const determinant = slopes * offsets - mixed * mixed
    const [towardsSlope, towardsOffset] = [
      -(offsets * gradientSlope - mixed * gradientOffset) / determinant,
      -(slopes * gradientOffset - mixed * gradientSlope) / determinant,
    ]
    // Newton's step, halved until it is one downwards.
    let length = 1
    const loss = lossOf(slope, offset)
    while (length > SMALLEST_STEP && lossOf(slope + length * towardsSlope, offset + length * towardsOffset) > loss) {
      length /= 2
    }
    slope += length * towardsSlope
    offset += length * towardsOffset
    if (Math.abs(length * towardsSlope) + Math.abs(length * towardsOffset) < SMALLEST_STEP) break
  }
  return slope > 0 ? { slope, offset } : null
}

function logOdds(score: number): number {
  const share = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, score))
  return Math.log(share / (1 - share))
}

function logistic(odds: number): number {
  return 1 / (1 + Math.exp(-odds))
}
