// A file of rules with the calibration that was measured, everything else in it as people wrote it.
import { readFile } from 'node:fs/promises'
import { isMap, isSeq, parseDocument } from 'yaml'
import { assert } from '../assert.ts'
import type { RuleSummary } from '../moderation/replay/summarise.ts'

/** As many decimals as a threshold can tell apart. */
const DECIMALS = 4

/**
 * The text of a rules file with a line of calibration for each rule that has one.
 * @param file that was read without problems
 * @param summaries of its rules, in their order
 * @param model package that they were measured with
 */
export async function calibratedRules(file: string, summaries: readonly RuleSummary[], model: string): Promise<string> {
  const document = parseDocument(await readFile(file, 'utf8'))
  const rules = document.get('rules')
  assert(isSeq(rules) && rules.items.length === summaries.length, 'a policy has the rules that were measured')
  for (const [index, { calibration }] of summaries.entries()) {
    const rule = rules.items[index]
    if (calibration === null || !isMap(rule)) continue
    const [slope, offset] = [calibration.slope, calibration.offset].map((value) => Number(value.toFixed(DECIMALS)))
    const line = document.createNode({ model, slope, offset })
    line.flow = true
    rule.set('calibration', line)
  }
  return document.toString({ lineWidth: 0 })
}
