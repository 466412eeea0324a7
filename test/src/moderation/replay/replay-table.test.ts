import { expect, it } from 'vitest'
import type { LabelledScore } from '../../../../src/moderation/calibration.ts'
import { averagePrecision, brierScore, calibrationError, resultAt } from '../../../../src/moderation/replay/metrics.ts'
import { renderReplayTable } from '../../../../src/moderation/replay/replay-table.ts'
import type { RuleSummary } from '../../../../src/moderation/replay/summarise.ts'

function summary(rule: string, scores: readonly LabelledScore[], changes: Partial<RuleSummary> = {}): RuleSummary {
  return {
    rule,
    clips: scores.length,
    positives: scores.filter(({ isPositive }) => isPositive).length,
    undecided: 0,
    note: resultAt(scores, 0.5),
    alert: resultAt(scores, 0.8),
    averagePrecision: averagePrecision(scores),
    brierScore: brierScore(scores),
    calibrationError: calibrationError(scores),
    isCalibrated: true,
    calibration: { slope: 1, offset: 0 },
    measuredWith: '0123456789ab',
    scores,
    ...changes,
  }
}

const scores = [
  { score: 0.9, isPositive: true },
  { score: 0.9, isPositive: true },
  { score: 0.1, isPositive: false },
]

it('a table for a model card has precision and recall of alerts with their intervals, and whom it holds for', () => {
  const table = renderReplayTable([summary('weapons', scores)], { model: 'stickers', version: 'abc' })
  // Wilson's interval of 2 of 2: 2 / (2 + 1.96 squared) to 1.
  expect(table).toContain('| weapons | 3 | 2 | 1.00 (0.34 to 1.00) | 1.00 (0.34 to 1.00) | 1.00 | 0.10 | 0.01 |\n')
  expect(table).toMatch(/^Rules abc, answered by stickers;/)
  expect(table).toContain('camera footage too, they say nothing')
})

it('a table says which scores are not calibrated, and what is unknown', () => {
  const none = scores.map(({ score }) => ({ score: score / 2, isPositive: false }))
  const table = renderReplayTable([summary('a|b', none, { isCalibrated: false, undecided: 2 })], {
    model: 'm',
    version: 'v',
  })
  expect(table).toContain('| a\\|b | 3 | 0 | unknown | unknown | unknown |')
  expect(table).toContain(', uncalibrated |')
  expect(table).toMatch(/\nSaid neither yes nor no, in part at least, to a\|b in 2 of 3 clips\.\n$/)
})
