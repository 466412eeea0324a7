// One network under every spelling that it was saved in: the package must be the same, byte for byte.
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { readCheckpoint } from '../../../src/model-build/checkpoint.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { packTensors, renameTensors } from '../../helpers/safetensors-file.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson } from '../../helpers/tiny-checkpoint.ts'

/** A copy under the same folder name, since a package without a name of its own takes it. */
function copyCheckpoint(): string {
  const directory = join(temporaryFolder(), 'llava-onevision')
  cpSync(familyCheckpoint('llava-onevision'), directory, { recursive: true })
  return directory
}

async function weightsHash(checkpointDirectory: string): Promise<string> {
  const outputDirectory = join(temporaryFolder(), 'package')
  const { files } = await buildPackage({ checkpointDirectory, outputDirectory, precision: 'fp32' })
  return files['weights.data']!.sha256
}

/** From the names that transformers 5 writes to the others, as its conversion tables have them. */
const SPELLINGS: Record<string, (name: string) => string> = {
  'transformers 4': (name) => name.replace(/^vision_tower\./, 'vision_tower.vision_model.'),
  'transformers 4.52': (name) =>
    name
      .replace(/^language_model\.model\./, 'model.language_model.')
      .replace(/^language_model\.lm_head\./, 'lm_head.')
      .replace(/^(vision_tower|multi_modal_projector|image_newline)/, 'model.$1'),
  'LLaVA itself': (name) =>
    name
      .replace(/^language_model\.model\./, 'model.')
      .replace(/^language_model\.lm_head\./, 'lm_head.')
      .replace(/^vision_tower\./, 'model.vision_tower.vision_tower.vision_model.')
      .replace(/^multi_modal_projector\.linear_1\./, 'model.mm_projector.0.')
      .replace(/^multi_modal_projector\.linear_2\./, 'model.mm_projector.2.')
      .replace(/^image_newline/, 'model.image_newline'),
}

describe('a checkpoint in another spelling', () => {
  it.each(Object.keys(SPELLINGS))('gives the same weights with the tensor names of %s', async (spelling) => {
    const directory = copyCheckpoint()
    const path = join(directory, 'model.safetensors')
    renameTensors(path, SPELLINGS[spelling]!)
    expect(readFileSync(path, 'latin1')).not.toContain('"vision_tower.embeddings')
    expect(await weightsHash(directory)).toBe(await weightsHash(familyCheckpoint('llava-onevision')))
  })

  it('gives the same package from the configuration files of transformers 4', async () => {
    const directory = copyCheckpoint()
    changeJson(directory, 'config.json', (config) => {
      const text = config.text_config as Record<string, unknown>
      const { rope_theta } = text.rope_parameters as { rope_theta: number }
      delete text.rope_parameters
      Object.assign(text, { rope_theta, rope_scaling: null })
    })
    const processors = JSON.parse(readFileSync(join(directory, 'processor_config.json'), 'utf8')) as object
    const { image_processor, video_processor } = processors as Record<string, unknown>
    writeFileSync(join(directory, 'preprocessor_config.json'), JSON.stringify(image_processor))
    writeFileSync(join(directory, 'video_preprocessor_config.json'), JSON.stringify(video_processor))
    writeFileSync(join(directory, 'processor_config.json'), JSON.stringify({ num_image_tokens: 25 }))
    const template = readFileSync(join(directory, 'chat_template.jinja'), 'utf8')
    rmSync(join(directory, 'chat_template.jinja'))
    writeFileSync(join(directory, 'chat_template.json'), JSON.stringify({ chat_template: template }))

    const build = (checkpointDirectory: string) =>
      buildPackage({ checkpointDirectory, outputDirectory: join(temporaryFolder(), 'package'), precision: 'fp32' })
    expect(await build(directory)).toEqual(await build(familyCheckpoint('llava-onevision')))
  })

  it('gives the same weights from shards', async () => {
    const directory = copyCheckpoint()
    renameSync(join(directory, 'model.safetensors'), join(directory, 'model-00001-of-00001.safetensors'))
    const header = readFileSync(join(directory, 'model-00001-of-00001.safetensors'))
    const length = Number(header.readBigUInt64LE(0))
    const names = Object.keys(JSON.parse(header.toString('utf8', 8, 8 + length)) as object)
    const map = names
      .filter((name) => name !== '__metadata__')
      .map((name) => [name, 'model-00001-of-00001.safetensors'])
    writeFileSync(
      join(directory, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: Object.fromEntries(map) }),
    )
    expect(readdirSync(directory)).not.toContain('model.safetensors')
    expect(await weightsHash(directory)).toBe(await weightsHash(familyCheckpoint('llava-onevision')))
  })

  it('is refused when it holds one tensor in two spellings', async () => {
    const directory = copyCheckpoint()
    renameTensors(join(directory, 'model.safetensors'), (name) =>
      name === 'multi_modal_projector.linear_2.weight' ? 'model.multi_modal_projector.linear_1.weight' : name,
    )
    await expect(weightsHash(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('one tensor in two spellings'),
    })
  })
})

describe('an InternVL checkpoint in the form of its own code', () => {
  /** From what transformers writes to what OpenGVLab publishes: names, config, one tensor for query, key and value. */
  function originalInternVl(): string {
    const directory = join(temporaryFolder(), 'internvl')
    cpSync(familyCheckpoint('internvl'), directory, { recursive: true })
    const path = join(directory, 'model.safetensors')
    renameTensors(path, (name) =>
      name
        .replace(/^vision_tower\.embeddings\.cls_token$/, 'vision_model.embeddings.class_embedding')
        .replace(/^vision_tower\.embeddings\.position_embeddings$/, 'vision_model.embeddings.position_embedding')
        .replace(/^vision_tower\.embeddings\.patch_embeddings\.projection/, 'vision_model.embeddings.patch_embedding')
        .replace(/^vision_tower\.encoder\.layer\./, 'vision_model.encoder.layers.')
        .replace('.layernorm_before.', '.norm1.')
        .replace('.layernorm_after.', '.norm2.')
        .replace('.attention.projection_layer.', '.attn.proj.')
        .replace(/\.lambda_([12])$/, '.ls$1')
        .replace(/^multi_modal_projector\.layer_norm\./, 'mlp1.0.')
        .replace(/^multi_modal_projector\.linear_1\./, 'mlp1.1.')
        .replace(/^multi_modal_projector\.linear_2\./, 'mlp1.3.'),
    )
    packTensors(path, (name) => {
      const found = /^(vision_model\.encoder\.layers\.\d+)\.attention\.([qkv])_proj\.(weight|bias)$/.exec(name)
      return found === null ? null : { name: `${found[1]}.attn.qkv.${found[3]}`, part: 'qkv'.indexOf(found[2]!) }
    })
    changeJson(directory, 'config.json', (config) => {
      const { attention_bias, use_qk_norm, image_size, patch_size, ...vision } = config.vision_config as Record<
        string,
        unknown
      >
      const text = config.text_config
      for (const key of Object.keys(config)) delete config[key]
      Object.assign(config, {
        architectures: ['InternVLChatModel'],
        model_type: 'internvl_chat',
        llm_config: text,
        vision_config: {
          ...vision,
          model_type: 'intern_vit_6b',
          qkv_bias: attention_bias,
          qk_normalization: use_qk_norm ?? false,
          image_size: (image_size as number[])[0],
          patch_size: (patch_size as number[])[0],
        },
        downsample_ratio: 0.5,
        select_layer: -1,
        ps_version: 'v2',
        template: 'internvl2_5',
        min_dynamic_patch: 1,
        max_dynamic_patch: 4,
        tie_word_embeddings: false,
      })
    })
    const colours = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] }
    const processors = JSON.parse(readFileSync(join(directory, 'processor_config.json'), 'utf8')) as {
      image_processor: Record<string, unknown>
    }
    const { image_mean, image_std } = processors.image_processor
    const settings = { size: 32, crop_size: 32, do_center_crop: true, resample: 3, ...colours, image_mean, image_std }
    writeFileSync(join(directory, 'preprocessor_config.json'), JSON.stringify(settings))
    rmSync(join(directory, 'processor_config.json'))
    rmSync(join(directory, 'chat_template.jinja'))
    return directory
  }

  it('gives the same package as in the form of transformers', async () => {
    const build = (checkpointDirectory: string) =>
      buildPackage({ checkpointDirectory, outputDirectory: join(temporaryFolder(), 'package'), precision: 'fp32' })
    const { files: expectedFiles, ...expected } = await build(familyCheckpoint('internvl'))
    const { files, ...manifest } = await build(originalInternVl())
    expect(manifest).toEqual(expected)
    expect(files['weights.data']).toEqual(expectedFiles['weights.data'])
  })

  /** Its config.json says where a whole text ends, as the published ones do: the token 0, for want of <|endoftext|>. */
  function endingTexts(): string {
    const directory = originalInternVl()
    rmSync(join(directory, 'generation_config.json'))
    changeJson(directory, 'config.json', (config) => {
      ;(config.llm_config as Record<string, unknown>).eos_token_id = 0
    })
    return directory
  }

  it('ends an answer where its template closes a turn, and where config.json ends a text', async () => {
    const { facts } = await readCheckpoint(endingTexts())
    expect(facts.tokens.eos.map(({ text }) => text)).toEqual(['<|im_start|>', '<|im_end|>'])
  })

  it('ends an answer where config.json does, if its tokenizer has nothing that closes a turn', async () => {
    const directory = endingTexts()
    changeJson(directory, 'tokenizer.json', (tokenizer) => {
      const { vocab } = tokenizer.model as { vocab: Record<string, number> }
      delete vocab['<|im_end|>']
      const added = tokenizer.added_tokens as { content: string }[]
      tokenizer.added_tokens = added.filter(({ content }) => content !== '<|im_end|>')
    })
    const { facts } = await readCheckpoint(directory)
    expect(facts.tokens.eos.map(({ text }) => text)).toEqual(['<|im_start|>'])
  })
})

describe('a decoder with dynamic positions', () => {
  // As published: InternVL3 in both of its forms, older models, and what transformers 5 writes.
  it.each([
    { rope_theta: 5e5, rope_scaling: { factor: 2, rope_type: 'dynamic', type: 'dynamic' } },
    { rope_theta: 5e5, rope_scaling: { factor: 2, type: 'dynamic' } },
    { rope_parameters: { factor: 2, rope_type: 'dynamic', rope_theta: 5e5 } },
  ])('has plain ones, which they are up to the context that it states: %j', async (positions) => {
    const directory = copyCheckpoint()
    changeJson(directory, 'config.json', (config) => {
      const text = config.text_config as Record<string, unknown>
      delete text.rope_parameters
      Object.assign(text, positions)
    })
    const { language } = (await readCheckpoint(directory)).architecture
    expect(language).toMatchObject({ rotaryBase: 5e5, rotaryParts: null, context: 1024 })
  })
})

describe('a checkpoint with another part', () => {
  it.each([
    ['vision_config', 'qwen2_vl', 'clip_vision_model, siglip_vision_model, smolvlm_vision, internvl_vision'],
    ['text_config', 'gemma3_text', 'llama, qwen2, qwen3'],
  ])('is refused by the model_type of its %s', async (key, modelType, known) => {
    const directory = copyCheckpoint()
    changeJson(directory, 'config.json', (config) => {
      ;(config[key] as Record<string, unknown>).model_type = modelType
    })
    await expect(weightsHash(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining(`${key}.model_type "${modelType}"; this builder takes ${known}`),
    })
  })

  it.each([
    [{ rope_parameters: { rope_type: 'yarn', rope_theta: 1e4 } }, /rope_type/],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, /rope_scaling\.type/],
    [{ use_sliding_window: true }, /use_sliding_window/],
    [{ num_attention_heads: 3 }, /3 heads, which do not divide/],
    [{ max_position_embeddings: 16_000_000 }, /max_position_embeddings/],
  ])('is refused for a decoder with %j', async (change, message) => {
    const directory = copyCheckpoint()
    changeJson(directory, 'config.json', (config) => {
      Object.assign(config.text_config as object, change)
    })
    await expect(weightsHash(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['image_processor', { resample: 0 }, 'CHECKPOINT_UNSUPPORTED', /resample 0/],
    ['image_processor', { size: { height: 48, width: 48 } }, 'CHECKPOINT_INVALID', /squares of 40/],
    ['video_processor', { do_normalize: false }, 'CHECKPOINT_INVALID', /do_normalize/],
  ])('is refused for pixels that the %s makes with %j', async (key, change, code, message) => {
    const directory = copyCheckpoint()
    changeJson(directory, 'processor_config.json', (config) => {
      Object.assign(config[key] as object, change)
    })
    await expect(weightsHash(directory)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
