// Checkpoints of public sizes as the hub has them: which tensors, named how, of which shapes, and the keys of config.json that
// differ from the tiny checkpoint of the same family that the tests use.
import { CLIP, type LanguageShape, QWEN2_HALF_BILLION, SIGLIP, type TowerShape } from './shapes.ts'

/** What is to be written. */
export interface CheckpointShape {
  /** Folder in test/fixtures/families whose words, template and settings are taken. */
  readonly family: string
  /** Over the keys of its config.json; groups are merged. */
  readonly config: Readonly<Record<string, unknown>>
  /** Side of the tower's input, pixels; or what goes over the keys of its processors where frames keep their shape. */
  readonly side: number | Readonly<Record<string, unknown>>
  readonly vocabulary: number
  /** Shape of each tensor by its name. */
  readonly tensors: ReadonlyMap<string, readonly number[]>
}

/** Name of a shape on the command line. */
export type CheckpointShapeName = 'onevision-0.5b' | 'smolvlm2-500m' | 'qwen2.5-vl-3b' | 'valley-7b' | 'valley-7b-2'

const SMOLLM2_360M: LanguageShape = {
  width: 960,
  mlpWidth: 2560,
  layers: 32,
  heads: 15,
  keyValueHeads: 5,
  headWidth: 64,
  vocabulary: 49_280,
  context: 8192,
  rotaryBase: 1e5,
  bias: false,
  tied: false,
}
const LLAMA2_7B: LanguageShape = {
  width: 4096,
  mlpWidth: 11_008,
  layers: 32,
  heads: 32,
  keyValueHeads: 32,
  headWidth: 128,
  vocabulary: 32_008,
  context: 2048,
  rotaryBase: 1e4,
  bias: false,
  tied: false,
}
const QWEN2_5_THREE_BILLION: LanguageShape = {
  width: 2048,
  mlpWidth: 11_008,
  layers: 36,
  heads: 16,
  keyValueHeads: 2,
  headWidth: 128,
  vocabulary: 151_936,
  context: 128_000,
  rotaryBase: 1e6,
  bias: true,
  tied: true,
}
/** Qwen2.5-VL's tower, whatever the size of its decoder. */
const QWEN_VL_TOWER = { width: 1280, mlpWidth: 3420, layers: 32, heads: 16, patchPixels: 14 }
const SIGLIP_BASE: TowerShape = {
  imagePixels: 512,
  patchPixels: 16,
  width: 768,
  mlpWidth: 3072,
  layers: 12,
  heads: 12,
  clip: false,
}
/** What Valley looks with: its published checkpoints hold all 24 layers, of which 23 are run. */
const CLIP_LARGE: TowerShape = { ...CLIP, layers: 24 }

/** Every shape by its name. `valley-7b-2` is as wide as valley-7b and has 2 of its 32 layers, to try with. */
export const CHECKPOINT_SHAPES: Readonly<Record<CheckpointShapeName, () => CheckpointShape>> = {
  'onevision-0.5b': () => {
    const language = { ...QWEN2_HALF_BILLION, vocabulary: 152_000, context: 32_768 }
    return {
      family: 'llava-onevision',
      config: {
        vision_config: towerConfig(SIGLIP),
        text_config: { ...textConfig(language), layer_types: undefined },
        image_grid_pinpoints: [1, 2, 3, 4, 5, 6].map((tiles) => [384, 384 * tiles]),
        vision_aspect_ratio: 'anyres_max_9',
      },
      side: SIGLIP.imagePixels,
      vocabulary: language.vocabulary,
      tensors: new Map([
        ['image_newline', [language.width]],
        ...tower('vision_tower.', SIGLIP),
        ...linear('multi_modal_projector.linear_1', language.width, SIGLIP.width),
        ...linear('multi_modal_projector.linear_2', language.width, language.width),
        ...decoder('language_model.model.', 'language_model.lm_head.weight', language),
      ]),
    }
  },
  'smolvlm2-500m': () => {
    const shuffled = SIGLIP_BASE.width * 16
    return {
      family: 'smolvlm',
      config: { vision_config: towerConfig(SIGLIP_BASE), text_config: textConfig(SMOLLM2_360M), scale_factor: 4 },
      side: SIGLIP_BASE.imagePixels,
      vocabulary: SMOLLM2_360M.vocabulary,
      tensors: new Map([
        ...tower('model.vision_model.', SIGLIP_BASE),
        ['model.connector.modality_projection.proj.weight', [SMOLLM2_360M.width, shuffled]],
        ...decoder('model.text_model.', 'lm_head.weight', SMOLLM2_360M),
      ]),
    }
  },
  'qwen2.5-vl-3b': () => {
    const language = QWEN2_5_THREE_BILLION
    const text = textConfig(language)
    return {
      family: 'qwen2.5-vl',
      config: {
        vision_config: {
          hidden_size: QWEN_VL_TOWER.width,
          intermediate_size: QWEN_VL_TOWER.mlpWidth,
          depth: QWEN_VL_TOWER.layers,
          num_heads: QWEN_VL_TOWER.heads,
          patch_size: QWEN_VL_TOWER.patchPixels,
          window_size: 112,
          fullatt_block_indexes: [7, 15, 23, 31],
          out_hidden_size: language.width,
        },
        text_config: { ...text, rope_parameters: { ...text.rope_parameters, mrope_section: [16, 24, 24] } },
      },
      side: { size: { shortest_edge: 3136, longest_edge: 12_845_056 }, patch_size: QWEN_VL_TOWER.patchPixels },
      vocabulary: language.vocabulary,
      tensors: new Map([...qwenVlTower(language.width), ...decoder('model.', 'lm_head.weight', language)]),
    }
  },
  'valley-7b': () => valley(LLAMA2_7B),
  'valley-7b-2': () => valley({ ...LLAMA2_7B, layers: 2 }),
}

function valley(language: LanguageShape): CheckpointShape {
  const { rope_parameters: _, ...keys } = textConfig(language)
  return {
    family: 'valley',
    config: {
      ...keys,
      mm_hidden_size: CLIP_LARGE.width,
      mm_vision_tower: 'openai/clip-vit-large-patch14',
      vision_config: undefined,
    },
    side: CLIP_LARGE.imagePixels,
    vocabulary: language.vocabulary,
    tensors: new Map([
      ...tower('model.vision_tower.vision_model.', CLIP_LARGE),
      ...linear('model.mm_projector', language.width, CLIP_LARGE.width),
      ...decoder('model.', 'lm_head.weight', language),
    ]),
  }
}

type Tensors = [string, number[]][]

function towerConfig({ imagePixels, patchPixels, width, mlpWidth, layers, heads }: TowerShape) {
  return {
    hidden_size: width,
    intermediate_size: mlpWidth,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    image_size: imagePixels,
    patch_size: patchPixels,
  }
}

function textConfig(shape: LanguageShape) {
  return {
    hidden_size: shape.width,
    intermediate_size: shape.mlpWidth,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: shape.headWidth,
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.context,
    rope_parameters: { rope_type: 'default', rope_theta: shape.rotaryBase },
  }
}

function linear(name: string, outputs: number, inputs: number): Tensors {
  return [
    [`${name}.weight`, [outputs, inputs]],
    [`${name}.bias`, [outputs]],
  ]
}

function norm(name: string, width: number): Tensors {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ]
}

/** The tower of CLIP or SigLIP. */
function tower(prefix: string, { imagePixels, patchPixels, width, mlpWidth, layers, clip }: TowerShape): Tensors {
  const patches = Math.floor(imagePixels / patchPixels) ** 2
  const patchEmbedding = `${prefix}embeddings.patch_embedding`
  const before: Tensors = clip
    ? [
        [`${prefix}embeddings.class_embedding`, [width]],
        ...norm(`${prefix}pre_layrnorm`, width),
        [`${patchEmbedding}.weight`, [width, 3, patchPixels, patchPixels]],
      ]
    : [
        [`${patchEmbedding}.weight`, [width, 3, patchPixels, patchPixels]],
        [`${patchEmbedding}.bias`, [width]],
      ]
  const blocks = Array.from({ length: layers }, (_, index): Tensors => {
    const block = `${prefix}encoder.layers.${index}`
    return [
      ...norm(`${block}.layer_norm1`, width),
      ...norm(`${block}.layer_norm2`, width),
      ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) =>
        linear(`${block}.self_attn.${part}`, width, width),
      ),
      ...linear(`${block}.mlp.fc1`, mlpWidth, width),
      ...linear(`${block}.mlp.fc2`, width, mlpWidth),
    ]
  })
  return [
    ...before,
    [`${prefix}embeddings.position_embedding.weight`, [patches + (clip ? 1 : 0), width]],
    ...blocks.flat(),
    ...norm(`${prefix}post_layernorm`, width),
  ]
}

/** The tower of Qwen2.5-VL and what makes tokens of its patches. */
function qwenVlTower(languageWidth: number): Tensors {
  const { width, mlpWidth, layers, patchPixels } = QWEN_VL_TOWER
  const blocks = Array.from({ length: layers }, (_, index): Tensors => {
    const block = `visual.blocks.${index}`
    return [
      [`${block}.norm1.weight`, [width]],
      [`${block}.norm2.weight`, [width]],
      ...linear(`${block}.attn.qkv`, 3 * width, width),
      ...linear(`${block}.attn.proj`, width, width),
      ...linear(`${block}.mlp.gate_proj`, mlpWidth, width),
      ...linear(`${block}.mlp.up_proj`, mlpWidth, width),
      ...linear(`${block}.mlp.down_proj`, width, mlpWidth),
    ]
  })
  return [
    ['visual.patch_embed.proj.weight', [width, 3, 2, patchPixels, patchPixels]],
    ...blocks.flat(),
    ['visual.merger.ln_q.weight', [width]],
    ...linear('visual.merger.mlp.0', 4 * width, 4 * width),
    ...linear('visual.merger.mlp.2', languageWidth, 4 * width),
  ]
}

/** A decoder in LLaMA's or Qwen2's manner. */
function decoder(prefix: string, head: string, shape: LanguageShape): Tensors {
  const { width, mlpWidth, layers, heads, keyValueHeads, headWidth, vocabulary, bias, tied } = shape
  const blocks = Array.from({ length: layers }, (_, index): Tensors => {
    const block = `${prefix}layers.${index}`
    const attention = [
      ['q_proj', heads * headWidth],
      ['k_proj', keyValueHeads * headWidth],
      ['v_proj', keyValueHeads * headWidth],
    ] as const
    return [
      [`${block}.input_layernorm.weight`, [width]],
      [`${block}.post_attention_layernorm.weight`, [width]],
      ...attention.flatMap(([part, rows]) => linear(`${block}.self_attn.${part}`, rows, width).slice(0, bias ? 2 : 1)),
      [`${block}.self_attn.o_proj.weight`, [width, heads * headWidth]],
      [`${block}.mlp.gate_proj.weight`, [mlpWidth, width]],
      [`${block}.mlp.up_proj.weight`, [mlpWidth, width]],
      [`${block}.mlp.down_proj.weight`, [width, mlpWidth]],
    ]
  })
  return [
    [`${prefix}embed_tokens.weight`, [vocabulary, width]],
    ...blocks.flat(),
    [`${prefix}norm.weight`, [width]],
    ...(tied ? [] : [[head, [vocabulary, width]] as [string, number[]]]),
  ]
}
