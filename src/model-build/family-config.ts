// config.json of public checkpoints, checked, with the defaults that transformers has for what old files leave out. Keys are
// taken in both spellings: of transformers 4 (rope_theta) and of 5 (rope_parameters).
import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { Activation } from './architecture.ts'
import { check, contextTokens, invalidFile } from './checkpoint-config.ts'
import type { LanguageFacts } from './describe-language.ts'
import type { TowerFacts } from './tower-facts.ts'

const size = z
  .int()
  .positive()
  .max(2 ** 24)
const tokenId = z.int().nonnegative()

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  quick_gelu: 'quick-gelu',
  gelu: 'gelu',
  gelu_pytorch_tanh: 'gelu-tanh',
}
/** An activation by the name that transformers has for it. */
export const activation = z.enum(['quick_gelu', 'gelu', 'gelu_pytorch_tanh']).transform((name) => ACTIVATIONS[name]!)

/** A side, or both sides of a square. */
const square = z
  .union([size, z.tuple([size, size]).refine(([a, b]) => a === b, 'must be a square')])
  .transform((value) => [value].flat()[0]!)

const visionFields = {
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  image_size: square,
  patch_size: square,
  num_channels: size.default(3),
}
/** As transformers' CLIPVisionConfig and its like. */
const visionSchema = z.discriminatedUnion('model_type', [
  z.object({
    ...visionFields,
    model_type: z.literal('clip_vision_model'),
    hidden_act: activation.default('quick-gelu'),
    layer_norm_eps: z.number().positive().default(1e-5),
  }),
  z.object({
    ...visionFields,
    model_type: z.literal('siglip_vision_model'),
    hidden_act: activation.default('gelu-tanh'),
    layer_norm_eps: z.number().positive().default(1e-6),
  }),
  z.object({
    ...visionFields,
    model_type: z.literal('smolvlm_vision'),
    hidden_act: activation.default('gelu-tanh'),
    layer_norm_eps: z.number().positive().default(1e-6),
  }),
  z.object({
    ...visionFields,
    model_type: z.literal('internvl_vision'),
    hidden_act: activation.default('gelu'),
    layer_norm_eps: z.number().positive().default(1e-6),
    attention_bias: z.boolean().default(false),
    use_qk_norm: z.literal(false).default(false),
    norm_type: z.literal('layer_norm').default('layer_norm'),
    use_absolute_position_embeddings: z.literal(true).default(true),
    use_mean_pooling: z.literal(true).default(true),
  }),
])

/**
 * Positions that are turned as they are, or "dynamic": its base grows with a sequence that is longer than
 * max_position_embeddings, where a package ends, and up to there is rope_theta itself.
 */
const ropeKind = z.enum(['default', 'dynamic']).optional()

const textFields = {
  hidden_size: size.default(4096),
  num_hidden_layers: size.default(32),
  num_attention_heads: size.default(32),
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: z.literal('silu').default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: z.object({ rope_type: ropeKind, type: ropeKind }).nullish(),
  rope_parameters: z.object({ rope_theta: z.number().positive(), rope_type: ropeKind, type: ropeKind }).optional(),
  tie_word_embeddings: z.boolean().default(false),
  use_sliding_window: z.literal(false).optional(),
  mlp_bias: z.literal(false).optional(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
}
const textSchema = z.discriminatedUnion('model_type', [
  z.object({
    ...textFields,
    model_type: z.literal('llama'),
    intermediate_size: size.default(11008),
    vocab_size: size.default(32000),
    max_position_embeddings: contextTokens.default(2048),
    attention_bias: z.literal(false).default(false),
  }),
  z.object({
    ...textFields,
    model_type: z.literal('qwen2'),
    intermediate_size: size.default(22016),
    vocab_size: size.default(151936),
    max_position_embeddings: contextTokens.default(32768),
  }),
  z.object({
    ...textFields,
    model_type: z.literal('qwen3'),
    intermediate_size: size.default(22016),
    vocab_size: size.default(151936),
    max_position_embeddings: contextTokens.default(32768),
    head_dim: size.default(128),
    attention_bias: z.literal(false).default(false),
  }),
])

const layer = z.union([z.int(), z.array(z.int()).length(1)]).transform((value) => [value].flat()[0]!)

const configSchema = z.object({
  _name_or_path: z.string().optional(),
  tie_word_embeddings: z.boolean().optional(),
  vision_config: visionSchema,
  text_config: textSchema,
  image_token_index: tokenId.optional(),
  image_token_id: tokenId.optional(),
  video_token_index: tokenId.optional(),
  video_token_id: tokenId.optional(),
  vision_feature_layer: layer.optional(),
  vision_feature_select_strategy: z.enum(['default', 'full']).optional(),
  projector_hidden_act: activation.default('gelu'),
  multimodal_projector_bias: z.boolean().default(true),
  scale_factor: z.int().positive().default(2),
  downsample_ratio: z.number().positive().max(1).default(0.5),
  spatial_pool_mode: z.enum(['average', 'max']).default('average'),
  mm_spatial_pool_mode: z.enum(['average', 'max', 'bilinear']).default('bilinear'),
  spatial_pool_stride: z.int().positive().default(2),
  mm_projector_type: z.literal('mlp2x_gelu').optional(),
  mm_newline_position: z.enum(['grid', 'frame', 'one_token', 'no_token']).default('one_token'),
  mm_patch_merge_type: z.enum(['spatial', 'spatial_unpad']).default('spatial_unpad'),
  add_time_instruction: z.boolean().default(false),
  add_faster_video: z.literal(false).optional(),
  min_dynamic_patch: z.int().positive().optional(),
  max_dynamic_patch: z.int().positive().optional(),
  ps_version: z.literal('v2').optional(),
  image_grid_pinpoints: z
    .array(z.tuple([size, size]))
    .min(1)
    .optional(),
  vision_aspect_ratio: z
    .string()
    .regex(/^anyres(_max_\d+)?$/)
    .optional(),
})

const TOWER_KINDS = {
  clip_vision_model: 'clip',
  siglip_vision_model: 'siglip',
  smolvlm_vision: 'siglip',
  internvl_vision: 'internvit',
} as const

/** config.json of a public checkpoint. */
export type FamilyConfig = z.infer<typeof configSchema>

/**
 * Holds config.json against the schema.
 * @throws AppError CHECKPOINT_UNSUPPORTED for a tower or a decoder of another kind, by its model_type; CHECKPOINT_INVALID
 */
export function checkFamilyConfig(directory: string, json: unknown): FamilyConfig {
  const parts = json as { vision_config?: { model_type?: unknown }; text_config?: { model_type?: unknown } } | null
  const kinds = { vision_config: visionSchema, text_config: textSchema }
  for (const [key, schema] of Object.entries(kinds)) {
    const seen = parts?.[key as keyof typeof kinds]?.model_type
    const known = schema.options.map(({ shape }) => shape.model_type.value as unknown)
    if (seen === undefined || known.includes(seen)) continue
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${directory} has the ${key}.model_type ${JSON.stringify(seen)}; this builder takes ${known.join(', ')}. Choose another checkpoint.`,
      { details: { directory, key } },
    )
  }
  return check(directory, 'config.json', configSchema, json)
}

/**
 * The tower's facts up to the selected layer.
 * @param select entry of hidden_states: 0 is the input of the first block, n the output of n blocks, -1 that of the last
 * @throws AppError CHECKPOINT_INVALID for sizes that do not fit each other
 */
export function towerFactsOf(
  directory: string,
  { vision_config: vision }: FamilyConfig,
  select: number,
  outputNorm: boolean,
): TowerFacts {
  const { num_hidden_layers: layers, hidden_size: width, num_attention_heads: heads } = vision
  const fail = (problem: string) => invalidFile(directory, 'config.json', problem)
  const blocks = select < 0 ? layers + 1 + select : select
  if (blocks < 1 || blocks > layers) {
    throw fail(
      `has vision_feature_layer ${select}; with ${layers} layers, 1 to ${layers} and -1 to -${layers} are allowed`,
    )
  }
  if (width % heads !== 0) throw fail(`has ${heads} tower heads, which do not divide hidden_size ${width}`)
  if (vision.image_size < vision.patch_size) {
    throw fail(`has image_size ${vision.image_size}, below patch_size ${vision.patch_size}`)
  }
  return {
    kind: TOWER_KINDS[vision.model_type],
    imagePixels: vision.image_size,
    patchPixels: vision.patch_size,
    channels: vision.num_channels,
    width,
    mlpWidth: vision.intermediate_size,
    heads,
    activation: vision.hidden_act,
    epsilon: vision.layer_norm_eps,
    blocks,
    outputNorm,
    stem: [],
    attentionBias: vision.model_type !== 'internvl_vision' || vision.attention_bias,
  }
}

/** The decoder's facts. */
export function languageFactsOf(
  { text_config: text, tie_word_embeddings: tied }: FamilyConfig,
  tiedByDefault: boolean,
): LanguageFacts {
  const heads = text.num_attention_heads
  return {
    width: text.hidden_size,
    mlpWidth: text.intermediate_size,
    layers: text.num_hidden_layers,
    heads,
    keyValueHeads: text.num_key_value_heads ?? heads,
    headWidth: text.head_dim ?? text.hidden_size / heads,
    epsilon: text.rms_norm_eps,
    vocabulary: text.vocab_size,
    context: text.max_position_embeddings,
    rotaryBase: text.rope_parameters?.rope_theta ?? text.rope_theta ?? 10000,
    tied: (tied ?? tiedByDefault) || text.tie_word_embeddings,
    queryKeyValueBias: text.model_type === 'qwen2',
    headNorms: text.model_type === 'qwen3',
  }
}
