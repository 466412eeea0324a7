// Families whose frames keep tokens of their own: pixel values -> features -> pooled -> projected -> pooled, for one square
// picture. Which of the steps there are, the package's frameTokens says.
import type { FrameTokensRecipe } from '../model-package/manifest.ts'
import { encodeFrames } from './encoder.ts'
import type { VisualGraphs } from './graphs.ts'
import { projectRows } from './projector.ts'
import type { Shapes } from './shapes.ts'
import { type FeatureGrid, poolGrid } from './spatial-pooling.ts'
import type { StageTimer } from './stage-timer.ts'

/** Visual tokens of one square picture. */
export interface SquareTokens {
  /** [Dl], the class feature's token, where the family keeps it. */
  readonly classRow: Float32Array | null
  readonly grid: FeatureGrid
}

/**
 * Looks at one square picture.
 * @param pixelValues [3, X, X] float32, normalised
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
 */
export async function squareTokens(
  graphs: VisualGraphs,
  kind: 'video' | 'image',
  pixelValues: Float32Array,
  recipe: FrameTokensRecipe,
  shapes: Shapes,
  timer: StageTimer,
): Promise<SquareTokens> {
  const { F, P, Dv, Dl } = shapes
  const encoder = (kind === 'image' ? graphs.imageEncoder : null) ?? graphs.visionEncoder
  const features = await timer.time('encode', () => encodeFrames(encoder, pixelValues, 1, shapes)) // [1, F, Dv]
  const classFeature = recipe.keepClass ? features.subarray(0, (F - P) * Dv) : new Float32Array(0)
  const side = Math.sqrt(P)
  let grid: FeatureGrid = { rows: side, columns: side, width: Dv, values: features.subarray((F - P) * Dv) } // [P, Dv]
  const { pool } = recipe
  if (pool?.at === 'before-projector') {
    const { by } = pool
    grid = timer.time('pool', () => poolGrid(grid, by)) // [N, Dv * widening]
  }
  const { rows, columns, width } = grid
  const count = rows * columns
  const joined = new Float32Array(classFeature.length + grid.values.length)
  joined.set(classFeature)
  joined.set(grid.values, classFeature.length)
  const inputs = joined.length / width
  const projected = await timer.time('project', () => projectRows(graphs.projector, joined, inputs, width, Dl)) // [inputs, Dl]
  const classRow = inputs > count ? projected.subarray(0, Dl) : null
  grid = { rows, columns, width: Dl, values: projected.subarray((inputs - count) * Dl) } // [N, Dl]
  if (pool?.at === 'after-projector') {
    const { by } = pool
    grid = timer.time('pool', () => poolGrid(grid, by))
  }
  return { classRow, grid }
}
