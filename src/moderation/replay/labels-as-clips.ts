// What moderators decided about alerts, as labelled clips with the scores of then: no clip is needed to measure a rule anew.
// Only clips that were told have a verdict, so what a rule missed is not among them.
import { calibrate } from '../calibration.ts'
import type { Policy } from '../policy.ts'
import { calibrationOf, measuredWith } from '../rule-calibration.ts'
import type { ModerationLabel } from '../watch/store.ts'
import type { ReplayedClip } from './summarise.ts'

/** Labels as clips, and how many are none. */
export interface LabelledScores {
  readonly replayed: readonly ReplayedClip[]
  /** Labels of rules or models that are not asked about. */
  readonly ofOthers: number
  /** Labels whose scores cannot be compared with those of now. */
  readonly measuredOtherwise: number
}

/** The labels of a model and of a policy's rules, on the scale that its calibrations have now; each counts for its rule alone. */
export function clipsOfLabels(
  labels: readonly ModerationLabel[],
  policy: Pick<Policy, 'rules' | 'look' | 'version'>,
  model: string,
): LabelledScores {
  const { rules } = policy
  const asked = labels.filter((label) => label.model === model && rules.some(({ name }) => name === label.rule))
  const replayed = asked.flatMap((label) => {
    const { contentHash, rule, isPositive } = label
    const score = scoreOf(label, policy, model)
    if (score === null) return []
    const shows = new Set(isPositive ? [rule] : [])
    const unsure = new Set(rules.map(({ name }) => name).filter((name) => name !== rule))
    return [{ clip: { path: '', file: contentHash ?? '', shows, unsure }, scores: { [rule]: score } }]
  })
  return { replayed, ofOthers: labels.length - asked.length, measuredOtherwise: asked.length - replayed.length }
}

/** @returns null when what the model was asked, or how its answer was calibrated, was another */
function scoreOf(
  { rule: name, score, raw, policyVersion }: ModerationLabel,
  { rules, look, version }: Pick<Policy, 'rules' | 'look' | 'version'>,
  model: string,
): number | null {
  // Without the score of the model itself only the same rules are sure to give the same.
  if (raw === undefined) return policyVersion === version ? score : null
  const rule = rules.find((one) => one.name === name)
  if (rule === undefined || raw.measuredWith !== measuredWith(rule, look)) return null
  const line = calibrationOf(rule, look, model)
  return line === null ? raw.score : calibrate(raw.score, line)
}
