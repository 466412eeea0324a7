// What `valley doctor` says of moderation: whether its rules can be read, and whether their calibration holds.
import type { Config } from '../config/config.ts'
import { readPolicyFile } from '../moderation/policy.ts'
import { calibrationWarning } from '../moderation/rule-calibration.ts'
import { type Finding, problem } from './doctor-checks.ts'

/** The rules, where there are any; nothing is needed for an answer. */
export async function checkModeration({ moderation }: Config): Promise<Finding[]> {
  if (moderation.rulesFile === null) return []
  try {
    const policy = await readPolicyFile(moderation.rulesFile)
    const { rules, version } = policy
    const seen = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, version ${version}`
    const findings: Finding[] = [{ state: 'ok', matter: 'moderation', seen, needed: false }]
    const warning = calibrationWarning(policy)
    if (warning === null) return findings
    const state = warning.isStale ? 'problem' : 'off'
    return [...findings, { state, matter: 'calibration', seen: warning.seen, remedy: warning.remedy, needed: false }]
  } catch (error) {
    return [{ ...problem('moderation', error), needed: false }]
  }
}
