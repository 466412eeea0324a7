// Reads a Valley checkpoint: the published key and tensor names, and valley_config.json for what the published format
// leaves to code.
import type { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ValleyArchitecture } from './architecture.ts'
import { type CheckpointConfig, checkConfig, invalidFile, readValleyConfig } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { readTokenizer } from './checkpoint-tokenizer.ts'
import { findChatTemplate, TokenTable } from './checkpoint-tokens.ts'
import { CheckpointWeights } from './checkpoint-weights.ts'
import { checkLanguageSizes, describeLanguage, type LanguageFacts } from './describe-language.ts'
import { describePooling } from './describe-pooling.ts'
import { describeTower, isBehindTower } from './describe-tower.ts'
import { readStoredTensors } from './stored-tensors.ts'
import type { TowerFacts } from './tower-facts.ts'
import { withDefaults } from './valley-defaults.ts'
import { PROMPT_TEMPLATES, type PromptFormat } from './valley-prompt.ts'

/** The architecture's name in config.json. Valley-Eagle has the same model_type and another architecture. */
export const VALLEY_ARCHITECTURE = 'ValleyLlamaForCausalLM'
/** Where the tower's tensors stand. */
export const TOWER = 'model.vision_tower.vision_model'
/** Where the decoder's tensors stand. */
export const LANGUAGE_NAMES = { body: 'model', head: 'lm_head' }

/**
 * Reads a Valley checkpoint.
 * @param json config.json, parsed
 * @param baseDirectory the model that the checkpoint is a delta of; none for a whole one
 * @throws AppError CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID
 */
export async function readValley(directory: string, json: unknown, baseDirectory?: string): Promise<Checkpoint> {
  const config = checkConfig(directory, json)
  checkSizes(directory, config)
  const settings = await withDefaults(directory, config, await readValleyConfig(directory))
  const { tokens: texts, promptFormat, ...facts } = settings
  checkPixels(directory, config, facts.pixels)
  const weights = await readWithBase(directory, baseDirectory)
  const blocks = selectedBlocks(directory, config)
  const vision = describeTower(towerFacts(config, blocks), TOWER, weights)
  const architecture: ValleyArchitecture = {
    vision,
    imageVision: null,
    projector: {
      inputNorm: null,
      layers: [weights.linear('model.mm_projector', config.hidden_size, vision.width, true)],
      activation: 'gelu',
      newline: null,
    },
    pooling: describePooling(config, weights, vision.patches),
    language: await describeLanguage(languageFacts(config), LANGUAGE_NAMES, weights),
  }
  weights.assertAllTaken((name) => isUnused(name, blocks))
  const tokenizer = await readTokenizer(directory)
  const ends = config.eos_token_id == null ? undefined : [config.eos_token_id].flat()
  const table = await TokenTable.read(directory, tokenizer, config.vocab_size, ends)
  const { patch, patchStart, patchEnd, frame, frameStart, frameEnd } = texts
  const tokens = {
    ...table.ends(),
    patch: table.byText(patch),
    patchStart: table.byText(patchStart),
    patchEnd: table.byText(patchEnd),
    frame: table.byText(frame),
    frameStart: table.byText(frameStart),
    frameEnd: table.byText(frameEnd),
  }
  const chatTemplate = await promptTemplate(directory, promptFormat)
  return {
    directory,
    architecture,
    facts: { ...facts, family: 'valley', tokens, frameTokens: null },
    tokenizer,
    chatTemplate,
  }
}

/** The format that valley_config.json names, else the checkpoint's own template, else the one of the training data. */
async function promptTemplate(directory: string, stated: PromptFormat | undefined): Promise<string> {
  if (stated !== undefined) return PROMPT_TEMPLATES[stated]
  return (await findChatTemplate(directory)) ?? PROMPT_TEMPLATES.training
}

async function readWithBase(directory: string, baseDirectory: string | undefined): Promise<CheckpointWeights> {
  const tensors = await readStoredTensors(directory)
  return new CheckpointWeights(
    tensors,
    baseDirectory === undefined ? new Map() : await readStoredTensors(baseDirectory),
  )
}

/** The tower's facts up to the selected block. */
export function towerFacts({ vision_config: vision }: CheckpointConfig, blocks: number): TowerFacts {
  return {
    kind: 'clip',
    imagePixels: vision.image_size,
    patchPixels: vision.patch_size,
    channels: vision.num_channels,
    width: vision.hidden_size,
    mlpWidth: vision.intermediate_size,
    heads: vision.num_attention_heads,
    activation: vision.hidden_act === 'gelu' ? 'gelu' : 'quick-gelu',
    epsilon: vision.layer_norm_eps,
    blocks,
    outputNorm: false,
    attentionBias: true,
    stem: vision.stem,
  }
}

/** The decoder's facts. */
export function languageFacts(config: CheckpointConfig): LanguageFacts {
  const heads = config.num_attention_heads
  return {
    width: config.hidden_size,
    mlpWidth: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads,
    keyValueHeads: config.num_key_value_heads ?? heads,
    headWidth: config.head_dim ?? config.hidden_size / heads,
    epsilon: config.rms_norm_eps,
    vocabulary: config.vocab_size,
    context: config.max_position_embeddings,
    // LLaMA's own default, which old configs leave out.
    rotaryBase: config.rope_parameters?.rope_theta ?? config.rope_theta ?? 10000,
    tied: config.tie_word_embeddings,
    queryKeyValueBias: false,
    headNorms: false,
  }
}

/** Relations between sizes that the schema cannot say. @throws AppError CHECKPOINT_INVALID */
export function checkSizes(directory: string, config: CheckpointConfig): void {
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
  if (vision.stem.length > 0) checkStem(vision, fail)
  checkLanguageSizes(directory, languageFacts(config))
}

function checkStem(vision: CheckpointConfig['vision_config'], fail: (problem: string) => AppError): void {
  const { image_size: image, patch_size: patch, stem } = vision
  const strides = stem.map(({ stride }) => stride)
  if (strides.reduce((product, stride) => product * stride) !== patch) {
    throw fail(`has a stem with strides of ${strides.join(' x ')}; their product must be patch_size ${patch}`)
  }
  if (image % patch !== 0) {
    throw fail(`has image_size ${image}; behind a stem a multiple of patch_size ${patch} is expected`)
  }
}

/** Blocks to run for mm_vision_select_layer: entry 0 of hidden_states is the input of block 0, entry n the output of n blocks. */
export function selectedBlocks(directory: string, config: CheckpointConfig): number {
  const { num_hidden_layers: layers } = config.vision_config
  const select = config.mm_vision_select_layer
  const blocks = select < 0 ? layers + 1 + select : select
  if (blocks >= 1 && blocks <= layers) return blocks
  const problem = `has mm_vision_select_layer ${select}; with ${layers} layers, 1 to ${layers} and -1 to -${layers} are allowed`
  throw invalidFile(directory, 'config.json', problem)
}

/** What preprocessing gives must be what the tower takes. */
function checkPixels(directory: string, config: CheckpointConfig, pixels: ModelManifest['pixels']): void {
  const side = config.vision_config.image_size
  for (const [kind, recipe] of Object.entries(pixels)) {
    const seen = recipe.cropPixels ?? (recipe.resizeMode === 'exact' ? recipe.resizePixels : null)
    if (seen === side && (recipe.cropPixels ?? 0) <= recipe.resizePixels) continue
    const problem = `makes ${kind} pixels of side ${seen ?? 'unknown (no crop)'} from ${recipe.resizePixels}; the tower takes ${side}`
    throw invalidFile(directory, 'valley_config.json', problem)
  }
}

/** Tensors that the published code does not use either. */
export function isUnused(name: string, visionBlocks: number): boolean {
  if (name.startsWith('model.transforemr_adding_layer.')) return true // as source, misspelt: a prototype of v3's layer
  if (name.endsWith('.rotary_emb.inv_freq') || name.endsWith('.embeddings.position_ids')) return true // computed
  return isBehindTower(name, TOWER, visionBlocks)
}
