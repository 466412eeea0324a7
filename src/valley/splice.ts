// Splices visual tokens into the embeddings of a stretch of the prompt: a placeholder's row is overwritten, every other row
// keeps its own embedding.
import { AppError } from '../errors.ts'
import type { PromptToken } from './placeholders.ts'
import type { Shapes } from './shapes.ts'

/**
 * Overwrites the placeholders' rows in place.
 * @param embeddings [S, Dl] float32, the embeddings of the tokens
 * @param tokens S entries
 * @throws AppError SHAPE_MISMATCH when a clip's rows are not of the width Dl, or too few
 */
export function spliceVisualTokens(
  embeddings: Float32Array,
  tokens: readonly PromptToken[],
  { Dl }: Pick<Shapes, 'Dl'>,
): void {
  for (const [position, { visual }] of tokens.entries()) {
    if (visual === null) continue
    const { clip, row } = visual
    if (clip.rows.length !== (clip.patchCount + clip.frameCount) * Dl) {
      throw new AppError(
        'SHAPE_MISMATCH',
        `The visual tokens of a clip hold ${clip.rows.length} numbers; expected (${clip.patchCount} + ${clip.frameCount}) x ${Dl}. They were made by another model: encode the clip again.`,
        { details: { numbers: clip.rows.length, patches: clip.patchCount, frames: clip.frameCount, width: Dl } },
      )
    }
    embeddings.set(clip.rows.subarray(row * Dl, (row + 1) * Dl), position * Dl)
  }
}
