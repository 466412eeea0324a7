// What labelled clips say of rules, as a Markdown table for a model card.
import { wilsonInterval } from '../../statistics/wilson.ts'
import type { RuleSummary } from './summarise.ts'

/** Whose scores these are. */
export interface ReplayTableHead {
  /** Name of the model package. */
  readonly model: string
  /** Of the policy. */
  readonly version: string
}

const COLUMNS = [
  'rule',
  'clips',
  'touched',
  'precision',
  'recall',
  'average precision',
  'calibration error',
  'Brier score',
]

/** Renders a row for each rule, at the threshold of its alerts; ends with a line break. */
export function renderReplayTable(summaries: readonly RuleSummary[], { model, version }: ReplayTableHead): string {
  const rows = summaries.map((summary) => {
    const { rule, clips, positives, alert, averagePrecision, calibrationError, brierScore, isCalibrated } = summary
    const uncalibrated = isCalibrated || summary.calibration === null ? '' : ', uncalibrated'
    return [
      rule.replaceAll('|', '\\|'),
      String(clips),
      String(positives),
      shareOf(alert.right, alert.right + alert.wrong),
      shareOf(alert.right, positives),
      decimal(averagePrecision),
      `${decimal(calibrationError)}${uncalibrated}`,
      decimal(brierScore),
    ]
  })
  const undecided = summaries.flatMap(({ rule, undecided: count, clips }) =>
    count === 0 ? [] : [`${rule} in ${count} of ${clips} clips`],
  )
  const thresholds = new Set(summaries.map(({ alert }) => alert.threshold.toFixed(2)))
  const lines = [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return [
    `Rules ${version}, answered by ${model}; precision and recall of alerts (from ${[...thresholds].join(', ')}), with 95 %`,
    'intervals. They hold for clips like those that were measured; of other footage, camera footage too, they say nothing.',
    '',
    ...lines,
    ...(undecided.length === 0 ? [] : ['', `Said neither yes nor no, in part at least, to ${undecided.join(', ')}.`]),
    '',
  ].join('\n')
}

function shareOf(right: number, total: number): string {
  if (total === 0) return 'unknown'
  const { low, high } = wilsonInterval(right, total)
  return `${(right / total).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

function decimal(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2)
}
