// Reads a Qwen2-VL or Qwen2.5-VL checkpoint: a tower that takes frames of any shape, two at a time, and a Qwen2 decoder whose
// positions have three parts. Source: transformers' Qwen2VLForConditionalGeneration and Qwen2_5_VLForConditionalGeneration.
import type { ClipText } from '../model-package/manifest.ts'
import type { ValleyArchitecture } from './architecture.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { readTokenizer } from './checkpoint-tokenizer.ts'
import { readChatTemplate, TokenTable } from './checkpoint-tokens.ts'
import { CheckpointWeights } from './checkpoint-weights.ts'
import { describeGridTower, describeMerger } from './describe-grid-tower.ts'
import { checkLanguageSizes, describeLanguage } from './describe-language.ts'
import { packageName, readLicence } from './model-card.ts'
import { checkQwenVlConfig, gridTowerFactsOf, type QwenVlFamily, qwenVlLanguageFacts } from './qwen-vl-config.ts'
import { readAreaRecipes } from './qwen-vl-processor.ts'
import { LANGUAGE_NAMES } from './read-family.ts'
import { readStoredTensors } from './stored-tensors.ts'
import { tensorsByUsualName } from './tensor-names.ts'

/** The architectures' names in config.json, and the family of each. Qwen3-VL is another network. */
export const QWEN_VL_ARCHITECTURES: Readonly<Record<string, QwenVlFamily>> = {
  Qwen2VLForConditionalGeneration: 'qwen2-vl',
  Qwen2_5_VLForConditionalGeneration: 'qwen2.5-vl',
}
/** What people call them. */
const NAMES = { 'qwen2-vl': 'Qwen2-VL', 'qwen2.5-vl': 'Qwen2.5-VL' } as const
/** As in its training; a clip of more than 8 seconds gets as many as a CPU can look at. */
const FRAMES = { framesPerSecond: 2, maxCount: 16 }

/**
 * Reads a checkpoint of one of the two.
 * @param json config.json, parsed
 * @throws AppError CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID
 */
export async function readQwenVl(directory: string, json: unknown, family: QwenVlFamily): Promise<Checkpoint> {
  const config = checkQwenVlConfig(directory, json, family)
  const { vision_config: tower } = config
  const pixels = await readAreaRecipes(directory, {
    patchPixels: tower.patch_size,
    mergePatches: tower.spatial_merge_size,
    framesTogether: tower.temporal_patch_size,
  })
  const towerFacts = gridTowerFactsOf(directory, config, pixels.video.resizePixels)
  const languageFacts = qwenVlLanguageFacts(directory, config)
  checkLanguageSizes(directory, languageFacts)

  const weights = new CheckpointWeights(tensorsByUsualName(await readStoredTensors(directory)))
  const vision = describeGridTower(towerFacts, weights)
  const architecture: ValleyArchitecture = {
    vision,
    imageVision: null,
    projector: describeMerger(towerFacts, languageFacts.width, weights),
    pooling: { kind: 'none' },
    language: await describeLanguage(languageFacts, LANGUAGE_NAMES, weights),
  }
  weights.assertAllTaken((name) => name.endsWith('inv_freq'))

  const tokenizer = await readTokenizer(directory)
  const eos = config.text_config.eos_token_id
  const ends = eos == null ? undefined : [eos].flat()
  const table = await TokenTable.read(directory, tokenizer, languageFacts.vocabulary, ends)
  const name = packageName(directory, config._name_or_path)
  const eachFrame = vision.patches / towerFacts.grid.mergePatches ** 2 / towerFacts.grid.framesTogether
  const most = Math.max(1, Math.floor(languageFacts.context / 2 / eachFrame))
  return {
    directory,
    architecture,
    facts: {
      family,
      name,
      description: `A ${NAMES[family]} model for pictures and clips.`,
      licence: await readLicence(directory),
      source: { repository: config._name_or_path ?? name, revision: 'not stated by the checkpoint' },
      frames: { mode: 'fps', ...FRAMES, maxCount: Math.min(FRAMES.maxCount, most) },
      pixels,
      tokens: table.ends(),
      frameTokens: null,
      patchGrid: towerFacts.grid,
      prompt: {
        system: '',
        stop: [],
        reserved: [],
        clipPosition: 'before-text',
        clips: {
          video: clipText('video', table.byId(config.video_token_id)),
          image: clipText('image', table.byId(config.image_token_id)),
        },
      },
    },
    tokenizer,
    chatTemplate: await readChatTemplate(directory),
  }
}

/** The template writes the placeholder once, between its marks. */
function clipText(part: 'video' | 'image', placeholder: ClipText['placeholder']): ClipText {
  const around = { opening: '', piece: '{tokens}', separator: '', closing: '' }
  return { part, mark: placeholder.text, each: 'clip', placeholder, ...around }
}
