import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../../src/model-build/checkpoint.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { changeJson, changeWeights, copyTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts'
import { tinyCheckpoint } from '../../helpers/tiny-package.ts'

const NORM = 'model.norm.weight'
const zeros = (...shape: number[]) => ({ shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) })

describe('readCheckpoint', () => {
  it('describes a tied model with mean pooling up to the selected block', async () => {
    const { architecture, facts } = await readCheckpoint(tinyCheckpoint('mean'))
    const { tokens } = facts
    expect(architecture.vision).toMatchObject({ imagePixels: 16, patchPixels: 8, patches: 4, width: 32, heads: 2 })
    // Layer -2 of 3 blocks: the output of the second.
    expect(architecture.vision.blocks).toHaveLength(2)
    expect(architecture.pooling).toEqual({ kind: 'mean' })
    expect(architecture.language).toMatchObject({
      width: 48,
      heads: 3,
      keyValueHeads: 1,
      headWidth: 16,
      rotaryBase: 1e4,
    })
    expect(architecture.language.head.weight).toBe(architecture.language.embedding)
    expect(tokens.patch).toEqual({ id: 6, text: '<im_patch>' })
    expect(tokens.bos).toEqual({ id: 1, text: '<s>' })
    expect(tokens.eos).toEqual([{ id: 2, text: '</s>' }])
  })

  it('describes an untied model with importance pooling, exact GELU and the last block', async () => {
    const { architecture } = await readCheckpoint(tinyCheckpoint('importance'))
    expect(architecture.vision.blocks).toHaveLength(2)
    expect(architecture.vision).toMatchObject({ activation: 'gelu' })
    expect(architecture.pooling.kind).toBe('importance')
    expect(architecture.language.rotaryBase).toBe(1e6)
    expect(architecture.language.head.weight.name).toBe('lm_head.weight')
  })

  it('takes the rotary base from where newer configs keep it', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, 'config.json', (config) => {
      delete config.rope_theta
      config.rope_parameters = { rope_type: 'default', rope_theta: 500 }
    })
    expect((await readCheckpoint(directory)).architecture.language.rotaryBase).toBe(500)
  })

  it('prefers the transformer when both pooling flags are set, as the source does', async () => {
    const directory = copyTinyCheckpoint('transformer')
    changeJson(directory, 'config.json', (config) => {
      config.use_patch_importance_pooling = true
    })
    expect((await readCheckpoint(directory)).architecture.pooling.kind).toBe('transformer')
  })

  it('reads the template from tokenizer_config.json, and end tokens from a list', async () => {
    const directory = copyTinyCheckpoint('mean')
    const template = readFileSync(join(directory, 'chat_template.jinja'), 'utf8')
    rmSync(join(directory, 'chat_template.jinja'))
    changeJson(directory, 'tokenizer_config.json', (config) => {
      config.chat_template = [{ name: 'default', template }]
    })
    changeJson(directory, 'generation_config.json', (config) => {
      config.eos_token_id = [2, 0]
    })
    const checkpoint = await readCheckpoint(directory)
    expect(checkpoint.chatTemplate).toBe(template)
    expect(checkpoint.facts.tokens.eos).toEqual([
      { id: 2, text: '</s>' },
      { id: 0, text: '<pad>' },
    ])
  })

  it('ignores the tensors that the published code does not use', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeWeights(directory, 'mean', (tensors) => {
      tensors['model.layers.0.self_attn.rotary_emb.inv_freq'] = zeros(8)
      tensors['model.transforemr_adding_layer.linear1.weight'] = zeros(2, 2)
    })
    await expect(readCheckpoint(directory)).resolves.toBeDefined()
  })

  it.each([
    [
      'a missing tensor',
      (all: Record<string, unknown>) => delete all[NORM],
      `Tensor ${NORM} is missing; the config demands it with the shape [48].`,
    ],
    [
      'a wrong shape',
      (all: Record<string, unknown>) => {
        all[NORM] = zeros(47)
      },
      `Tensor ${NORM} has the shape [47]; the config demands [48].`,
    ],
    [
      'the transposed shape',
      (all: Record<string, unknown>) => {
        all['model.mm_projector.weight'] = zeros(32, 48)
      },
      'has the shape [32, 48]; the config demands [48, 32].',
    ],
  ])('refuses %s, naming tensor, seen and expected', async (_, change, message) => {
    const directory = copyTinyCheckpoint('mean')
    changeWeights(directory, 'mean', change)
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('refuses a tensor that it does not know rather than leaving it out', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeWeights(directory, 'mean', (tensors) => {
      tensors['model.layers.0.self_attn.q_proj.bias'] = zeros(48)
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('model.layers.0.self_attn.q_proj.bias'),
    })
  })

  it.each([
    // The network of 2024 that shares Valley's model_type, and some that people try.
    [['ValleyQwen2ForCausalLM'], '["ValleyQwen2ForCausalLM"]'],
    [['Qwen3VLForConditionalGeneration'], '["Qwen3VLForConditionalGeneration"]'],
    [['Qwen2_5OmniForConditionalGeneration'], '["Qwen2_5OmniForConditionalGeneration"]'],
    [['MiniCPMV'], '["MiniCPMV"]'],
    ['MiniCPMV', '"MiniCPMV"'],
    [undefined, 'null'],
  ])('refuses the architectures %s by name, in one line that names those it takes', async (architectures, seen) => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, 'config.json', (config) => {
      config.architectures = architectures
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining(`has the architectures ${seen}; this builder takes ValleyLlamaForCausalLM, `),
    })
  })

  it('refuses what others have quantised, by how, in one line that says what to take', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, 'config.json', (config) => {
      config.quantization_config = { quant_method: 'awq', bits: 4 }
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringMatching(
        /quantised already \(quant_method "awq"\).*Choose the checkpoint that it was made/,
      ),
    })
  })

  it.each(['config.json', 'tokenizer.json', 'model.safetensors'])(
    'says of a %s that a clone without Git LFS left as a pointer how to fetch it',
    async (file) => {
      const directory = copyTinyCheckpoint('mean')
      writeFileSync(
        join(directory, file),
        'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 4976698672\n',
      )
      await expect(readCheckpoint(directory)).rejects.toMatchObject({
        code: 'CHECKPOINT_INVALID',
        message: expect.stringMatching(new RegExp(`${file} is a pointer of Git LFS.*"git lfs pull"`)),
      })
    },
  )

  it('says which of the folders that a person named is none', async () => {
    const file = join(tinyCheckpoint('mean'), 'config.json')
    const none = join(tinyCheckpoint('mean'), 'none')
    const told = (message: RegExp) => ({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) })
    await expect(readCheckpoint(none)).rejects.toMatchObject(told(/none, named as the checkpoint, is not there/))
    await expect(readCheckpoint(file)).rejects.toMatchObject(told(/config.json, named as the checkpoint, is a file/))
    await expect(readCheckpoint(tinyCheckpoint('mean'), none)).rejects.toMatchObject(told(/named with --base, is not/))
    const tower = readCheckpoint(familyCheckpoint('video-chatgpt'), undefined, none)
    await expect(tower).rejects.toMatchObject(told(/none, named with --tower, is not there/))
  })

  it.each(['llava', 'valley', 'qwen2.5-vl'] as const)(
    'refuses a tower for %s, which brings its own',
    async (family) => {
      const checkpoint = familyCheckpoint(family)
      await expect(readCheckpoint(checkpoint, undefined, checkpoint)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/A tower was named for .* Build it without --tower\.$/),
      })
    },
  )

  it('refuses heads that ONNX Runtime cannot turn', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, 'config.json', (config) => {
      config.head_dim = 24
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('heads of width 24'),
    })
  })

  it.each([
    ['config.json', 'hidden_act', 'gelu', /hidden_act/],
    ['config.json', 'num_key_value_heads', 2, /2 key\/value heads, which do not divide 3/],
    ['config.json', 'mm_hidden_size', 33, /mm_hidden_size 33/],
    ['config.json', 'mm_vision_select_layer', -4, /mm_vision_select_layer -4.*-1 to -3/],
    ['config.json', 'mm_vision_select_layer', 0, /mm_vision_select_layer 0/],
    ['config.json', 'rope_scaling', { type: 'linear', factor: 2 }, /rope_scaling/],
    ['config.json', 'hidden_size', 1e12, /hidden_size/],
    ['config.json', 'max_position_embeddings', 16_000_000, /max_position_embeddings/],
    ['valley_config.json', 'name', 'No Spaces', /name/],
    ['valley_config.json', 'extra', 1, /extra/],
    ['tokenizer_config.json', 'bos_token', '<none>', /no token "<none>"/],
    ['generation_config.json', 'eos_token_id', 271_000, /no token with the id 271000/],
    ['tokenizer.json', 'added_tokens', [{ id: 272, content: '<im_patch>' }], /<im_patch> the id 272.*272 rows/],
  ])('refuses %s with %s %j', async (file, key, value, message) => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, file, (json) => {
      json[key] = value
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    [{ stem: [{ width: 8, stride: 2 }] }, /strides of 2; their product must be patch_size 8/],
    [{ stem: [{ width: 8, stride: 0 }] }, /vision_config\.stem\.0\.stride/],
    [{ stem: [{ width: 8, stride: 8, kernel: 3 }] }, /kernel/],
    [{ image_size: 18 }, /image_size 18; behind a stem a multiple of patch_size 8 is expected/],
    [{ stem: [{ width: 8, stride: 8 }] }, /stages\.0\.entry\.weight has the shape \[8, 3, 3, 3\].*\[8, 3, 8, 8\]/],
  ])('refuses a tower with %j that its weights or sizes contradict', async (change, message) => {
    const directory = copyTinyCheckpoint('stem')
    changeJson(directory, 'config.json', (json) => {
      json.vision_config = { ...(json.vision_config as object), ...change }
    })
    changeJson(directory, 'valley_config.json', (json) => {
      const side = (change as { image_size?: number }).image_size ?? 16
      const { video, image } = json.pixels as { video: object; image: object }
      const recipe = { resizePixels: side, cropPixels: side }
      json.pixels = { video: { ...video, ...recipe }, image: { ...image, ...recipe } }
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('asks for the tower that a Video-ChatGPT checkpoint was published without', async () => {
    await expect(readCheckpoint(familyCheckpoint('video-chatgpt'))).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringMatching(/holds no vision tower, which was published apart\. Name .* with --tower\.$/),
    })
  })

  it('refuses a pixel recipe that does not give what the tower takes', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, 'valley_config.json', (json) => {
      ;(json.pixels as { video: { cropPixels: number } }).video.cropPixels = 14
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/video pixels of side 14.*takes 16/),
    })
  })

  it.each(['config.json', 'tokenizer.json'])('refuses a checkpoint without %s', async (file) => {
    const directory = copyTinyCheckpoint('mean')
    rmSync(join(directory, file))
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining(file),
    })
  })

  it('takes the end token from config.json, and refuses a checkpoint that states none', async () => {
    const directory = copyTinyCheckpoint('mean')
    rmSync(join(directory, 'generation_config.json'))
    expect((await readCheckpoint(directory)).facts.tokens.eos).toEqual([{ id: 2, text: '</s>' }])
    changeJson(directory, 'config.json', (config) => {
      delete config.eos_token_id
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('generation_config.json'),
    })
  })

  it('knows the tower that a published checkpoint only names, and refuses another', async () => {
    const directory = copyTinyCheckpoint('mean')
    rmSync(join(directory, 'valley_config.json'))
    changeJson(directory, 'config.json', (config) => {
      delete config.vision_config
      config.mm_hidden_size = 1024
      config.mm_vision_tower = 'openai/clip-vit-large-patch14'
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      message: expect.stringContaining('class_embedding has the shape [32]; the config demands [1024]'),
    })
    changeJson(directory, 'config.json', (config) => {
      config.mm_vision_tower = 'openai/clip-vit-huge'
    })
    await expect(readCheckpoint(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('vision_config'),
    })
  })

  it('refuses a file that is no JSON', async () => {
    const directory = copyTinyCheckpoint('mean')
    writeFileSync(join(directory, 'config.json'), '{')
    await expect(readCheckpoint(directory)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })
})
