// The manifest of a package, from what the checkpoint says.

import { AppError } from '../errors.ts'
import { type ModelManifest, manifestSchema } from '../model-package/manifest.ts'
import { tokensOfFrame } from '../valley/frame-token-count.ts'
import { isGridTower, type Pooling } from './architecture.ts'
import type { Checkpoint, CheckpointFacts } from './checkpoint-description.ts'
import type { MatrixFormat, Precision } from './precision.ts'

/** Names of the graphs in a package. */
export const GRAPH_FILES = {
  visionEncoder: 'vision-encoder.onnx',
  imageEncoder: 'image-encoder.onnx',
  projector: 'projector.onnx',
  pooling: 'pooling.onnx',
  embedTokens: 'embed-tokens.onnx',
  decoder: 'decoder.onnx',
  prefill: 'prefill.onnx',
} as const
/** Names of the tokenizer's files in a package. */
export const TOKENIZER_FILES = {
  file: 'tokenizer.json',
  configFile: 'tokenizer_config.json',
  chatTemplateFile: 'chat_template.jinja',
} as const
/** Marks around the patches and around the frames. */
const MARK_TOKENS = 4
/** A time such as 12.4, a token a sign, where times stand before frames. */
const TIME_TOKENS = 4

/**
 * Describes a package.
 * @param files size and hash of every file of the package
 * @param visionFormat how the towers' products are stored
 * @param hasPrefill whether prompts have a graph of their own
 * @throws AppError CHECKPOINT_INVALID when the checkpoint's words do not make a valid manifest
 */
export function describePackage(
  checkpoint: Checkpoint,
  precision: Precision,
  files: ModelManifest['files'],
  visionFormat: MatrixFormat,
  hasPrefill: boolean,
): ModelManifest {
  const { facts } = checkpoint
  const { vision, language, pooling } = checkpoint.architecture
  const manifest: ModelManifest = {
    formatVersion: 1,
    name: facts.name,
    description: facts.description,
    family: facts.family,
    licence: facts.licence,
    source: facts.source,
    precision,
    vision: {
      imagePixels: vision.imagePixels,
      patchPixels: vision.patchPixels,
      width: vision.width,
      layers: vision.blocks.length,
      heads: vision.heads,
      patches: vision.patches,
      classFeature: !isGridTower(vision) && vision.classEmbedding !== null,
      ...(visionFormat === 'w8a8' ? { products: visionFormat } : {}),
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
    frameTokens: facts.frameTokens,
    patchGrid: facts.patchGrid ?? null,
    maxFrames: maxFrames(checkpoint),
    frames: facts.frames,
    pixels: facts.pixels,
    tokens: facts.tokens,
    prompt: facts.prompt,
    graphs: {
      ...GRAPH_FILES,
      imageEncoder: checkpoint.architecture.imageVision === null ? null : GRAPH_FILES.imageEncoder,
      pooling: hasPoolingGraph(pooling) ? GRAPH_FILES.pooling : null,
      prefill: hasPrefill ? GRAPH_FILES.prefill : null,
    },
    tokenizer: { ...TOKENIZER_FILES },
    files,
  }
  return manifestSchema.parse(manifest)
}

/** Whether pooling has weights, and so a graph. */
function hasPoolingGraph({ kind }: Pooling): boolean {
  return kind === 'importance' || kind === 'transformer'
}

/**
 * Most frames of a clip: what the checkpoint says, else what takes half of the context beside the patches that a clip
 * costs in any case; never more than the position table of v3 has rows.
 * @throws AppError CHECKPOINT_INVALID when not a single frame fits, or fewer than the checkpoint samples by default
 */
export function maxFrames({ architecture, facts, directory }: Checkpoint): number {
  const { vision, language, pooling } = architecture
  const ownTokens = tokensOfOwn(facts, vision.patches)
  const each = ownTokens + (facts.prompt.frameTimes === 'tenths' ? TIME_TOKENS : 0)
  const inAnyCase = facts.frameTokens === null && facts.patchGrid == null ? vision.patches + MARK_TOKENS : 0
  const free = language.context - inAnyCase
  const rows = pooling.kind === 'transformer' ? pooling.positions.shape[0]! : Number.POSITIVE_INFINITY
  const most = Math.min(facts.maxFrames ?? Math.floor(free / 2 / each), rows)
  const { frames } = facts
  const sampled = frames.mode === 'fps' ? frames.maxCount : frames.count
  if (most >= sampled && most * each < free) return most
  throw new AppError(
    'CHECKPOINT_INVALID',
    `${directory} samples ${sampled} frames of a clip and states maxFrames ${facts.maxFrames ?? 'not'}, but ${Math.min(rows, Math.max(Math.ceil(free / each) - 1, 0))} are the most that its context of ${language.context} tokens and its position table take. Correct valley_config.json.`,
    { details: { directory, sampled, most } },
  )
}

/** Visual tokens that a frame costs beside those of the clip; of frames that keep their shape, of the largest. */
function tokensOfOwn({ frameTokens, patchGrid }: CheckpointFacts, patches: number): number {
  if (frameTokens !== null) return tokensOfFrame(frameTokens.video, patches)
  if (patchGrid == null) return 1
  return patches / patchGrid.mergePatches ** 2 / patchGrid.framesTogether
}
