// Whether the calibration of a rule holds: a line that was fitted to answers to other questions, or to other pictures of a
// clip, turns scores into numbers that are no probabilities.
import { createHash } from 'node:crypto'
import type { CalibrationLine } from './calibration.ts'
import { MEASURED_CATEGORY } from './categories.ts'
import { type Policy, questionsOf } from './policy.ts'
import type { LookSettings, Rule } from './policy-schema.ts'

const DIGITS = 12

/**
 * What the scores of a rule depend on beside the model: its questions, and what the model sees of a clip at a time.
 * @returns 12 hexadecimal digits of a SHA-256; the same for scores that can be compared
 */
export function measuredWith(rule: Pick<Rule, 'category' | 'lookFor'>, look: LookSettings): string {
  const { windowSeconds, framesPerWindow } = look
  const asked = { questions: questionsOf(rule), windowSeconds, framesPerWindow }
  // What is measured is asked of no model.
  const meaning = rule.category === MEASURED_CATEGORY ? { category: rule.category } : asked
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, DIGITS)
}

/** The line of a rule that its scores are put on; null when it has none, or one of another model or of other questions. */
export function calibrationOf(rule: Rule, look: LookSettings, model: string): CalibrationLine | null {
  const { calibration } = rule
  return calibration === undefined || calibration.model !== model || isStale(rule, look) ? null : calibration
}

/** What is wrong with the calibration of some rules. */
export interface CalibrationWarning {
  readonly seen: string
  readonly remedy: string
  /** True when the calibration of a rule is not used. */
  readonly isStale: boolean
}

/** Says which rules are to be calibrated again; null when none is. */
export function calibrationWarning({ rules, look }: Pick<Policy, 'rules' | 'look'>): CalibrationWarning | null {
  const stale = rules.filter((rule) => isStale(rule, look)).map(({ name }) => name)
  const unknown = rules.flatMap(({ name, calibration }) =>
    calibration !== undefined && calibration.measuredWith === undefined ? [name] : [],
  )
  if (stale.length + unknown.length === 0) return null
  const seen = [
    ...(stale.length === 0
      ? []
      : [`not used for ${stale.join(', ')}: measured with other questions, windows or frames than are used now`]),
    ...(unknown.length === 0
      ? []
      : [`used for ${unknown.join(', ')} without being known to fit: it does not say what it was measured with`]),
  ]
  const remedy = 'Calibrate again: valley moderation replay FOLDER --rules FILE --write-rules FILE.'
  return { seen: seen.join('; '), remedy, isStale: stale.length > 0 }
}

function isStale(rule: Rule, look: LookSettings): boolean {
  const known = rule.calibration?.measuredWith
  return known !== undefined && known !== measuredWith(rule, look)
}
