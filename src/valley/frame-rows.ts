// The visual tokens of a clip in families whose frames keep tokens of their own: those of frame after frame, with the model's
// newline row where the family puts one, and a still picture in its parts.
import type { FrameTokensRecipe, PixelRecipe } from '../model-package/manifest.ts'
import { type SquareTokens, squareTokens } from './frame-tokens.ts'
import type { VisualGraphs } from './graphs.ts'
import { concatenate, endLines, packTiles } from './pack-tiles.ts'
import { checkAspect, checkBytes, preprocessFrame } from './preprocess.ts'
import { readNewline } from './projector.ts'
import type { RgbPicture } from './resize.ts'
import type { Shapes } from './shapes.ts'
import { pooledSize } from './spatial-pooling.ts'
import type { StageTimer } from './stage-timer.ts'
import { type TiledPicture, tilePicture } from './tile-picture.ts'
import type { ClipGroups } from './visual-tokens.ts'

/** Collects a clip's rows, one group a frame. */
export class FrameRows {
  readonly #graphs: VisualGraphs
  readonly #kind: 'video' | 'image'
  readonly #recipe: FrameTokensRecipe
  readonly #pixels: PixelRecipe
  readonly #shapes: Shapes
  readonly #timer: StageTimer
  /** [N, Dl] each: one a frame, or one a part of a picture that was split. */
  readonly #groups: Float32Array[] = []
  #tiles: TiledPicture['tiles']
  readonly #timesSeconds: number[] = []
  #newline: Promise<Float32Array> | null = null

  constructor(
    graphs: VisualGraphs,
    kind: 'video' | 'image',
    recipe: FrameTokensRecipe,
    pixels: PixelRecipe,
    shapes: Shapes,
    timer: StageTimer,
  ) {
    this.#graphs = graphs
    this.#kind = kind
    this.#recipe = recipe
    this.#pixels = pixels
    this.#shapes = shapes
    this.#timer = timer
  }

  /** T so far. */
  get frameCount(): number {
    return this.#timesSeconds.length
  }

  /**
   * Looks at the next frame.
   * @returns the pixel values of each square that was looked at, [3, X, X] each
   * @throws AppError CLIP_UNREADABLE, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async addFrame(frame: RgbPicture, timeSeconds: number): Promise<Float32Array[]> {
    checkBytes(frame)
    checkAspect(frame)
    const { tiling } = this.#recipe
    const { X } = this.#shapes
    const tiled: TiledPicture = this.#timer.time('preprocess', () =>
      tiling === null ? { pictures: [frame] } : tilePicture(frame, tiling, X, this.#pixels.filter),
    )
    const pixelValues: Float32Array[] = []
    const squares: SquareTokens[] = []
    for (const picture of tiled.pictures) {
      const values = this.#timer.time('preprocess', () => preprocessFrame(picture, this.#pixels)) // [3, X, X]
      pixelValues.push(values)
      squares.push(await squareTokens(this.#graphs, this.#kind, values, this.#recipe, this.#shapes, this.#timer))
    }
    this.#groups.push(...(await this.#groupsOf(frame, squares)))
    this.#tiles = tiled.tiles
    this.#timesSeconds.push(timeSeconds)
    return pixelValues
  }

  /**
   * Joins the frames' rows.
   * @returns [N, Dl] of the whole clip
   * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async finish(): Promise<{ rows: Float32Array; groups: ClipGroups }> {
    const rows = this.#recipe.newline === 'clip' ? [...this.#groups, await this.#readNewline()] : this.#groups
    const { Dl } = this.#shapes
    const counts = this.#groups.map((group) => group.length / Dl)
    // The newline behind the whole clip stands with its last group.
    if (rows.length > counts.length) counts[counts.length - 1]! += 1
    const tiles = this.#tiles === undefined ? {} : { tiles: this.#tiles }
    return {
      rows: concatenate(rows),
      groups: { kind: this.#kind, counts, timesSeconds: this.#timesSeconds, ...tiles },
    }
  }

  async #groupsOf(picture: RgbPicture, squares: readonly SquareTokens[]): Promise<Float32Array[]> {
    const { newline, tiling } = this.#recipe
    if (tiling?.kind === 'any-resolution') {
      const grids = squares.map((square) => square.grid)
      const lineEnd = newline === 'none' ? null : await this.#readNewline()
      return [packTiles(picture, grids, tiling, this.#shapes.X, lineEnd)]
    }
    const groups: Float32Array[] = []
    for (const { classRow, grid } of squares) {
      const rows = newline === 'row' ? endLines(grid, await this.#readNewline()) : grid.values
      const frameEnd = newline === 'frame' ? [await this.#readNewline()] : []
      groups.push(concatenate([...(classRow === null ? [] : [classRow]), rows, ...frameEnd]))
    }
    return tiling?.kind === 'nearest-grid' ? [concatenate(groups)] : groups
  }

  #readNewline(): Promise<Float32Array> {
    const { P, Dv, Dl } = this.#shapes
    const { pool } = this.#recipe
    const widening = pool?.at === 'before-projector' ? pooledSize(Math.sqrt(P), pool.by).widening : 1
    this.#newline ??= readNewline(this.#graphs.projector, Dv * widening, Dl)
    return this.#newline
  }
}
