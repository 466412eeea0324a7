// Checkpoints that are published as their difference from another model: delta and base together are the whole model again.
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { tinyWeights } from '../../helpers/reference-tensors.ts'
import { writeSafetensors } from '../../helpers/safetensors-file.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson } from '../../helpers/tiny-checkpoint.ts'
import { tinyCheckpoint } from '../../helpers/tiny-package.ts'

/** Rows of the base's vocabulary; the rest were added. */
const BASE_ROWS = 265
const LONGER = ['model.embed_tokens.weight', 'lm_head.weight']
type Tensors = Record<string, { shape: readonly number[]; values: Float32Array }>

/** A whole model of small multiples of 1/64, a base of its language part, and their difference: all sums are exact, without -0. */
function makeParts(): { whole: string; base: string; delta: string } {
  const root = temporaryFolder()
  const whole: Tensors = {}
  for (const [name, { shape, values }] of Object.entries(tinyWeights('importance'))) {
    whole[name] = { shape, values: Float32Array.from(values, (value) => Math.round(value * 64) / 64 + 0) }
  }
  const base: Tensors = {}
  const delta: Tensors = {}
  for (const [name, { shape, values }] of Object.entries(whole)) {
    delta[name] = { shape, values: Float32Array.from(values) }
    const isVisual = /mm_projector|vision_tower|pooling_layer/.test(name)
    if (isVisual) continue
    const rows = LONGER.includes(name) ? BASE_ROWS : shape[0]!
    const count = (values.length / shape[0]!) * rows
    const own = Float32Array.from({ length: count }, (_, index) => ((index * 7) % 129) / 64 - 1)
    base[name] = { shape: [rows, ...shape.slice(1)], values: own }
    for (const [index, value] of own.entries()) delta[name].values[index]! -= value
  }
  const write = (name: string, tensors: Tensors) => {
    const directory = join(root, name)
    cpSync(tinyCheckpoint('importance'), directory, { recursive: true })
    rmSync(join(directory, 'model.safetensors'))
    writeSafetensors(join(directory, 'model.safetensors'), tensors)
    return directory
  }
  const baseDirectory = join(root, 'llama')
  mkdirSync(baseDirectory)
  writeSafetensors(join(baseDirectory, 'model.safetensors'), base)
  return { whole: write('tiny', whole), base: baseDirectory, delta: write('tiny-v1-delta', delta) }
}

async function weightsHash(checkpointDirectory: string, baseDirectory?: string): Promise<string> {
  const outputDirectory = join(temporaryFolder(), 'package')
  const { files } = await buildPackage({ checkpointDirectory, baseDirectory, outputDirectory, precision: 'fp32' })
  return files['weights.data']!.sha256
}

describe('a delta', () => {
  it('with its base is the whole model, added rows and the visual side taken as they are', async () => {
    const { whole, base, delta } = makeParts()
    expect(await weightsHash(delta, base)).toBe(await weightsHash(whole))
  })

  it('is refused without its base, which its name gives away', async () => {
    const { delta } = makeParts()
    await expect(weightsHash(delta)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringMatching(/tiny-v1-delta is by its name .* Name that model's folder with --base/),
    })
  })

  it.each([
    ['another width', [48, 49]],
    ['fewer rows in a matrix that no token was added to', [47, 48]],
  ])('is refused with a base of %s', async (_, shape) => {
    const { base, delta } = makeParts()
    const name = 'model.layers.0.self_attn.q_proj.weight'
    const values = new Float32Array(shape[0]! * shape[1]!)
    rmSync(join(base, 'model.safetensors'))
    writeSafetensors(join(base, 'model.safetensors'), { [name]: { shape, values } })
    await expect(weightsHash(delta, base)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/q_proj.weight has the shape \[48, 48\], and .* in the base/),
    })
  })

  it('is refused for a family that publishes none', async () => {
    const { whole, base } = makeParts()
    changeJson(whole, 'config.json', (config) => {
      config.architectures = ['LlavaForConditionalGeneration']
    })
    await expect(weightsHash(whole, base)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
