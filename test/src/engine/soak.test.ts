// The short version of `npm run soak`.
import { expect, it, onTestFinished } from 'vitest'
import { Soak } from '../../../bench/soak/soak.ts'
import { openEngine } from '../../../src/engine/engine.ts'
import { countFor } from '../../helpers/long-run.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

/** More than a collection leaves lying about, far less than a leaked cache a question would add up to. */
const MOST_GROWTH_BYTES = 150 * 1024 * 1024

it('gives everybody the words that are theirs, under load, cancels and resets, in memory that stays', async () => {
  const engine = await openEngine({
    packageDirectory: await buildTinyPackage('mean'),
    threads: 1,
    maxConversations: 30,
    parkingFolder: temporaryFolder(),
  })
  onTestFinished(() => engine.close())
  const questions = countFor(700, 2000)
  const { answered, cancelled, mixed, lost, residentBytes } = await new Soak(engine).run({
    questions,
    threads: 200,
    atOnce: 24,
  })
  expect({ mixed, lost }).toEqual({ mixed: 0, lost: 0 })
  expect(answered + cancelled).toBeGreaterThanOrEqual(questions)
  expect(cancelled).toBeGreaterThan(0)
  const warm = residentBytes[Math.floor(residentBytes.length / 2)]!
  expect(residentBytes.at(-1)! - warm).toBeLessThan(MOST_GROWTH_BYTES)
})
