// Makes the file that a package is measured against, from the checkpoint that it was built of.
import type { ModelPackage } from '../../model-package/model-package.ts'
import { ClipEncoder } from '../../valley/clip-encoder.ts'
import { PromptBuilder } from '../../valley/prompt.ts'
import type { VisualTokens } from '../../valley/visual-tokens.ts'
import type { ValleyArchitecture } from '../architecture.ts'
import { probePrompts } from './probe-prompts.ts'
import { probeFrames } from './probe-set.ts'
import { encodeRows, type QualityReference, type ReferencePosition, referencePosition } from './quality-reference.ts'
import { referenceLogits, referenceVisualGraphs } from './reference-model.ts'

/**
 * Runs the probe set through the checkpoint in float32, in the memory of a block or two.
 * @param modelPackage tells how prompts are written and pixels made; its weights are not used
 * @param directory for temporary files
 * @throws AppError CHECKPOINT_INVALID, INFERENCE_FAILED; signal.reason when aborted
 */
export async function makeQualityReference(
  architecture: ValleyArchitecture,
  modelPackage: ModelPackage,
  directory: string,
  signal?: AbortSignal,
): Promise<QualityReference> {
  const { manifest } = modelPackage
  const clip = new ClipEncoder(referenceVisualGraphs(architecture, directory, signal), manifest, { kind: 'video' })
  for (const frame of probeFrames().slice(0, manifest.maxFrames)) await clip.addFrame(frame)
  const seen = await clip.finish('probe')

  const probes = probePrompts(await PromptBuilder.open(modelPackage), seen, manifest.language.context)
  const sequences = probes.map(({ prompt, answer }) => ({
    tokens: [...prompt, ...answer.slice(0, -1).map((id) => ({ id, visual: null }))],
    firstPosition: prompt.length - 1,
  }))
  const cases = probes.map((): ReferencePosition[] => [])
  const take = (index: number, position: number, logits: Float32Array) => {
    const { prompt, answer } = probes[index]!
    cases[index]!.push(referencePosition(logits, answer[position - prompt.length + 1]!))
  }
  await referenceLogits(architecture.language, sequences, take, directory, signal)
  return { formatVersion: 1, visual: { counts: frameCounts(seen), rows: encodeRows(seen.rows) }, cases }
}

/** Rows of each frame; where they are pooled, those of the clip and one for each frame. */
export function frameCounts({ groups, patchCount, frameCount }: VisualTokens): number[] {
  if (groups !== undefined) return [...groups.counts]
  return [patchCount, ...Array.from({ length: frameCount }, () => 1)]
}
