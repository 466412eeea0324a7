// Looks at one clip, a frame at a time, so that decoding the next frame and encoding this one can overlap, and no more
// than one frame is held as a picture: frame -> pixel values -> features -> projected. At the end Valley's patches are
// pooled over time; in other families each frame has its tokens by then.
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import { encodeFrames } from './encoder.ts'
import { FrameRows } from './frame-rows.ts'
import type { VisualGraphs } from './graphs.ts'
import { GridRows } from './grid-rows.ts'
import { MeanPooling } from './mean-pooling.ts'
import { concatenate } from './pack-tiles.ts'
import { poolPatches } from './pooling.ts'
import { preprocessFrame } from './preprocess.ts'
import { projectFeatures } from './projector.ts'
import type { RgbPicture } from './resize.ts'
import { type Shapes, shapesOf } from './shapes.ts'
import { SpaceTimePooling } from './space-time-pooling.ts'
import { StageTimer } from './stage-timer.ts'
import type { VisualTokens } from './visual-tokens.ts'

/** What a clip is, and whether its pixel values are wanted for a probe. */
export interface ClipOptions {
  /** Chooses the pixel recipe. */
  readonly kind: 'video' | 'image'
  /** Keeps the pixel values of every frame in memory; default false. */
  readonly keepPixelValues?: boolean
}

/** A clip on its way to visual tokens. */
export class ClipEncoder {
  /** Milliseconds spent in preprocess, encode, project and pool. */
  readonly timer = new StageTimer()
  readonly #graphs: VisualGraphs
  readonly #manifest: ModelManifest
  readonly #shapes: Shapes
  readonly #options: ClipOptions
  readonly #pixelValues: Float32Array[] = []
  /** One [1 + P, Dl] a frame, for Valley's poolings that follow the projector. */
  readonly #projected: Float32Array[] = []
  readonly #timesSeconds: number[] = []
  /** Collects the tokens of families whose frames keep their own; null for Valley's poolings. */
  readonly #frameRows: FrameRows | null
  /** Collects the tokens of frames that keep their shape; null for square ones. */
  readonly #gridRows: GridRows | null
  /** Video-ChatGPT's pooling; null for all others. */
  readonly #spaceTime: SpaceTimePooling | null
  /** Valley's mean; null for all others. */
  readonly #mean: MeanPooling | null

  constructor(graphs: VisualGraphs, manifest: ModelManifest, options: ClipOptions) {
    this.#graphs = graphs
    this.#manifest = manifest
    this.#shapes = shapesOf(manifest)
    this.#options = options
    const { frameTokens, patchGrid, pixels } = manifest
    const { kind } = options
    const { patchPixels } = manifest.vision
    this.#gridRows =
      patchGrid === null
        ? null
        : new GridRows(graphs, { kind, grid: patchGrid, patchPixels, pixels: pixels[kind] }, this.#shapes, this.timer)
    this.#spaceTime = manifest.pooling === 'space-and-time' ? new SpaceTimePooling(this.#shapes) : null
    this.#mean = manifest.pooling === 'mean' ? new MeanPooling(this.#shapes) : null
    this.#frameRows =
      frameTokens === null
        ? null
        : new FrameRows(graphs, kind, frameTokens[kind], pixels[kind], this.#shapes, this.timer)
  }

  /** T so far. */
  get frameCount(): number {
    const rows = this.#frameRows ?? this.#gridRows
    return (rows ?? this.#spaceTime ?? this.#mean)?.frameCount ?? this.#projected.length
  }

  /**
   * Takes the next frame, in time order.
   * @param frame uint8 RGB, HWC row-major; its clip time where the model is told of times
   * @throws AppError CONTEXT_OVERFLOW beyond the model's maxFrames; SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async addFrame(frame: RgbPicture & { readonly timeSeconds?: number }): Promise<void> {
    const { maxFrames, pixels } = this.#manifest
    if (this.frameCount === maxFrames) {
      throw new AppError(
        'CONTEXT_OVERFLOW',
        `The clip brings more than ${maxFrames} frames; this model takes at most ${maxFrames} of a clip. Sample fewer frames.`,
        { details: { maxFrames } },
      )
    }
    const { timer } = this
    this.#timesSeconds.push(frame.timeSeconds ?? 0)
    if (this.#frameRows !== null) {
      const seen = await this.#frameRows.addFrame(frame, frame.timeSeconds ?? 0)
      if (this.#options.keepPixelValues) this.#pixelValues.push(...seen)
      return
    }
    if (this.#gridRows !== null) {
      const seen = await this.#gridRows.addFrame(frame, frame.timeSeconds ?? 0)
      if (this.#options.keepPixelValues) this.#pixelValues.push(seen)
      return
    }
    const pixelValues = timer.time('preprocess', () => preprocessFrame(frame, pixels[this.#options.kind])) // [3, X, X]
    if (this.#options.keepPixelValues) this.#pixelValues.push(pixelValues)
    const { visionEncoder, projector } = this.#graphs
    const features = await timer.time('encode', () => encodeFrames(visionEncoder, pixelValues, 1, this.#shapes)) // [1, 1 + P, Dv]
    const pooledFirst = this.#spaceTime ?? this.#mean
    if (pooledFirst !== null) return timer.time('pool', () => pooledFirst.addFrame(features))
    this.#projected.push(await timer.time('project', () => projectFeatures(projector, features, 1, this.#shapes))) // [1, 1 + P, Dl]
  }

  /**
   * Pools the patches of all frames and lays out the clip's visual tokens.
   * @throws AppError CLIP_UNREADABLE when no frame was added; SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async finish(key: string): Promise<VisualTokens> {
    const { P, Dl } = this.#shapes
    const T = this.frameCount
    if (T === 0) {
      throw new AppError(
        'CLIP_UNREADABLE',
        'The clip gave 0 frames; at least 1 is needed. Check that the file plays and holds a picture.',
      )
    }
    const pixelValues = this.#options.keepPixelValues ? concatenate(this.#pixelValues) : null // [T, 3, X, X]
    if (this.#frameRows !== null) {
      const { rows, groups } = await this.#frameRows.finish()
      return { key, patchCount: rows.length / Dl, frameCount: 0, rows, pixelValues, groups }
    }
    if (this.#gridRows !== null) {
      const seen = await this.#gridRows.finish()
      return { key, patchCount: seen.rows.length / Dl, frameCount: 0, pixelValues, ...seen }
    }
    if (this.#spaceTime !== null) {
      const { maxFrames } = this.#manifest
      const rows = await this.#spaceTime.finish(this.#graphs.projector, maxFrames) // [maxFrames + P, Dl]
      const groups = { kind: this.#options.kind, counts: [maxFrames + P], timesSeconds: this.#timesSeconds }
      return { key, patchCount: maxFrames + P, frameCount: 0, rows, pixelValues, groups }
    }
    const rows = await this.#valleyRows() // [P + T, Dl]
    assert(rows.length === (P + T) * Dl, 'visual tokens have P + T rows')
    const told = this.#manifest.prompt.frameTimes === 'tenths' ? { frameTimesSeconds: this.#timesSeconds } : {}
    return { key, patchCount: P, frameCount: T, rows, pixelValues, ...told }
  }

  /** Pooled patches and the frames' own, [P + T, Dl]. */
  async #valleyRows(): Promise<Float32Array> {
    const { projector, pooling } = this.#graphs
    const mean = this.#mean
    if (mean !== null) return this.timer.time('project', () => mean.finish(projector))
    const { Dl } = this.#shapes
    const patches = concatenate(this.#projected.map((frame) => frame.subarray(Dl))) // [T, P, Dl]
    const frames = concatenate(this.#projected.map((frame) => frame.subarray(0, Dl))) // [T, Dl]
    assert(pooling !== null, 'only the mean has no graph of its own')
    const count = this.frameCount
    const pooled = await this.timer.time('pool', () => poolPatches(pooling, patches, count, this.#shapes)) // [P, Dl]
    return concatenate([pooled, frames])
  }
}
