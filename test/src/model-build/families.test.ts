// Every public family from its checkpoint to its answer against transformers: token ids exactly, numbers to 1e-4 of the
// tensor's root mean square (models-and-runtime 1.5: an honest runtime lands near 1e-5, the mildest mistakes cost 2e-4).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { verifyPackage } from '../../../src/model-build/verify-package.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ModelEvent } from '../../../src/valley/answer-request.ts'
import { Valley } from '../../../src/valley/valley.ts'
import {
  caseMessages,
  FAMILY_CHECKPOINTS,
  familyCheckpoint,
  familyTower,
  referenceCases,
  referenceTensors,
} from '../../helpers/family-checkpoint.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'

const TOLERANCE = 1e-4

describe.each(FAMILY_CHECKPOINTS)('the fp32 package of a %s checkpoint', (family) => {
  const directory = mkdtempSync(join(tmpdir(), 'valley-family-'))
  const tensors = referenceTensors(family)
  let valley: Valley

  beforeAll(async () => {
    const outputDirectory = join(directory, 'package')
    const directories = { checkpointDirectory: familyCheckpoint(family), towerDirectory: familyTower(family) }
    await buildPackage({ ...directories, outputDirectory, precision: 'fp32' })
    valley = await Valley.open(await openPackage(outputDirectory), { intraOpThreads: 1 })
  })
  afterAll(async () => {
    await valley.dispose()
    rmSync(directory, { recursive: true, force: true })
  })

  it('is verified, each of its graphs run', async () => {
    const { graphs } = await verifyPackage(join(directory, 'package'))
    expect(graphs).toHaveLength(Object.values(valley.manifest.graphs).filter((file) => file !== null).length)
  })

  it.each(referenceCases(family))('answers $name as transformers does', async (reference) => {
    const { messages, clips } = await caseMessages(valley, reference)
    const names = Object.keys(tensors).filter((name) => name.startsWith(`${reference.name}.visual.`))
    const rows = clips.flatMap((clip) => [...clip.rows])
    const expectedRows = names.flatMap((name) => [...tensors[name]!.values])
    expect(relativeError(rows, expectedRows)).toBeLessThan(TOLERANCE)

    const request = { messages, maxTokens: reference.greedyIds.length, temperature: 0, topP: 1, seed: 0, probe: true }
    let end: ModelEvent | null = null
    for await (const event of valley.answer(request, valley.startConversation())) end = event
    if (end?.type !== 'end') throw new Error('an answer ends with an end event')
    expect(end.promptTokenIds).toEqual(reference.promptTokenIds)
    const error = relativeError(end.probe!.firstStepLogits, tensors[`${reference.name}.logits`]!.values)
    expect(error).toBeLessThan(TOLERANCE)
    expect(end.tokenIds).toEqual(reference.greedyIds)
  })
})
