// Reads a checkpoint of a public family, as families.ts describes it.
import type { FrameTokensRecipe } from '../model-package/manifest.ts'
import { pooledSize } from '../valley/spatial-pooling.ts'
import type { Projector, ValleyArchitecture, VisionTower } from './architecture.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { CheckpointWeights } from './checkpoint-weights.ts'
import { checkLanguageSizes, describeLanguage } from './describe-language.ts'
import { describeTower, isBehindTower } from './describe-tower.ts'
import type { Family, OriginalForm } from './family.ts'
import { checkFamilyConfig, type FamilyConfig, languageFactsOf, towerFactsOf } from './family-config.ts'
import { readFamilyFacts } from './family-facts.ts'
import { type Processor, pixelRecipes, readProcessors } from './preprocessor-config.ts'
import { readStoredTensors } from './stored-tensors.ts'
import { tensorsByUsualName } from './tensor-names.ts'

/** PyTorch's default for a norm. */
const PROJECTOR_EPSILON = 1e-5
/** Where the decoder's tensors stand in the usual spelling. */
export const LANGUAGE_NAMES = { body: 'language_model.model', head: 'language_model.lm_head' }

/**
 * Reads the checkpoint.
 * @param json config.json, parsed
 * @throws AppError CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID
 */
export async function readFamily(directory: string, json: unknown, family: Family): Promise<Checkpoint> {
  const form = originalFormOf(json, family)
  const config = checkFamilyConfig(directory, form?.translate(json as Readonly<Record<string, unknown>>) ?? json)
  const layer = config.vision_feature_layer ?? family.featureLayer
  const towerFacts = towerFactsOf(directory, config, layer, family.outputNorm ?? false)
  const languageFacts = languageFactsOf(config, family.tiedByDefault ?? false)
  checkLanguageSizes(directory, languageFacts)
  const processors = await readProcessors(directory, form?.processor?.(towerFacts.imagePixels))

  const weights = new CheckpointWeights(tensorsByUsualName(await readStoredTensors(directory)))
  const { towers } = family
  const vision = describeTower(towerFacts, towers.video, weights)
  const frameTokens = {
    video: frameTokensOf('video', config, family, processors.video.processor, vision),
    image: frameTokensOf('image', config, family, processors.image.processor, vision),
  }
  const architecture: ValleyArchitecture = {
    vision,
    imageVision: towers.image === towers.video ? null : describeTower(towerFacts, towers.image, weights),
    projector: describeProjector(config, family, frameTokens.video, weights),
    pooling: { kind: 'none' },
    language: await describeLanguage(languageFacts, LANGUAGE_NAMES, weights),
  }
  weights.assertAllTaken(
    (name) =>
      Object.values(towers).some((tower) => isBehindTower(name, tower, towerFacts.blocks)) ||
      name.endsWith('.rotary_emb.inv_freq') ||
      name.endsWith('.embeddings.position_ids') ||
      name.endsWith('.embeddings.mask_token'),
  )

  const shapes = { patches: vision.patches, vocabulary: languageFacts.vocabulary, context: languageFacts.context }
  const pixels = pixelRecipes(directory, processors, towerFacts.imagePixels, family, frameTokens.image.tiling !== null)
  const frames = family.frames(processors.video.processor)
  const read = await readFamilyFacts(directory, { config, family, form, shapes, frames, frameTokens, pixels })
  return { directory, architecture, ...read }
}

function originalFormOf(json: unknown, { originalForms = {} }: Family): OriginalForm | undefined {
  const { architectures } = json as { architectures: readonly unknown[] }
  return Object.entries(originalForms).find(([architecture]) => architectures.includes(architecture))?.[1]
}

function describeProjector(
  config: FamilyConfig,
  family: Family,
  { pool }: FrameTokensRecipe,
  weights: CheckpointWeights,
): Projector {
  const { hidden_size: towerWidth, image_size: side, patch_size: patch } = config.vision_config
  const { hidden_size: width } = config.text_config
  const widening = pool?.at === 'before-projector' ? pooledSize(Math.floor(side / patch), pool.by).widening : 1
  const input = towerWidth * widening
  const bias = family.projector !== 'one-layer' && config.multimodal_projector_bias
  const name = 'multi_modal_projector'
  const first = weights.linear(`${name}.linear_1`, width, input, bias)
  return {
    inputNorm:
      family.projector === 'norm-two-layers'
        ? weights.norm(`${name}.layer_norm`, input, true, PROJECTOR_EPSILON)
        : null,
    layers:
      family.projector === 'one-layer' ? [first] : [first, weights.linear(`${name}.linear_2`, width, width, bias)],
    activation: config.projector_hidden_act,
    newline: family.hasNewline ? weights.take('image_newline', [width]) : null,
  }
}

function frameTokensOf(
  kind: 'video' | 'image',
  config: FamilyConfig,
  family: Family,
  processor: Processor,
  { classEmbedding }: VisionTower,
): FrameTokensRecipe {
  // "default" drops the first feature, which only a tower with a class has to spare.
  const strategy = config.vision_feature_select_strategy ?? family.featureStrategy
  const keepClass = classEmbedding !== null && (family.keepsClass[kind] === 'always' || strategy === 'full')
  return { keepClass, ...family[kind](config, processor) }
}
