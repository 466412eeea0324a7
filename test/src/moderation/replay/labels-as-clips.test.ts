import { expect, it } from 'vitest'
import { parsePolicy } from '../../../../src/moderation/policy.ts'
import { clipsOfLabels } from '../../../../src/moderation/replay/labels-as-clips.ts'
import { measuredWith } from '../../../../src/moderation/rule-calibration.ts'
import type { ModerationLabel } from '../../../../src/moderation/watch/store.ts'

const policyOf = (rule: string) => parsePolicy(`rules:\n  - { name: fences, ${rule} }\n`, 'rules.yaml').policy!

const PLAIN = policyOf('lookFor: [a fence]')
const LABEL: ModerationLabel = {
  contentHash: null,
  rule: 'fences',
  score: 0.9,
  model: 'double',
  policyVersion: 'of then',
  isPositive: true,
}
const raw = (score: number) => ({ score, measuredWith: measuredWith(PLAIN.rules[0]!, PLAIN.look) })

it('verdicts are put on the scale that the rules have now, whatever their calibration was then', () => {
  const labels = [{ ...LABEL, raw: raw(0.8) }]
  const scoresBy = (rule: string) =>
    clipsOfLabels(labels, policyOf(rule), 'double').replayed.map(({ scores }) => scores)
  expect(scoresBy('lookFor: [a fence]')).toEqual([{ fences: 0.8 }])
  const [calibrated] = scoresBy('lookFor: [a fence], calibration: { model: double, slope: 0.5, offset: 0 }')
  // The log-odds of 0.8 are ln 4; half of them are those of 2/3.
  expect(calibrated!.fences).toBeCloseTo(2 / 3, 6)
})

it('verdicts about other questions, and of other rules where the score of the model is not known, are left out and counted', () => {
  const labels = [
    { ...LABEL, raw: raw(0.8) },
    { ...LABEL, policyVersion: PLAIN.version },
    LABEL,
    { ...LABEL, raw: { score: 0.8, measuredWith: '0123456789ab' } },
    { ...LABEL, rule: 'gates' },
    { ...LABEL, model: 'another' },
  ]
  const { replayed, ofOthers, measuredOtherwise } = clipsOfLabels(labels, PLAIN, 'double')
  expect(replayed.map(({ scores }) => scores.fences)).toEqual([0.8, 0.9])
  expect([ofOthers, measuredOtherwise]).toEqual([2, 2])
})
