// Reads a checkpoint of a public family, as families.ts describes it.
import type { FrameTokensRecipe, ModelManifest } from '../model-package/manifest.ts'
import { tokensOfFrame } from '../valley/frame-token-count.ts'
import type { Projector, ValleyArchitecture } from './architecture.ts'
import { invalidFile } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { readChatTemplate, TokenTable } from './checkpoint-tokens.ts'
import { CheckpointWeights } from './checkpoint-weights.ts'
import { checkLanguageSizes, describeLanguage } from './describe-language.ts'
import { describeTower, isBehindTower } from './describe-tower.ts'
import type { Family, FamilyClipText } from './families.ts'
import { checkFamilyConfig, type FamilyConfig, languageFactsOf, towerFactsOf } from './family-config.ts'
import { packageName, readLicence } from './model-card.ts'
import { readPixelRecipes } from './preprocessor-config.ts'
import { readStoredTensors } from './safetensors.ts'
import { tensorsByUsualName } from './tensor-names.ts'

const TOWER = 'vision_tower'
const LANGUAGE_NAMES = { body: 'language_model.model', head: 'language_model.lm_head' }

/**
 * Reads the checkpoint.
 * @param json config.json, parsed
 * @throws AppError CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID
 */
export async function readFamily(directory: string, json: unknown, family: Family): Promise<Checkpoint> {
  const config = checkFamilyConfig(directory, json)
  const towerFacts = towerFactsOf(directory, config, config.vision_feature_layer ?? family.featureLayer)
  const languageFacts = languageFactsOf(config)
  checkLanguageSizes(directory, languageFacts)
  const pixels = await readPixelRecipes(directory, towerFacts.imagePixels, family.habits)

  const weights = new CheckpointWeights(tensorsByUsualName(await readStoredTensors(directory)))
  const vision = describeTower(towerFacts, TOWER, weights)
  const architecture: ValleyArchitecture = {
    vision,
    projector: describeProjector(config, family, weights),
    pooling: { kind: 'none' },
    language: describeLanguage(languageFacts, LANGUAGE_NAMES, weights),
  }
  weights.assertAllTaken(
    (name) =>
      isBehindTower(name, TOWER, towerFacts.blocks) ||
      name.endsWith('.rotary_emb.inv_freq') ||
      name.endsWith('.embeddings.position_ids') ||
      (languageFacts.tied && name === `${LANGUAGE_NAMES.head}.weight`),
  )

  const eos = config.text_config.eos_token_id
  const table = await TokenTable.read(directory, languageFacts.vocabulary, eos == null ? undefined : [eos].flat())
  const keepClass = keepsClass(config, family, vision.classEmbedding !== null)
  const frameTokens = {
    video: { keepClass, ...family.video(config) },
    image: { keepClass, ...family.image(config) },
  }
  const name = packageName(directory, config._name_or_path)
  const facts: Checkpoint['facts'] = {
    family: family.name,
    name,
    description: family.description,
    licence: await readLicence(directory),
    source: { repository: config._name_or_path ?? name, revision: 'not stated by the checkpoint' },
    frames: framesWithin(family.frames, frameTokens.video, vision.patches, languageFacts.context),
    pixels,
    tokens: table.ends(),
    frameTokens,
    prompt: {
      system: '',
      stop: [],
      reserved: [...family.reserved],
      clipPosition: 'before-text',
      clips: {
        video: clipText(directory, config, family.clips.video, table),
        image: clipText(directory, config, family.clips.image, table),
      },
    },
  }
  return { directory, architecture, facts, chatTemplate: await readChatTemplate(directory) }
}

function describeProjector(config: FamilyConfig, family: Family, weights: CheckpointWeights): Projector {
  const { hidden_size: input } = config.vision_config
  const { hidden_size: width } = config.text_config
  const bias = config.multimodal_projector_bias
  return {
    inputNorm: null,
    layers: [
      weights.linear('multi_modal_projector.linear_1', width, input, bias),
      weights.linear('multi_modal_projector.linear_2', width, width, bias),
    ],
    activation: config.projector_hidden_act,
    newline: family.hasNewline ? weights.take('image_newline', [width]) : null,
  }
}

/** "default" drops the first feature, which only a tower with a class has to spare. */
function keepsClass(config: FamilyConfig, family: Family, hasClass: boolean): boolean {
  return hasClass && (config.vision_feature_select_strategy ?? family.featureStrategy) === 'full'
}

/** The family's number of frames, or fewer where they would take more than half of the context. */
function framesWithin(
  frames: ModelManifest['frames'],
  recipe: FrameTokensRecipe,
  patches: number,
  context: number,
): ModelManifest['frames'] {
  const most = Math.max(1, Math.floor(context / 2 / tokensOfFrame(recipe, patches)))
  return frames.mode === 'uniform'
    ? { ...frames, count: Math.min(frames.count, most) }
    : { ...frames, maxCount: Math.min(frames.maxCount, most) }
}

function clipText(
  directory: string,
  config: FamilyConfig,
  { token, ...text }: FamilyClipText,
  table: TokenTable,
): NonNullable<ModelManifest['prompt']['clips']>['video'] {
  const id =
    token === 'image'
      ? (config.image_token_index ?? config.image_token_id)
      : (config.video_token_index ?? config.video_token_id)
  if (id === undefined)
    throw invalidFile(directory, 'config.json', `has neither ${token}_token_index nor ${token}_token_id`)
  const placeholder = table.byId(id)
  return { ...text, mark: placeholder.text, placeholder }
}
