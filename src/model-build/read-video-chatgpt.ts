// Reads a Video-ChatGPT checkpoint: a LLaMA with a projector, whose tower lies apart (CLIP's, as it was published), pooled over
// space and over time. Source: mbzuai-oryx/Video-ChatGPT at 659e04b.
import { AppError } from '../errors.ts'
import type { ValleyArchitecture } from './architecture.ts'
import { checkConfig, readValleyConfig } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { readTokenizer } from './checkpoint-tokenizer.ts'
import { TokenTable } from './checkpoint-tokens.ts'
import { CheckpointWeights } from './checkpoint-weights.ts'
import { describeLanguage } from './describe-language.ts'
import { describeTower } from './describe-tower.ts'
import {
  checkSizes,
  isUnused,
  LANGUAGE_NAMES,
  languageFacts,
  selectedBlocks,
  TOWER,
  towerFacts,
} from './read-valley.ts'
import { readStoredTensors } from './stored-tensors.ts'
import { withDefaults } from './valley-defaults.ts'

/** The architecture's name in config.json. */
export const VIDEO_CHATGPT_ARCHITECTURE = 'VideoChatGPTLlamaForCausalLM'
/** Rows that stand for frames, and so the most frames of a clip; fixed in the published code. */
const ROWS_OF_TIME = 100
/** The published code takes the layer before the last, whatever config.json says. */
const SELECTED_LAYER = -2
const PATCH_TOKEN = '<vid_patch>'
/** Written by the template where a clip belongs. */
const CLIP_MARK = '<video>'
/** The header of its inference (video_conversation.py); its second sentence has no space behind it there. */
const SYSTEM =
  'You are Video-ChatGPT, a large vision-language assistant. ' +
  'You are able to understand the video content that the user provides, and assist the user with a variety of tasks using natural language.' +
  'Follow the instructions carefully and explain your answers in detail based on the provided video.'
const TEMPLATE = [
  "{% for message in messages %}{% if message.role == 'system' %}",
  '{% for part in message.content %}{{ part.text }}{% endfor %}{{ " " }}',
  "{% else %}{{ 'USER: ' if message.role == 'user' else 'ASSISTANT: ' }}",
  "{% for part in message.content %}{% if part.type == 'text' %}{{ part.text }}{% else %}{{ '\\n<video>' }}{% endif %}",
  "{% endfor %}{{ ' ' if message.role == 'user' else '</s>' }}{% endif %}{% endfor %}",
  "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}",
].join('')

/**
 * Reads a Video-ChatGPT checkpoint.
 * @param json config.json, parsed
 * @param baseDirectory the model that the checkpoint is a delta of; none for a whole one
 * @param towerDirectory CLIP's checkpoint; none where the tower lies beside the rest
 * @throws AppError CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID
 */
export async function readVideoChatGpt(
  directory: string,
  json: unknown,
  baseDirectory: string | undefined,
  towerDirectory: string | undefined,
): Promise<Checkpoint> {
  const config = checkConfig(directory, { ...(json as object), mm_vision_select_layer: SELECTED_LAYER })
  checkSizes(directory, config)
  const settings = await withDefaults(directory, config, await readValleyConfig(directory))
  const blocks = selectedBlocks(directory, config)
  const weights = await readWeights(directory, baseDirectory, towerDirectory)
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
    pooling: { kind: 'space-and-time' },
    language: await describeLanguage(languageFacts(config), LANGUAGE_NAMES, weights),
  }
  weights.assertAllTaken((name) => isUnused(name, blocks))
  const tokenizer = await readTokenizer(directory)
  const ends = config.eos_token_id == null ? undefined : [config.eos_token_id].flat()
  const table = await TokenTable.read(directory, tokenizer, config.vocab_size, ends)
  const text = {
    mark: CLIP_MARK,
    each: 'clip',
    placeholder: table.byText(PATCH_TOKEN),
    opening: '',
    piece: '<vid_start>{tokens}<vid_end>',
    separator: '',
    closing: '',
  } as const
  const side = config.vision_config.image_size
  const { mean, std } = settings.pixels.video
  const { name, licence, source } = settings
  return {
    directory,
    architecture,
    facts: {
      name,
      licence,
      source,
      family: 'video-chatgpt',
      description: 'A Video-ChatGPT model for clips.',
      frames: { mode: 'middles', count: ROWS_OF_TIME },
      maxFrames: ROWS_OF_TIME,
      pixels: {
        video: { resizeMode: 'exact', resizePixels: side, filter: 'nearest', cropPixels: null, mean, std },
        image: settings.pixels.image,
      },
      tokens: table.ends(),
      frameTokens: null,
      prompt: {
        system: SYSTEM,
        stop: ['</s>'],
        reserved: ['USER:', 'ASSISTANT:'],
        clipPosition: 'after-text',
        clips: { video: { part: 'video', ...text }, image: { part: 'image', ...text } },
      },
    },
    tokenizer,
    chatTemplate: TEMPLATE,
  }
}

async function readWeights(
  directory: string,
  baseDirectory: string | undefined,
  towerDirectory: string | undefined,
): Promise<CheckpointWeights> {
  const tensors = await readStoredTensors(directory)
  if (towerDirectory !== undefined) {
    for (const [name, tensor] of await readStoredTensors(towerDirectory)) {
      // CLIP's text side and its own projections belong to other uses.
      if (name.startsWith('vision_model.')) tensors.set(`${TOWER}.${name.slice('vision_model.'.length)}`, tensor)
    }
  }
  if (![...tensors.keys()].some((name) => name.startsWith(`${TOWER}.`))) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${directory} holds no vision tower, which was published apart. Name the folder of the CLIP checkpoint that config.json states with --tower.`,
      { details: { directory } },
    )
  }
  const base = baseDirectory === undefined ? new Map() : await readStoredTensors(baseDirectory)
  return new CheckpointWeights(tensors, base)
}
