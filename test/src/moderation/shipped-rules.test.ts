import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { parsePolicy } from '../../../src/moderation/policy.ts'
import { calibrationOf, calibrationWarning } from '../../../src/moderation/rule-calibration.ts'
import { MODEL, MODERATION_RULES } from '../../helpers/embedded-model.ts'

it('the rules that come with the model are calibrated for it, by the questions that are asked now', async () => {
  const { policy, problems } = parsePolicy(readFileSync(MODERATION_RULES, 'utf8'), MODERATION_RULES)
  expect(problems).toEqual([])
  expect(calibrationWarning(policy!)).toBeNull()
  const { name } = (await openPackage(MODEL)).manifest
  for (const rule of policy!.rules) expect(calibrationOf(rule, policy!.look, name), rule.name).not.toBeNull()
})
