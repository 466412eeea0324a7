// Qwen-VL's settings as they are found on the hub; what the network answers is held to transformers in families.test.ts.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { readCheckpoint } from '../../../src/model-build/checkpoint.ts'
import { readImport } from '../../../src/model-import/read-import.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { renameTensors } from '../../helpers/safetensors-file.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson } from '../../helpers/tiny-checkpoint.ts'

/** A copy under the same folder name, since a package without a name of its own takes it. */
function copyCheckpoint(family: 'qwen2-vl' | 'qwen2.5-vl' = 'qwen2.5-vl'): string {
  const directory = join(temporaryFolder(), family)
  cpSync(familyCheckpoint(family), directory, { recursive: true })
  return directory
}

function build(checkpointDirectory: string) {
  return buildPackage({ checkpointDirectory, outputDirectory: join(temporaryFolder(), 'package'), precision: 'fp32' })
}

describe('a Qwen-VL checkpoint', () => {
  it.each([
    ['qwen2.5-vl', 'as the published ones have them', (area: object) => area],
    ['qwen2-vl', 'as later versions had them', (area: object) => ({ size: area, min_pixels: null, max_pixels: null })],
  ] as const)(
    'gives the same package of %s in the form of transformers 4, bounds of pixels %s',
    async (family, _, bounds) => {
      const directory = copyCheckpoint(family)
      changeJson(directory, 'config.json', (config) => {
        const { rope_parameters, model_type: __, ...text } = config.text_config as Record<string, unknown>
        const { rope_theta, mrope_section } = rope_parameters as Record<string, unknown>
        const { rope_parameters: ___, in_channels: ____, ...vision } = config.vision_config as Record<string, unknown>
        delete config.text_config
        Object.assign(config, text, { rope_theta, rope_scaling: { type: 'mrope', mrope_section } })
        config.vision_config = { ...vision, in_chans: 3, spatial_patch_size: 4 }
      })
      const settings = JSON.parse(readFileSync(join(directory, 'processor_config.json'), 'utf8')) as {
        image_processor: Record<string, unknown>
      }
      const { size: ____, ...images } = settings.image_processor
      const stated = { ...images, ...bounds({ min_pixels: 128, max_pixels: 1600 }) }
      writeFileSync(join(directory, 'preprocessor_config.json'), JSON.stringify(stated))
      rmSync(join(directory, 'processor_config.json'))
      expect(await build(directory)).toEqual(await build(familyCheckpoint(family)))
    },
  )

  it('gives the same weights with the tensor names that transformers 5 holds it under', async () => {
    const directory = copyCheckpoint()
    renameTensors(join(directory, 'model.safetensors'), (name) =>
      name.startsWith('visual.') ? `model.${name}` : name.replace(/^model\./, 'model.language_model.'),
    )
    const [renamed, usual] = [await build(directory), await build(familyCheckpoint('qwen2.5-vl'))]
    expect(renamed.files['weights.data']).toEqual(usual.files['weights.data'])
  })

  it('is given frames and pictures of bounded size, whatever its settings allow', async () => {
    const directory = copyCheckpoint()
    changeJson(directory, 'processor_config.json', (settings) => {
      for (const part of ['image_processor', 'video_processor']) {
        Object.assign(settings[part] as object, { size: { shortest_edge: 64, longest_edge: 12845056 } })
      }
    })
    const { facts } = await readCheckpoint(directory)
    // 256 and 1024 tokens of 8 x 8 pixels.
    expect(facts.pixels.video.area).toEqual({ sideMultiple: 8, leastPixels: 64, mostPixels: 256 * 64 })
    expect(facts.pixels.image.area).toEqual({ sideMultiple: 8, leastPixels: 64, mostPixels: 1024 * 64 })
    expect(facts.pixels.video.resizePixels).toBe(128)
  })

  it.each([
    [
      'config.json',
      { text_config: { rope_parameters: { rope_theta: 1e6, mrope_section: [2, 3, 4] } } },
      /mrope_section \[2,3,4\], which must add up to half of a head's width, 8/,
    ],
    ['config.json', { text_config: { use_sliding_window: true } }, /use_sliding_window/],
    ['config.json', { vision_config: { num_heads: 3 } }, /width 32 with 3 heads/],
    ['config.json', { vision_config: { window_size: 4 } }, /window_size of 4/],
    ['config.json', { vision_config: { hidden_act: 'gelu' } }, /vision_config\.hidden_act/],
    [
      'processor_config.json',
      { video_processor: { merge_size: 4 } },
      /merge_size and temporal_patch_size 4, 4, 2; the tower in config\.json has 4, 2, 2/,
    ],
    [
      'processor_config.json',
      { image_processor: { size: { shortest_edge: 900, longest_edge: 400 } } },
      /allows 900 to 400 pixels/,
    ],
  ] as const)('is refused for %s with %j', async (file, change, message) => {
    const directory = copyCheckpoint()
    changeJson(directory, file, (json) => {
      for (const [part, values] of Object.entries(change)) Object.assign(json[part] as object, values)
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('is refused with a filter that is not known, and with a base', async () => {
    const directory = copyCheckpoint()
    await expect(readCheckpoint(directory, directory)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    changeJson(directory, 'processor_config.json', (settings) => {
      Object.assign(settings.image_processor as object, { resample: 0 })
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('has resample 0'),
    })
  })

  it('is not imported from the graphs of others, whose places nobody would make', async () => {
    await expect(readImport(familyCheckpoint('qwen2.5-vl'))).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('Qwen2_5_VLForConditionalGeneration'),
    })
  })
})
