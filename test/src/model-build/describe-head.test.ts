// Heads that config.json calls the table of embeddings, or says nothing of. What transformers makes of a stored head that
// differs is what families.test.ts holds the untied checkpoints to.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../../src/model-build/checkpoint.ts'
import { CheckpointWeights } from '../../../src/model-build/checkpoint-weights.ts'
import { describeHead } from '../../../src/model-build/describe-head.ts'
import { readStoredTensors } from '../../../src/model-build/stored-tensors.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { copyTensor, writeSafetensors } from '../../helpers/safetensors-file.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson } from '../../helpers/tiny-checkpoint.ts'
import { tinyCheckpoint } from '../../helpers/tiny-package.ts'

const WEIGHTS = 'model.safetensors'
/** Tied checkpoints without a head, each by its reader, and how their tables are called. */
const TIED = [
  ['Valley', tinyCheckpoint('mean'), 'model.embed_tokens.weight'],
  ['LLaVA', familyCheckpoint('llava-interleave'), 'language_model.model.embed_tokens.weight'],
  ['Qwen2.5-VL', familyCheckpoint('qwen2.5-vl'), 'model.embed_tokens.weight'],
] as const

function copyOf(checkpoint: string): string {
  const directory = join(temporaryFolder(), 'checkpoint')
  cpSync(checkpoint, directory, { recursive: true })
  return directory
}

async function languageOf(directory: string) {
  return (await readCheckpoint(directory)).architecture.language
}

describe.each(TIED)('a %s checkpoint that says that its head is the table of embeddings', (_, checkpoint, table) => {
  const head = table.replace('model.embed_tokens', 'lm_head')

  it('has that head when none is stored, or one that repeats the table', async () => {
    const bare = await languageOf(checkpoint)
    expect(bare.head.weight).toBe(bare.embedding)
    const directory = copyOf(checkpoint)
    copyTensor(join(directory, WEIGHTS), table, head, () => {})
    const repeated = await languageOf(directory)
    expect(repeated.head.weight).toBe(repeated.embedding)
  })

  it('has the head that is stored where it differs, if only in its last number', async () => {
    const directory = copyOf(checkpoint)
    copyTensor(join(directory, WEIGHTS), table, head, (bytes) => {
      // The lowest bits of the highest of its bytes: another number, whatever the format.
      bytes[bytes.length - 1]! ^= 1
    })
    expect((await languageOf(directory)).head.weight.name).toBe(head)
  })
})

it('an InternVL checkpoint has the head that is stored, though its config.json does not say', async () => {
  const directory = copyOf(familyCheckpoint('internvl'))
  changeJson(directory, 'config.json', (config) => {
    delete config.tie_word_embeddings
    delete (config.text_config as Record<string, unknown>).tie_word_embeddings
  })
  const { head, embedding } = await languageOf(directory)
  expect(head.weight).not.toBe(embedding)
  expect(head.weight).toMatchObject({ name: 'language_model.lm_head.weight', shape: embedding.shape })
})

describe('a head beside a table of several pieces', () => {
  /** Tables of a million numbers and more: a piece has 2 ** 20. */
  async function headOf(last: number) {
    const directory = temporaryFolder()
    const shape = [1025, 1024]
    const values = (end: number) => new Float32Array(1025 * 1024).fill(0.5).fill(end, -1)
    writeSafetensors(join(directory, WEIGHTS), {
      'table.weight': { shape, values: values(1) },
      'head.weight': { shape, values: values(last) },
    })
    const weights = new CheckpointWeights(await readStoredTensors(directory))
    return (await describeHead('head', weights.take('table.weight', shape), true, weights)).weight.name
  }

  it('is compared with the whole of it', async () => {
    expect(await headOf(1)).toBe('table.weight')
    expect(await headOf(2)).toBe('head.weight')
  })

  it('is refused when it holds what is no number', async () => {
    await expect(headOf(Number.NaN)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('head.weight holds NaN'),
    })
  })
})

it('a head of another shape than the table is refused, though it is called the table', async () => {
  const directory = copyOf(tinyCheckpoint('mean'))
  copyTensor(join(directory, WEIGHTS), 'model.norm.weight', 'lm_head.weight', () => {})
  await expect(languageOf(directory)).rejects.toMatchObject({
    code: 'CHECKPOINT_INVALID',
    message: expect.stringContaining('Tensor lm_head.weight has the shape [48]; the config demands [272, 48].'),
  })
})
