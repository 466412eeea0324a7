// What a model answers without anything that makes it fast: each prompt in a conversation of its own, one step after the
// other, no guesses, the new rows of the cache copied.
import type { ModelPackage } from '../../src/model-package/model-package.ts'
import { Decoder } from '../../src/valley/decoder.ts'
import { closeGraphs, openGraphs } from '../../src/valley/graphs.ts'
import { KvCache } from '../../src/valley/kv-cache.ts'
import { openDecoder } from '../../src/valley/open-decoder.ts'
import { PromptBuilder } from '../../src/valley/prompt.ts'
import { PromptReader } from '../../src/valley/prompt-reader.ts'
import { shapesOf } from '../../src/valley/shapes.ts'

/** How answers compare with those of the plain path. */
export interface Comparison {
  /** Answers that are the same, token for token. */
  readonly same: number
  /** Answers that part where two tokens are as good as equally likely, so that the order of sums decides. */
  readonly ties: number
  /** Answers that part elsewhere. */
  readonly others: number
  /** Largest distance of the two logits where answers part, in standard deviations of all logits there. */
  readonly widestGap: number
}

/** Below this the sums of a step, taken in another order or with rows rounded to 8 bits, can change places. */
const TIE_GAP = 0.05

/**
 * Follows answers on the plain path, up to where each of them parts from it.
 * @param answers token ids of the answer to each prompt
 */
export async function comparePlain(
  modelPackage: ModelPackage,
  threads: number,
  prompts: readonly string[],
  answers: readonly (readonly number[])[],
): Promise<Comparison> {
  const shapes = shapesOf(modelPackage.manifest)
  const graphs = await openGraphs(modelPackage, { intraOpThreads: threads })
  const builder = await PromptBuilder.open(modelPackage)
  const reading = await openDecoder(graphs.embedTokens, graphs.decoder, shapes)
  const reader = await PromptReader.open(reading, graphs.embedTokens, graphs.prefill, shapes)
  const plain = new Decoder(graphs.embedTokens, graphs.decoder, shapes, 'copied')
  const gaps: number[] = []
  try {
    for (const [index, text] of prompts.entries()) {
      const prompt = builder.build([{ role: 'user', content: [{ type: 'text', text }] }])
      const cache = new KvCache(shapes, modelPackage.manifest.language.context)
      let logits = (await reader.read(prompt, cache, true))!
      for (const id of answers[index]!) {
        const gap = gapOf(logits, id)
        if (gap > 0) gaps.push(gap)
        if (gap > 0) break
        logits = await plain.decodeStep(id, cache)
      }
    }
  } finally {
    await closeGraphs(graphs)
  }
  const ties = gaps.filter((gap) => gap < TIE_GAP).length
  return {
    same: prompts.length - gaps.length,
    ties,
    others: gaps.length - ties,
    widestGap: Math.max(0, ...gaps),
  }
}

/** How far the likeliest token's logit lies above a token's; 0 for the likeliest, the first of equals. */
function gapOf(logits: Float32Array, id: number): number {
  const best = logits.reduce((most, value, at) => (value > logits[most]! ? at : most), 0)
  if (best === id) return 0
  const mean = logits.reduce((sum, value) => sum + value, 0) / logits.length
  const variance = logits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logits.length
  return Math.max((logits[best]! - logits[id]!) / Math.sqrt(variance), Number.EPSILON)
}
