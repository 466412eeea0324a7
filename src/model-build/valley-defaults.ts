// What the published code of Valley fixes and its checkpoints do not store; each key of valley_config.json goes before it.
// Source: RupertLuo/Valley at 83d794f, util/config.py, util/data_util.py and data/video_transform.py.
import type { ModelManifest } from '../model-package/manifest.ts'
import type { CheckpointConfig, ValleyConfig } from './checkpoint-config.ts'
import { packageName, readLicence } from './model-card.ts'
import { ANSWER_LABELS, TURN_MARK, VICUNA_SYSTEM } from './valley-prompt.ts'

const CLIP_COLOURS = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} satisfies Partial<ModelManifest['pixels']['video']>
/** Frames of a clip in all published settings. */
const FRAME_COUNT = 8
/** As source: video is resized to 256 before the crop of 224, pictures to 224 at once. */
const VIDEO_RESIZE_SHARE = 256 / 224

/** Settings of a checkpoint, whole. */
export type WholeValleyConfig = {
  readonly [Key in Exclude<keyof ValleyConfig, 'maxFrames' | 'promptFormat'>]-?: NonNullable<ValleyConfig[Key]>
} & Pick<ValleyConfig, 'maxFrames' | 'promptFormat'>

/** Fills what valley_config.json leaves out. */
export async function withDefaults(
  directory: string,
  config: CheckpointConfig,
  stated: ValleyConfig,
): Promise<WholeValleyConfig> {
  const side = config.vision_config.image_size
  const name = packageName(directory, config._name_or_path)
  const shape = { resizeMode: 'shortest-edge', cropPixels: side, ...CLIP_COLOURS } as const
  return {
    name: stated.name ?? name,
    description: stated.description ?? 'A Valley model for pictures and clips.',
    licence: stated.licence ?? (await readLicence(directory)),
    source: stated.source ?? {
      repository: config._name_or_path ?? name,
      revision: 'not stated by the checkpoint',
    },
    frames: stated.frames ?? { mode: 'uniform', count: FRAME_COUNT },
    pixels: stated.pixels ?? {
      // As source: its "nearest" is bilinear for pictures of PIL, which frames are there.
      video: { ...shape, resizePixels: Math.round(side * VIDEO_RESIZE_SHARE), filter: 'bilinear' },
      image: { ...shape, resizePixels: side, filter: 'bicubic', cropRounding: 'down' },
    },
    prompt: stated.prompt ?? {
      system: VICUNA_SYSTEM,
      stop: [TURN_MARK],
      reserved: [TURN_MARK],
      clipPosition: 'after-text',
      clips: null,
      answerLabels: ANSWER_LABELS,
    },
    tokens: stated.tokens ?? {
      patch: '<im_patch>',
      patchStart: '<im_start>',
      patchEnd: '<im_end>',
      frame: '<vi_frame>',
      frameStart: '<vi_start>',
      frameEnd: '<vi_end>',
    },
    maxFrames: stated.maxFrames,
    promptFormat: stated.promptFormat,
  }
}
