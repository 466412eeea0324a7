// Published graphs from their folder to the answer, against what transformers makes of the same network: the graphs are
// traced from its code, the expected numbers are its own.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyPackage } from '../../../src/model-build/verify-package.ts'
import { importPackage } from '../../../src/model-import/import-package.ts'
import { readImport } from '../../../src/model-import/read-import.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ModelEvent } from '../../../src/valley/answer-request.ts'
import { Valley } from '../../../src/valley/valley.ts'
import {
  caseMessages,
  familyCheckpoint,
  type ReferenceCase,
  referenceCases,
  referenceTensors,
} from '../../helpers/family-checkpoint.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { IMPORTED_FAMILIES, makeTransformersJsCheckpoint } from '../../helpers/transformers-js-checkpoint.ts'

/** Of a tensor's root mean square, as for packages that are built (test/src/model-build/families.test.ts). */
const TOLERANCE = 1e-4
/** Of 16-bit floats: 11 bits of a number are kept, over two layers. */
const HALF_TOLERANCE = 2e-2

async function answer(valley: Valley, reference: ReferenceCase) {
  const { messages, clips } = await caseMessages(valley, reference)
  const request = { messages, maxTokens: reference.greedyIds.length, temperature: 0, topP: 1, seed: 0, probe: true }
  let end: ModelEvent | null = null
  for await (const event of valley.answer(request, valley.startConversation())) end = event
  if (end?.type !== 'end') throw new Error('an answer ends with an end event')
  return { end, rows: clips.flatMap((clip) => [...clip.rows]) }
}

describe.each(IMPORTED_FAMILIES)('the imported package of %s', (family) => {
  const folder = mkdtempSync(join(tmpdir(), 'valley-import-'))
  const tensors = referenceTensors(family)
  let valley: Valley

  beforeAll(async () => {
    const directory = makeTransformersJsCheckpoint(family, join(folder, 'source'))
    const outputDirectory = join(folder, 'package')
    await importPackage({ directory, outputDirectory, precision: 'fp32' })
    // What was imported stands by itself.
    rmSync(directory, { recursive: true })
    valley = await Valley.open(await openPackage(outputDirectory), { intraOpThreads: 1 })
  })
  afterAll(async () => {
    await valley.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is verified, each of its graphs run', async () => {
    expect((await verifyPackage(join(folder, 'package'))).graphs).toHaveLength(4)
  })

  it.each(referenceCases(family))('answers $name as transformers does', async (reference) => {
    const { end, rows } = await answer(valley, reference)
    const names = Object.keys(tensors).filter((name) => name.startsWith(`${reference.name}.visual.`))
    const expectedRows = names.flatMap((name) => [...tensors[name]!.values])
    expect(relativeError(rows, expectedRows)).toBeLessThan(TOLERANCE)
    expect(end.promptTokenIds).toEqual(reference.promptTokenIds)
    const error = relativeError(end.probe!.firstStepLogits, tensors[`${reference.name}.logits`]!.values)
    expect(error).toBeLessThan(TOLERANCE)
    expect(end.tokenIds).toEqual(reference.greedyIds)
  })
})

it('takes the decoder in 16-bit floats where that is asked for, and gives it what it wants', async () => {
  const directory = makeTransformersJsCheckpoint('smolvlm', join(temporaryFolder(), 'source'))
  const outputDirectory = join(temporaryFolder(), 'package')
  const manifest = await importPackage({ directory, outputDirectory, precision: 'fp16' })
  expect(manifest.precision).toBe('fp16')
  const valley = await Valley.open(await openPackage(outputDirectory), { intraOpThreads: 1 })
  try {
    const [reference] = referenceCases('smolvlm')
    const { end } = await answer(valley, reference!)
    const error = relativeError(
      end.probe!.firstStepLogits,
      referenceTensors('smolvlm')[`${reference!.name}.logits`]!.values,
    )
    expect(error).toBeGreaterThan(TOLERANCE)
    expect(error).toBeLessThan(HALF_TOLERANCE)
  } finally {
    await valley.dispose()
  }
})

it('says of a folder that is not there that it is not', async () => {
  const outputDirectory = join(temporaryFolder(), 'x')
  const failing = importPackage({ directory: join(outputDirectory, 'none'), outputDirectory, precision: 'fp32' })
  await expect(failing).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/none, named for the import, is not there/),
  })
})

it('says of a folder that holds no graphs which ones it needs', async () => {
  const directory = makeTransformersJsCheckpoint('smolvlm', join(temporaryFolder(), 'source'))
  rmSync(join(directory, 'onnx', 'embed_tokens.onnx'))
  const failing = importPackage({ directory, outputDirectory: join(temporaryFolder(), 'x'), precision: 'fp32' })
  await expect(failing).rejects.toMatchObject({
    code: 'CHECKPOINT_UNSUPPORTED',
    message: expect.stringContaining('has none of embed_tokens.onnx in onnx/; one is needed for fp32'),
  })
})

it.each([
  ['no ONNX file', Buffer.from('<html>not found</html>')],
  ['an empty file', Buffer.alloc(0)],
  ['a field longer than the file', Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
])('refuses %s', async (_, content) => {
  const directory = makeTransformersJsCheckpoint('smolvlm', join(temporaryFolder(), 'source'))
  writeFileSync(join(directory, 'onnx', 'vision_encoder.onnx'), content)
  const failing = importPackage({ directory, outputDirectory: join(temporaryFolder(), 'x'), precision: 'fp32' })
  await expect(failing).rejects.toMatchObject({
    code: 'CHECKPOINT_INVALID',
    message: expect.stringContaining('vision_encoder.onnx cannot be taken'),
  })
})

/** Texts of equal length exchanged in a file. */
function exchange(path: string, from: string, to: string): void {
  expect(to).toHaveLength(from.length)
  const bytes = readFileSync(path).toString('latin1')
  expect(bytes).toContain(from)
  writeFileSync(path, Buffer.from(bytes.replaceAll(from, to), 'latin1'))
}

it.each([
  [
    'weights outside the folder',
    'decoder_model_merged.onnx_data',
    '../oder_model_merged.onnx_data',
    'a plain name of a file beside it',
  ],
  [
    'weights at an absolute path',
    'decoder_model_merged.onnx_data',
    '/etc/r_model_merged.onnx_data_',
    'a plain name of a file beside it',
  ],
  [
    'weights in a file that is not there',
    'decoder_model_merged.onnx_data',
    'decoder_model_merged.onnx_dat4',
    'which is not there',
  ],
  ['an input that nobody knows', 'position_ids', 'encoder_mask', 'wants the input "encoder_mask", which is not known'],
  ['an output that is missing', 'present.1.value', 'present.1.other', 'has no output "present.1.value"'],
])('refuses a decoder with %s', async (_, from, to, words) => {
  const directory = makeTransformersJsCheckpoint('llava-interleave', join(temporaryFolder(), 'source'))
  exchange(join(directory, 'onnx', 'decoder_model_merged.onnx'), from, to)
  const failing = importPackage({ directory, outputDirectory: join(temporaryFolder(), 'x'), precision: 'fp32' })
  await expect(failing).rejects.toMatchObject({ message: expect.stringContaining(words) })
})

it('refuses weights that end behind their file', async () => {
  const directory = makeTransformersJsCheckpoint('llava-interleave', join(temporaryFolder(), 'source'))
  truncateSync(join(directory, 'onnx', 'decoder_model_merged.onnx_data'), 50_000)
  const failing = importPackage({ directory, outputDirectory: join(temporaryFolder(), 'x'), precision: 'fp32' })
  await expect(failing).rejects.toMatchObject({
    code: 'CHECKPOINT_INVALID',
    message: expect.stringMatching(/ends at byte \d+ of decoder_model_merged\.onnx_data, which has 50000/),
  })
})

it.each(['llava-next-video', 'video-llava'] as const)(
  'says that %s needs more graphs than the layout has',
  async (family) => {
    const failing = importPackage({
      directory: familyCheckpoint(family),
      outputDirectory: join(temporaryFolder(), 'x'),
      precision: 'fp32',
    })
    await expect(failing).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringMatching(/one graph for both\. Build a package from the checkpoint itself/),
    })
  },
)

it('says of OneVision what is lost without its newline rows', async () => {
  const { facts, vision } = await readImport(familyCheckpoint('llava-onevision'))
  expect(facts.description).toContain('Imported without the rows that end its lines and clips')
  // Halving stands behind the projector, so it is still to be done; a picture has the 5 x 5 features of the tower.
  const { video, image } = facts.frameTokens!
  expect(video).toEqual({
    keepClass: false,
    pool: { at: 'after-projector', by: { kind: 'halve' } },
    newline: 'none',
    tiling: null,
  })
  expect(image).toEqual({ keepClass: false, pool: null, newline: 'none', tiling: null })
  expect(vision.patches).toBe(25)
})
