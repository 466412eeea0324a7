// The manifest of a package, from what the checkpoint says.

import { AppError } from '../errors.ts'
import { type ModelManifest, manifestSchema } from '../model-package/manifest.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Precision } from './precision.ts'

/** Names of the graphs in a package. */
export const GRAPH_FILES = {
  visionEncoder: 'vision-encoder.onnx',
  projector: 'projector.onnx',
  pooling: 'pooling.onnx',
  embedTokens: 'embed-tokens.onnx',
  decoder: 'decoder.onnx',
} as const
/** Names of the tokenizer's files in a package. */
export const TOKENIZER_FILES = {
  file: 'tokenizer.json',
  configFile: 'tokenizer_config.json',
  chatTemplateFile: 'chat_template.jinja',
} as const
/** Marks around the patches and around the frames. */
const MARK_TOKENS = 4

/**
 * Describes a package.
 * @param files size and hash of every file of the package
 * @throws AppError CHECKPOINT_INVALID when the checkpoint's words do not make a valid manifest
 */
export function describePackage(
  checkpoint: Checkpoint,
  precision: Precision,
  files: ModelManifest['files'],
): ModelManifest {
  const { valleyConfig, tokens } = checkpoint
  const { vision, language, pooling } = checkpoint.architecture
  const manifest: ModelManifest = {
    formatVersion: 1,
    name: valleyConfig.name,
    description: valleyConfig.description,
    family: 'valley',
    licence: valleyConfig.licence,
    source: valleyConfig.source,
    precision,
    vision: {
      imagePixels: vision.imagePixels,
      patchPixels: vision.patchPixels,
      width: vision.width,
      layers: vision.blocks.length,
      heads: vision.heads,
      patches: vision.patches,
    },
    language: {
      width: language.width,
      layers: language.blocks.length,
      heads: language.heads,
      keyValueHeads: language.keyValueHeads,
      headWidth: language.headWidth,
      vocabulary: language.vocabulary,
      context: language.context,
    },
    pooling: pooling.kind,
    maxFrames: maxFrames(checkpoint),
    frames: valleyConfig.frames,
    pixels: valleyConfig.pixels,
    tokens,
    prompt: valleyConfig.prompt,
    graphs: { ...GRAPH_FILES, pooling: pooling.kind === 'mean' ? null : GRAPH_FILES.pooling },
    tokenizer: { ...TOKENIZER_FILES },
    files,
  }
  return manifestSchema.parse(manifest)
}

/**
 * Most frames of a clip: what the checkpoint says, else half of the context that the patches leave; never more than the
 * position table of v3 has rows.
 * @throws AppError CHECKPOINT_INVALID when not a single frame fits, or fewer than the checkpoint samples by default
 */
export function maxFrames({ architecture, valleyConfig, directory }: Checkpoint): number {
  const { vision, language, pooling } = architecture
  const free = language.context - vision.patches - MARK_TOKENS
  const rows = pooling.kind === 'transformer' ? pooling.positions.shape[0]! : Number.POSITIVE_INFINITY
  const most = Math.min(valleyConfig.maxFrames ?? Math.floor(free / 2), rows)
  const { frames } = valleyConfig
  const sampled = frames.mode === 'uniform' ? frames.count : frames.maxCount
  if (most >= sampled && most < free) return most
  throw new AppError(
    'CHECKPOINT_INVALID',
    `${directory} samples ${sampled} frames of a clip and states maxFrames ${valleyConfig.maxFrames ?? 'not'}, but ${Math.min(rows, Math.max(free - 1, 0))} are the most that its context of ${language.context} tokens and its position table take. Correct valley_config.json.`,
    { details: { directory, sampled, most } },
  )
}
