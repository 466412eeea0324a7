import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { calibratedRules } from '../../../src/commands/calibrated-rules.ts'
import { parsePolicy } from '../../../src/moderation/policy.ts'
import { summariseReplay } from '../../../src/moderation/replay/summarise.ts'
import { calibrationWarning } from '../../../src/moderation/rule-calibration.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

it('rules that are written with their calibration keep what people wrote', async () => {
  const file = join(temporaryFolder(), 'rules.yaml')
  const text =
    'rules:\n  # Asked for in May.\n  - name: knives\n    lookFor: [a knife]\n  - { name: fences, lookFor: [a fence] }\n'
  writeFileSync(file, text)
  const asked = parsePolicy(text, file).policy!
  const clip = { path: '', file: '', unsure: new Set<string>() }
  const replayed = [
    { clip: { ...clip, shows: new Set(['knives']) }, scores: { knives: 0.6, fences: 0.5 } },
    { clip: { ...clip, shows: new Set<string>() }, scores: { knives: 0.2, fences: 0.5 } },
  ]
  const summaries = summariseReplay(asked, replayed, 'stickers')
  const written = await calibratedRules(file, summaries, 'stickers')
  expect(written).toContain('# Asked for in May.')
  const { policy, problems } = parsePolicy(written, 'calibrated.yaml')
  expect(problems).toEqual([])
  const { slope, offset } = summaries[0]!.calibration!
  expect(policy!.rules[0]!.calibration).toEqual({
    model: 'stickers',
    slope: Number(slope.toFixed(4)),
    offset: Number(offset.toFixed(4)),
    measuredWith: expect.stringMatching(/^[0-9a-f]{12}$/),
  })
  expect(calibrationWarning(policy!), 'just measured').toBeNull()
  expect(policy!.rules[0]!.alert).toBe(0.8)
  const precise = parsePolicy(await calibratedRules(file, summaries, 'stickers', 0.9), 'calibrated.yaml').policy!
  // The one clip that shows a knife is found alone by its own score, which Platt's targets make 2/3 for one of each.
  expect(precise.rules[0]!.alert).toBeCloseTo(2 / 3, 2)
  expect(precise.rules[0]!.note).toBe(0.5)
  // No clip shows a fence, so nothing is known of that rule.
  expect(policy!.rules[1]!.calibration).toBeUndefined()
})
