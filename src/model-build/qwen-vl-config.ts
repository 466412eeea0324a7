// config.json of Qwen2-VL and Qwen2.5-VL, in both forms that transformers has saved: the decoder's keys among the others (4) or under
// text_config (4.52 and later).
import { z } from 'zod'
import { check, contextTokens, invalidFile } from './checkpoint-config.ts'
import type { GridTowerFacts } from './describe-grid-tower.ts'
import type { LanguageFacts } from './describe-language.ts'
import { activation } from './family-config.ts'

const size = z
  .int()
  .positive()
  .max(2 ** 24)
const tokenId = z.int().nonnegative()
const sections = z.tuple([size, size, size])

/** What both kinds of tower say alike. */
const visionFields = {
  depth: size,
  num_heads: size,
  patch_size: size.default(14),
  in_channels: z.literal(3).default(3),
  spatial_merge_size: size.default(2),
  temporal_patch_size: size.default(2),
  rope_parameters: z
    .object({ rope_theta: z.number().positive(), rope_type: z.literal('axial').optional() })
    .default({ rope_theta: 10000 }),
}
/** Qwen2-VL's tower; hidden_size is the decoder's there. */
const plainVisionSchema = z
  .object({
    ...visionFields,
    embed_dim: size,
    mlp_ratio: size.default(4),
    hidden_act: activation.default('quick-gelu'),
  })
  .transform(({ embed_dim: width, mlp_ratio: ratio, hidden_act, ...tower }) => ({
    ...tower,
    width,
    mlpWidth: ratio * width,
    activation: hidden_act,
    windowPixels: null,
    seeingAll: null,
    placesPerSecond: null,
  }))
/** Qwen2.5-VL's. */
const gatedVisionSchema = z
  .object({
    ...visionFields,
    hidden_size: size,
    intermediate_size: size,
    hidden_act: z.literal('silu').default('silu'),
    tokens_per_second: z.number().positive().default(4),
    window_size: size.default(112),
    fullatt_block_indexes: z.array(z.int().nonnegative()).default([7, 15, 23, 31]),
  })
  .transform(({ hidden_size: width, intermediate_size: mlpWidth, hidden_act: _, ...tower }) => ({
    ...tower,
    width,
    mlpWidth,
    activation: null,
    windowPixels: tower.window_size,
    seeingAll: tower.fullatt_block_indexes,
    placesPerSecond: tower.tokens_per_second,
  }))

const textSchema = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  hidden_act: z.literal('silu').default('silu'),
  rms_norm_eps: z.number().positive().default(1e-5),
  rope_theta: z.number().positive().default(1_000_000),
  // What mrope was called in transformers 4 became the default kind with sections.
  rope_scaling: z.object({ mrope_section: sections, type: z.enum(['mrope', 'default']).optional() }).nullish(),
  rope_parameters: z
    .object({
      mrope_section: sections,
      rope_theta: z.number().positive(),
      rope_type: z.enum(['mrope', 'default']).optional(),
    })
    .nullish(),
  vocab_size: size,
  max_position_embeddings: contextTokens.default(32768),
  tie_word_embeddings: z.boolean().optional(),
  use_sliding_window: z.literal(false).default(false),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
})

const configFields = {
  _name_or_path: z.string().optional(),
  text_config: textSchema,
  tie_word_embeddings: z.boolean().optional(),
  image_token_id: tokenId.default(151655),
  video_token_id: tokenId.default(151656),
}
const configSchemas = {
  'qwen2-vl': z.object({ ...configFields, vision_config: plainVisionSchema }),
  'qwen2.5-vl': z.object({ ...configFields, vision_config: gatedVisionSchema }),
}

/** Sections where the config names none, as in transformers. */
const USUAL_SECTIONS: z.infer<typeof sections> = [16, 24, 24]

/** The two networks. */
export type QwenVlFamily = keyof typeof configSchemas
/** config.json of a Qwen2-VL or Qwen2.5-VL checkpoint. */
export type QwenVlConfig = z.infer<(typeof configSchemas)[QwenVlFamily]>

/** Holds config.json against the schema. @throws AppError CHECKPOINT_INVALID */
export function checkQwenVlConfig(directory: string, json: unknown, family: QwenVlFamily): QwenVlConfig {
  const stated = json as Readonly<Record<string, unknown>>
  const configSchema: z.ZodType<QwenVlConfig> = configSchemas[family]
  return check(
    directory,
    'config.json',
    configSchema,
    'text_config' in stated ? json : { ...stated, text_config: json },
  )
}

/**
 * The tower's facts.
 * @param imagePixels side of the largest square that it is given
 * @throws AppError CHECKPOINT_INVALID for sizes that do not fit each other
 */
export function gridTowerFactsOf(
  directory: string,
  { vision_config: vision }: QwenVlConfig,
  imagePixels: number,
): GridTowerFacts {
  const { width, num_heads: heads, patch_size: patchPixels, spatial_merge_size: mergePatches, windowPixels } = vision
  // As source: a window is so many tokens wide, rounded down.
  const windowTokens = windowPixels === null ? null : Math.floor(windowPixels / mergePatches / patchPixels)
  if (width % (4 * heads) !== 0 || windowTokens === 0) {
    throw invalidFile(
      directory,
      'config.json',
      `has a tower of width ${width} with ${heads} heads and a window_size of ${windowPixels ?? 'none'}; a head's width must be a multiple of 4, and a window hold a token of ${mergePatches * patchPixels} pixels`,
    )
  }
  return {
    imagePixels,
    patchPixels,
    channels: vision.in_channels,
    width,
    mlpWidth: vision.mlpWidth,
    heads,
    rotaryBase: vision.rope_parameters.rope_theta,
    blocks: vision.depth,
    activation: vision.activation,
    seeingAll: vision.seeingAll,
    grid: {
      framesTogether: vision.temporal_patch_size,
      mergePatches,
      windowPatches: windowTokens === null ? null : windowTokens * mergePatches,
      placesPerSecond: vision.placesPerSecond,
    },
  }
}

/** The decoder's facts. @throws AppError CHECKPOINT_INVALID for sections that do not fit the heads */
export function qwenVlLanguageFacts(directory: string, config: QwenVlConfig): LanguageFacts {
  const { text_config: text } = config
  const heads = text.num_attention_heads
  const headWidth = text.hidden_size / heads
  const parts = text.rope_parameters?.mrope_section ?? text.rope_scaling?.mrope_section ?? USUAL_SECTIONS
  const rotaryParts = parts.flatMap((count, part) => Array.from({ length: count }, () => part))
  if (rotaryParts.length * 2 !== headWidth) {
    throw invalidFile(
      directory,
      'config.json',
      `has the mrope_section ${JSON.stringify(parts)}, which must add up to half of a head's width, ${headWidth / 2}`,
    )
  }
  return {
    width: text.hidden_size,
    mlpWidth: text.intermediate_size,
    layers: text.num_hidden_layers,
    heads,
    keyValueHeads: text.num_key_value_heads ?? heads,
    headWidth,
    epsilon: text.rms_norm_eps,
    vocabulary: text.vocab_size,
    context: text.max_position_embeddings,
    rotaryBase: text.rope_parameters?.rope_theta ?? text.rope_theta,
    rotaryParts,
    tied: config.tie_word_embeddings ?? text.tie_word_embeddings ?? false,
    queryKeyValueBias: true,
    headNorms: false,
  }
}
