// What `valley doctor` says of moderation: whether its rules can be read.
import type { Config } from '../config/config.ts'
import { readPolicyFile } from '../moderation/policy.ts'
import { type Finding, problem } from './doctor-checks.ts'

/** The rules, where there are any; nothing is needed for an answer. */
export async function checkModeration({ moderation }: Config): Promise<Finding[]> {
  if (moderation.rulesFile === null) return []
  try {
    const { rules, version } = await readPolicyFile(moderation.rulesFile)
    const seen = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, version ${version}`
    return [{ state: 'ok', matter: 'moderation', seen, needed: false }]
  } catch (error) {
    return [{ ...problem('moderation', error), needed: false }]
  }
}
