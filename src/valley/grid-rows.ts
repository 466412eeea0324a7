// The visual tokens of a clip whose frames keep their shape: so many frames at a time become one grid of patches, and each
// square of patches one token.
import { AppError } from '../errors.ts'
import type { PatchGrid, PixelRecipe } from '../model-package/manifest.ts'
import { assertShape } from '../onnx/tensor.ts'
import { type AreaFrame, preprocessAreaFrame } from './area-frame.ts'
import type { VisualGraphs } from './graphs.ts'
import { concatenate } from './pack-tiles.ts'
import { gridFeeds } from './patch-grid.ts'
import { projectRows } from './projector.ts'
import type { RgbPicture } from './resize.ts'
import type { Shapes } from './shapes.ts'
import type { StageTimer } from './stage-timer.ts'
import type { VisualTokens } from './visual-tokens.ts'

/** What a tower of this kind is. */
export interface GridRecipe {
  readonly kind: 'video' | 'image'
  readonly grid: PatchGrid
  readonly patchPixels: number
  readonly pixels: PixelRecipe
}

/** Collects a clip's rows, one group a time that frames are looked at together. */
export class GridRows {
  readonly #graphs: VisualGraphs
  readonly #recipe: GridRecipe
  readonly #shapes: Shapes
  readonly #timer: StageTimer
  /** [N, Dl] each */
  readonly #groups: Float32Array[] = []
  /** Frames that wait for others. */
  #waiting: AreaFrame[] = []
  #size: Pick<AreaFrame, 'heightPixels' | 'widthPixels'> | null = null
  readonly #timesSeconds: number[] = []

  constructor(graphs: VisualGraphs, recipe: GridRecipe, shapes: Shapes, timer: StageTimer) {
    this.#graphs = graphs
    this.#recipe = recipe
    this.#shapes = shapes
    this.#timer = timer
  }

  /** T so far. */
  get frameCount(): number {
    return this.#timesSeconds.length
  }

  /**
   * Takes the next frame, and looks at those that are due together.
   * @returns its pixel values, [3, H, W]
   * @throws AppError CLIP_UNREADABLE, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async addFrame(frame: RgbPicture, timeSeconds: number): Promise<Float32Array> {
    const { pixels, grid } = this.#recipe
    const seen = this.#timer.time('preprocess', () => preprocessAreaFrame(frame, pixels))
    const { heightPixels, widthPixels } = seen
    this.#size ??= { heightPixels, widthPixels }
    if (this.#size.heightPixels !== heightPixels || this.#size.widthPixels !== widthPixels) {
      const [first, other] = [this.#size, seen].map((size) => `${size.widthPixels} x ${size.heightPixels}`)
      throw new AppError(
        'SHAPE_MISMATCH',
        `A frame of a clip became ${other} pixels and the first one ${first}; all must be of one size. Decode the clip again.`,
        { details: { first: first!, other: other! } },
      )
    }
    this.#timesSeconds.push(timeSeconds)
    this.#waiting.push(seen)
    if (this.#waiting.length === grid.framesTogether) await this.#look()
    return seen.values
  }

  /**
   * Joins the rows of the clip, of at least one frame.
   * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async finish(): Promise<Pick<VisualTokens, 'rows' | 'groups' | 'pixelSize'>> {
    const { grid, patchPixels, kind } = this.#recipe
    while (this.#waiting.length > 0) {
      this.#waiting.push(this.#waiting.at(-1)!)
      if (this.#waiting.length >= grid.framesTogether) await this.#look()
    }
    const tokenPixels = patchPixels * grid.mergePatches
    const { heightPixels, widthPixels } = this.#size!
    const token = { rows: heightPixels / tokenPixels, columns: widthPixels / tokenPixels }
    return {
      rows: concatenate(this.#groups),
      pixelSize: this.#size!,
      groups: {
        kind,
        counts: this.#groups.map((group) => group.length / this.#shapes.Dl),
        timesSeconds: this.#timesSeconds,
        grid: { ...token, placesApart: this.#placesApart() },
      },
    }
  }

  /** Looks at the frames that wait. */
  async #look(): Promise<void> {
    const { grid, patchPixels } = this.#recipe
    const { Dv, Dl } = this.#shapes
    const frames = this.#waiting
    this.#waiting = []
    const feeds = this.#timer.time('preprocess', () => gridFeeds(frames, patchPixels, grid))
    const tokens = feeds.patches!.dims[0]! / grid.mergePatches ** 2
    const width = Dv * grid.mergePatches ** 2
    const { features } = await this.#timer.time('encode', () => this.#graphs.visionEncoder.run(feeds, ['features']))
    const rows = assertShape('features', features, [1, tokens, width]).data
    this.#groups.push(
      await this.#timer.time('project', () => projectRows(this.#graphs.projector, rows, tokens, width, Dl)),
    )
  }

  /** By how much the groups' places in time differ. As source: from the mean rate of the frames. */
  #placesApart(): number {
    const { framesTogether, placesPerSecond } = this.#recipe.grid
    if (placesPerSecond === null) return 1
    const gaps = this.#timesSeconds.length - 1
    // A single frame lasts as long as nobody knows; all of its tokens have the first place.
    if (gaps === 0) return 0
    return (placesPerSecond * framesTogether * (this.#timesSeconds.at(-1)! - this.#timesSeconds[0]!)) / gaps
  }
}
