// Reads a Valley checkpoint in Hugging Face layout into a neutral description. Weights stay on the disk; what comes back
// knows where they lie. models/README.md describes the format.
import { AppError } from '../errors.ts'
import type { ValleyArchitecture } from './architecture.ts'
import {
  type CheckpointConfig,
  invalidFile,
  readConfig,
  readValleyConfig,
  type ValleyConfig,
} from './checkpoint-config.ts'
import { type CheckpointTokens, readTokens } from './checkpoint-tokens.ts'
import { CheckpointWeights } from './checkpoint-weights.ts'
import { describeLanguage, headSizes } from './describe-language.ts'
import { describePooling } from './describe-pooling.ts'
import { describeVision, VISION_PREFIX } from './describe-vision.ts'
import { readStoredTensors } from './safetensors.ts'

/** GroupQueryAttention turns positions in groups of this many values. */
const HEAD_WIDTH_MULTIPLE = 16

/** A checkpoint, ready to be built. */
export interface Checkpoint extends CheckpointTokens {
  readonly directory: string
  readonly architecture: ValleyArchitecture
  readonly valleyConfig: ValleyConfig
}

/**
 * Opens a checkpoint folder and checks everything but the weights' values.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model, CHECKPOINT_INVALID for a broken one
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const config = await readConfig(directory)
  checkSizes(directory, config)
  const valleyConfig = await readValleyConfig(directory)
  checkPixels(directory, config, valleyConfig)
  const weights = new CheckpointWeights(await readStoredTensors(directory))
  const vision = describeVision(config, weights, selectedBlocks(directory, config))
  const architecture: ValleyArchitecture = {
    vision,
    projector: weights.linear('model.mm_projector', config.hidden_size, vision.width, true),
    pooling: describePooling(config, weights, vision.patches),
    language: describeLanguage(config, weights),
  }
  weights.assertAllTaken((name) => isUnused(name, vision.blocks.length, config.tie_word_embeddings))
  const tokens = await readTokens(directory, valleyConfig.tokens, config.vocab_size)
  return { directory, architecture, valleyConfig, ...tokens }
}

/** Relations between sizes that the schema cannot say. */
function checkSizes(directory: string, config: CheckpointConfig): void {
  const fail = (problem: string) => invalidFile(directory, 'config.json', problem)
  const vision = config.vision_config
  if (config.mm_hidden_size !== vision.hidden_size) {
    throw fail(
      `has mm_hidden_size ${config.mm_hidden_size}; vision_config.hidden_size ${vision.hidden_size} is expected`,
    )
  }
  if (vision.hidden_size % vision.num_attention_heads !== 0) {
    throw fail(`has ${vision.num_attention_heads} tower heads, which do not divide hidden_size ${vision.hidden_size}`)
  }
  if (vision.image_size < vision.patch_size) {
    throw fail(`has image_size ${vision.image_size}, below patch_size ${vision.patch_size}`)
  }
  const { heads, keyValueHeads, headWidth } = headSizes(config)
  if (!Number.isInteger(headWidth))
    throw fail(`has ${heads} heads, which do not divide hidden_size ${config.hidden_size}`)
  if (heads % keyValueHeads !== 0)
    throw fail(`has ${keyValueHeads} key/value heads, which do not divide ${heads} heads`)
  if (headWidth % HEAD_WIDTH_MULTIPLE !== 0) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${directory} has heads of width ${headWidth}; ONNX Runtime's attention takes multiples of ${HEAD_WIDTH_MULTIPLE}. Choose another checkpoint.`,
      { details: { directory, headWidth } },
    )
  }
}

/** Blocks to run for mm_vision_select_layer: entry 0 of hidden_states is the input of block 0, entry n the output of n blocks. */
function selectedBlocks(directory: string, config: CheckpointConfig): number {
  const { num_hidden_layers: layers } = config.vision_config
  const select = config.mm_vision_select_layer
  const blocks = select < 0 ? layers + 1 + select : select
  if (blocks >= 1 && blocks <= layers) return blocks
  const problem = `has mm_vision_select_layer ${select}; with ${layers} layers, 1 to ${layers} and -1 to -${layers} are allowed`
  throw invalidFile(directory, 'config.json', problem)
}

/** What preprocessing gives must be what the tower takes. */
function checkPixels(directory: string, config: CheckpointConfig, valleyConfig: ValleyConfig): void {
  const side = config.vision_config.image_size
  for (const [kind, recipe] of Object.entries(valleyConfig.pixels)) {
    const seen = recipe.cropPixels ?? (recipe.resizeMode === 'exact' ? recipe.resizePixels : null)
    if (seen === side && (recipe.cropPixels ?? 0) <= recipe.resizePixels) continue
    const problem = `makes ${kind} pixels of side ${seen ?? 'unknown (no crop)'} from ${recipe.resizePixels}; the tower takes ${side}`
    throw invalidFile(directory, 'valley_config.json', problem)
  }
}

/** Tensors that the published code does not use either. */
function isUnused(name: string, visionBlocks: number, tiedHead: boolean): boolean {
  if (name.startsWith('model.transforemr_adding_layer.')) return true // as source, misspelt: a prototype of v3's layer
  if (name.endsWith('.rotary_emb.inv_freq') || name.endsWith('.embeddings.position_ids')) return true // computed
  if (name.startsWith(`${VISION_PREFIX}.post_layernorm.`)) return true // touches the pooled output only
  if (tiedHead && name === 'lm_head.weight') return true // a copy of the embedding
  const block = name.startsWith(`${VISION_PREFIX}.encoder.layers.`) ? Number(name.split('.')[5]) : Number.NaN
  return block >= visionBlocks // behind the selected block
}
