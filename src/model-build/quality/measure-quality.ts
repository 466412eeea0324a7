// How much of the checkpoint a package has kept: its own graphs, run as they run in an answer, against what the checkpoint
// gave in float32.
import { readFile } from 'node:fs/promises'
import { AppError } from '../../errors.ts'
import type { ModelPackage } from '../../model-package/model-package.ts'
import { ClipEncoder } from '../../valley/clip-encoder.ts'
import { closeGraphs, openGraphs } from '../../valley/graphs.ts'
import { KvCache } from '../../valley/kv-cache.ts'
import { openDecoder } from '../../valley/open-decoder.ts'
import { PromptBuilder } from '../../valley/prompt.ts'
import { PromptReader } from '../../valley/prompt-reader.ts'
import { shapesOf } from '../../valley/shapes.ts'
import { cosine } from './cosine.ts'
import { probePrompts } from './probe-prompts.ts'
import { probeFrames } from './probe-set.ts'
import {
  decodeRows,
  logSoftmax,
  parseQualityReference,
  QUALITY_FILE,
  type QualityReference,
  type ReferencePosition,
} from './quality-reference.ts'
import { frameCounts } from './write-reference.ts'

/** What was measured. */
export interface Quality {
  /** Cosine between the visual tokens of each frame and those of the checkpoint; where patches are pooled, theirs is first. */
  readonly frameCosines: readonly number[]
  /** Mean Kullback-Leibler divergence of the next token's distribution from the checkpoint's, nats; a lower bound. */
  readonly divergence: number
  /** Share of positions at which both think the same token likeliest. */
  readonly agreement: number
  readonly perplexity: number
  readonly referencePerplexity: number
  /** Positions that were compared. */
  readonly positions: number
}

/**
 * Measures a package that holds its checkpoint's answers.
 * @throws AppError PACKAGE_CORRUPT, SHAPE_MISMATCH, INFERENCE_FAILED; signal.reason when aborted
 */
export async function measureQuality(modelPackage: ModelPackage, signal?: AbortSignal): Promise<Quality> {
  const { manifest, directory } = modelPackage
  const reference = parseQualityReference(directory, await readFile(modelPackage.pathOf(QUALITY_FILE), 'utf8'))
  const graphs = await openGraphs(modelPackage, {})
  try {
    const clip = new ClipEncoder(graphs, manifest, { kind: 'video' })
    for (const frame of probeFrames().slice(0, manifest.maxFrames)) await clip.addFrame(frame)
    const seen = await clip.finish('probe')
    const frameCosines = cosinesOf(directory, reference, seen.rows, frameCounts(seen))

    const shapes = shapesOf(manifest)
    const decoder = await openDecoder(graphs.embedTokens, graphs.decoder, shapes)
    const reader = await PromptReader.open(decoder, graphs.embedTokens, graphs.prefill, shapes)
    const compared: Comparison[] = []
    const probes = probePrompts(await PromptBuilder.open(modelPackage), seen, manifest.language.context)
    for (const [index, { prompt, answer }] of probes.entries()) {
      const cache = new KvCache(shapes, manifest.language.context)
      let logits = await reader.read(prompt, cache, true)
      for (const [at, id] of answer.entries()) {
        signal?.throwIfAborted()
        const position = reference.cases[index]?.[at]
        if (position?.target !== id || logits === null) throw otherProbe(directory)
        compared.push(compare(logits, position))
        if (at < answer.length - 1) logits = await decoder.decodeStep(id, cache)
      }
    }
    return { frameCosines, ...summary(compared) }
  } finally {
    await closeGraphs(graphs)
  }
}

interface Comparison {
  readonly divergence: number
  readonly agrees: boolean
  readonly logProbability: number
  readonly referenceLogProbability: number
}

function compare(logits: Float32Array, reference: ReferencePosition): Comparison {
  const logProbabilities = logSoftmax(logits)
  let best = 0
  for (const [id, value] of logProbabilities.entries()) if (value > logProbabilities[best]!) best = id
  let divergence = 0
  let restOfReference = 1
  let rest = 1
  for (const [index, id] of reference.ids.entries()) {
    const expected = reference.logProbabilities[index]!
    const own = logProbabilities[id]!
    divergence += Math.exp(expected) * (expected - own)
    restOfReference -= Math.exp(expected)
    rest -= Math.exp(own)
  }
  // Everything beyond the kept tokens counts as one more; rounding may leave a share below nothing.
  if (restOfReference > 1e-9 && rest > 1e-12) divergence += restOfReference * Math.log(restOfReference / rest)
  return {
    divergence: Math.max(0, divergence),
    agrees: best === reference.ids[0],
    logProbability: logProbabilities[reference.target]!,
    referenceLogProbability: reference.targetLogProbability,
  }
}

function summary(compared: readonly Comparison[]): Omit<Quality, 'frameCosines'> {
  const mean = (value: (one: Comparison) => number) =>
    compared.reduce((sum, one) => sum + value(one), 0) / Math.max(1, compared.length)
  return {
    divergence: mean(({ divergence }) => divergence),
    agreement: mean(({ agrees }) => (agrees ? 1 : 0)),
    perplexity: Math.exp(-mean(({ logProbability }) => logProbability)),
    referencePerplexity: Math.exp(-mean(({ referenceLogProbability }) => referenceLogProbability)),
    positions: compared.length,
  }
}

function cosinesOf(
  directory: string,
  { visual }: QualityReference,
  rows: Float32Array,
  counts: readonly number[],
): number[] {
  const expected = decodeRows(visual.rows)
  if (expected.length !== rows.length || visual.counts.join() !== counts.join()) throw otherProbe(directory)
  const width = rows.length / counts.reduce((sum, count) => sum + count, 0)
  let first = 0
  return counts.map((count) => {
    const [from, to] = [first * width, (first + count) * width]
    first += count
    return cosine(rows.subarray(from, to), expected.subarray(from, to))
  })
}

function otherProbe(directory: string): AppError {
  return new AppError(
    'PACKAGE_CORRUPT',
    `The model package ${directory} cannot be measured: ${QUALITY_FILE} belongs to another model or another version of Valley. Build the package again.`,
    { details: { directory } },
  )
}
