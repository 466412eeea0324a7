// Neither who answers beside, nor chunks, guesses and kept rows change an answer: the short version of `npm run bench --
// same-answers`.
import { expect, it, onTestFinished } from 'vitest'
import { answerAtOnce, promptsOfMixedLengths } from '../../../bench/answers/answer-at-once.ts'
import { comparePlain } from '../../../bench/answers/plain-path.ts'
import { openEngine } from '../../../src/engine/engine.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { countFor } from '../../helpers/long-run.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const PROMPTS = countFor(16, 200)

it.each(['fp32', 'int8'] as const)('answers at %s as on the plain path, whoever answers beside', async (precision) => {
  const packageDirectory = await buildTinyPackage('mean', precision)
  const engine = await openEngine({ packageDirectory, threads: 1, maxConversations: 6 })
  onTestFinished(() => engine.close())
  const prompts = promptsOfMixedLengths(PROMPTS, 12)
  const answers = await answerAtOnce(engine, prompts, 12, 6)
  const { same, ties, others } = await comparePlain(await openPackage(packageDirectory), 1, prompts, answers)
  expect(others).toBe(0)
  expect(same + ties).toBe(PROMPTS)
  expect(ties).toBeLessThanOrEqual(PROMPTS / 20)
})
