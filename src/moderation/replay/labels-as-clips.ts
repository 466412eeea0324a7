// What moderators decided about alerts, as labelled clips with the scores of then: no clip is needed to measure a rule anew.
// Only clips that were told have a verdict, so what a rule missed is not among them.
import type { ModerationLabel } from '../watch/store.ts'
import type { ReplayedClip } from './summarise.ts'

/** The labels of a model and of some rules; each counts for its rule alone. */
export function clipsOfLabels(
  labels: readonly ModerationLabel[],
  ruleNames: readonly string[],
  model: string,
): ReplayedClip[] {
  return labels
    .filter((label) => label.model === model && ruleNames.includes(label.rule))
    .map(({ contentHash, rule, score, isPositive }) => ({
      clip: {
        path: '',
        file: contentHash ?? '',
        shows: new Set(isPositive ? [rule] : []),
        unsure: new Set(ruleNames.filter((name) => name !== rule)),
      },
      scores: { [rule]: score },
    }))
}
