// A file of rules with the calibration that was measured, everything else in it as people wrote it.
import { readFile } from 'node:fs/promises'
import { isMap, isSeq, parseDocument } from 'yaml'
import { assert } from '../assert.ts'
import { recallAtPrecision } from '../evaluation/recall-at-precision.ts'
import { calibrate, fitCalibration } from '../moderation/calibration.ts'
import type { RuleSummary } from '../moderation/replay/summarise.ts'

/** As many decimals as a threshold can tell apart. */
const DECIMALS = 4

/**
 * The text of a rules file with a line of calibration for each rule that has one.
 * @param file that was read without problems
 * @param summaries of its rules, in their order
 * @param model package that they were measured with
 * @param precision when given, alerts are told from the score that finds most while this share of them is right
 */
export async function calibratedRules(
  file: string,
  summaries: readonly RuleSummary[],
  model: string,
  precision?: number,
): Promise<string> {
  const document = parseDocument(await readFile(file, 'utf8'))
  const rules = document.get('rules')
  assert(isSeq(rules) && rules.items.length === summaries.length, 'a policy has the rules that were measured')
  for (const [index, summary] of summaries.entries()) {
    const rule = rules.items[index]
    const { calibration, note, measuredWith } = summary
    if (calibration === null || !isMap(rule)) continue
    const alert = precision === undefined ? null : alertThreshold(summary, precision)
    if (alert !== null) {
      if (note.threshold > alert) rule.set('note', alert)
      rule.set('alert', alert)
    }
    const [slope, offset] = [calibration.slope, calibration.offset].map((value) => Number(value.toFixed(DECIMALS)))
    const line = document.createNode({ model, slope, offset, measuredWith })
    line.flow = true
    rule.set('calibration', line)
  }
  return document.toString({ lineWidth: 0 })
}

/** The threshold on the new line; null where none is precise enough. Rounded down, so that it still finds what it found. */
function alertThreshold({ scores }: RuleSummary, precision: number): number | null {
  const line = fitCalibration(scores)
  if (line === null) return null
  const weighed = scores.map(({ score, isPositive }) => ({ score: calibrate(score, line), isTrue: isPositive }))
  const { threshold } = recallAtPrecision(weighed, precision)
  return Number.isFinite(threshold) ? Math.floor(threshold * 10 ** DECIMALS) / 10 ** DECIMALS : null
}
