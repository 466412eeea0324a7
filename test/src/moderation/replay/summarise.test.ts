import { describe, expect, it } from 'vitest'
import { calibrate } from '../../../../src/moderation/calibration.ts'
import { parsePolicy } from '../../../../src/moderation/policy.ts'
import { type ReplayedClip, summariseReplay } from '../../../../src/moderation/replay/summarise.ts'

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(`rules:\n${text}`, 'rules.yaml')
  expect(problems).toEqual([])
  return policy!
}

function clip(score: number, { shows = [] as string[], unsure = [] as string[] } = {}): ReplayedClip {
  const labels = { path: '/clip', file: 'clip', shows: new Set(shows), unsure: new Set(unsure) }
  return { clip: labels, scores: { fences: score } }
}

const FENCES = '  - { name: fences, lookFor: [a fence], note: 0.4, alert: 0.6 }'
const CLIPS = [
  clip(0.9, { shows: ['fences'] }),
  clip(0.5, { shows: ['fences'] }),
  clip(0.55),
  clip(0.1),
  clip(0.99, { unsure: ['fences'] }),
]

describe('summariseReplay', () => {
  it('counts the clips that the model did not judge', () => {
    const replayed = [{ ...clip(0), undecided: new Set(['fences']) }, clip(0.9)]
    expect(summariseReplay(policyOf(FENCES), replayed, 'double')).toMatchObject([{ clips: 2, undecided: 1 }])
  })

  it('measures a rule at both of its thresholds, without the clips that people are unsure about', () => {
    const [summary] = summariseReplay(policyOf(FENCES), CLIPS, 'double')
    expect(summary).toMatchObject({
      rule: 'fences',
      clips: 4,
      positives: 2,
      note: { threshold: 0.4, right: 2, wrong: 1, missed: 0 },
      alert: { threshold: 0.6, right: 1, wrong: 0, missed: 1 },
    })
  })

  it('tells of a calibrated rule the line that the model itself needs', () => {
    const raw = summariseReplay(policyOf(FENCES), CLIPS, 'double')[0]!.calibration!
    const line = { slope: 0.5, offset: -1 }
    const calibrated = CLIPS.map((one) => ({ ...one, scores: { fences: calibrate(one.scores.fences!, line) } }))
    const policy = policyOf(FENCES.replace(' }', ', calibration: { model: double, slope: 0.5, offset: -1 } }'))
    const [summary] = summariseReplay(policy, calibrated, 'double')
    expect(summary!.calibration!.slope).toBeCloseTo(raw.slope, 4)
    expect(summary!.calibration!.offset).toBeCloseTo(raw.offset, 4)
  })

  it('calibrates nothing that is measured', () => {
    const policy = policyOf('  - { name: fences, category: flashing-light }')
    expect(summariseReplay(policy, CLIPS, 'double')[0]!.calibration).toBeNull()
  })
})
