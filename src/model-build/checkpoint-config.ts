// The JSON files of a Valley checkpoint, checked: config.json in the published key names, and valley_config.json, which
// our training adds because the published format leaves pixels, prompt and licence to code. Every key of it is optional.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { manifestSchema } from '../model-package/manifest.ts'
import { requireFetched } from './git-pointer.ts'
import { knownTower } from './known-towers.ts'
import { promptFormatSchema } from './valley-prompt.ts'

/** The largest tokenizer.json in use has 33 MB. */
const MAX_JSON_BYTES = 128 * 1024 * 1024

const size = z
  .int()
  .positive()
  .max(2 ** 24)

const tokenId = z.int().nonnegative()
/** Tables of positions are made for the whole context: at this length they take half a GB. */
export const contextTokens = z
  .int()
  .positive()
  .max(2 ** 20)
const visionSchema = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  image_size: size,
  patch_size: size,
  num_channels: size.default(3),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  /** Convolutions in the place of the patch embedding; towers that were trained here may have them. */
  stem: z
    .array(z.strictObject({ width: size, stride: size, blocks: z.int().nonnegative().max(64).default(0) }))
    .default([]),
})

const configSchema = z.object({
  model_type: z.enum(['valley', 'VideoChatGPT']),
  _name_or_path: z.string().optional(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.optional(),
  head_dim: size.nullish(),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_parameters: z
    .object({ rope_theta: z.number().positive(), rope_type: z.literal('default').optional() })
    .optional(),
  rope_scaling: z.null().optional(),
  vocab_size: size,
  max_position_embeddings: contextTokens,
  tie_word_embeddings: z.boolean().default(false),
  hidden_act: z.literal('silu'),
  mm_hidden_size: size,
  mm_vision_select_layer: z.int(),
  use_patch_importance_pooling: z.boolean().default(false),
  use_delta_transformer: z.boolean().default(false),
  /** False was tried in training and never published: the prompt has the marks. */
  mm_use_im_start_end: z.literal(true).optional(),
  mm_vision_tower: z.string().optional(),
  vision_config: visionSchema,
})

const { name, description, licence, source, frames, pixels, prompt } = manifestSchema.shape
const valleyConfigSchema = z
  .strictObject({
    name,
    description,
    licence,
    source,
    frames,
    pixels,
    prompt,
    promptFormat: promptFormatSchema,
    maxFrames: size,
    /** Texts of the placeholders and their marks; the ids come from the tokenizer. */
    tokens: z.strictObject({
      patch: z.string(),
      patchStart: z.string(),
      patchEnd: z.string(),
      frame: z.string(),
      frameStart: z.string(),
      frameEnd: z.string(),
    }),
  })
  .partial()

/** config.json */
export type CheckpointConfig = z.infer<typeof configSchema>
/** valley_config.json */
export type ValleyConfig = z.infer<typeof valleyConfigSchema>

/**
 * Holds config.json of a Valley checkpoint against its schema. The published ones name their tower without describing it.
 * @throws AppError CHECKPOINT_INVALID
 */
export function checkConfig(directory: string, json: unknown): CheckpointConfig {
  const stated = json as { vision_config?: unknown; mm_vision_tower?: unknown } | null
  const tower = typeof stated?.mm_vision_tower === 'string' ? knownTower(stated.mm_vision_tower) : null
  const whole = stated?.vision_config === undefined && tower !== null ? { ...stated, vision_config: tower } : json
  return check(directory, 'config.json', configSchema, whole)
}

/** Reads valley_config.json, which the published checkpoints do not have. @throws AppError CHECKPOINT_INVALID */
export async function readValleyConfig(directory: string): Promise<ValleyConfig> {
  const found = await stat(join(directory, 'valley_config.json')).catch(() => null)
  if (found === null) return {}
  return check(directory, 'valley_config.json', valleyConfigSchema, await readJson(directory, 'valley_config.json'))
}

/** Reads a JSON file of a checkpoint. @throws AppError CHECKPOINT_INVALID when it is missing, too large or not JSON */
export async function readJson(directory: string, file: string): Promise<unknown> {
  const bytes = (await stat(join(directory, file)).catch(() => null))?.size ?? 0
  if (bytes > MAX_JSON_BYTES) {
    throw invalidFile(directory, file, `has ${bytes} bytes; at most ${MAX_JSON_BYTES} are allowed`)
  }
  const text = await readFile(join(directory, file), 'utf8').catch((cause: unknown) => {
    throw invalidFile(directory, file, 'cannot be read; a checkpoint needs it', cause)
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    await requireFetched(join(directory, file))
    throw invalidFile(directory, file, 'is not JSON', cause)
  }
}

/** Holds JSON against a schema. @throws AppError CHECKPOINT_INVALID naming every bad key */
export function check<T extends z.ZodType>(directory: string, file: string, schema: T, json: unknown): z.infer<T> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
  throw invalidFile(directory, file, `has bad keys (${problems.join('; ')})`)
}

/** CHECKPOINT_INVALID for one file of a checkpoint; `problem` follows its name. */
export function invalidFile(directory: string, file: string, problem: string, cause?: unknown): AppError {
  return new AppError(
    'CHECKPOINT_INVALID',
    `${join(directory, file)} ${problem}. Correct or fetch the checkpoint again.`,
    {
      details: { directory, file },
      cause,
    },
  )
}
