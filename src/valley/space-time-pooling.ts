// Video-ChatGPT's pooling: what each frame shows on average, and what each place shows on average over time, side by side and
// before the projector. Whatever the clip's length, it costs the same: a row for each frame that a clip may have, zeros for
// those that it has not, and a row for each patch.
// Source: mbzuai-oryx/Video-ChatGPT video_chatgpt/inference.py at 659e04b, get_spatio_temporal_features_torch.
import type { VisualGraphs } from './graphs.ts'
import { projectRows } from './projector.ts'
import type { Shapes } from './shapes.ts'

/** Gathers a clip frame by frame, in the memory of one frame and a row for each. */
export class SpaceTimePooling {
  readonly #shapes: Shapes
  /** [P, Dv], in double so that the mean does not depend on the frames' order. */
  readonly #sums: Float64Array
  /** [Dv] each. */
  readonly #frameMeans: Float32Array[] = []

  constructor(shapes: Shapes) {
    this.#shapes = shapes
    this.#sums = new Float64Array(shapes.P * shapes.Dv)
  }

  /** T so far. */
  get frameCount(): number {
    return this.#frameMeans.length
  }

  /** @param features [1, F, Dv] of the next frame; the class feature is left out */
  addFrame(features: Float32Array): void {
    const { P, F, Dv } = this.#shapes
    const patches = features.subarray((F - P) * Dv) // [P, Dv]
    const sums = new Float64Array(Dv)
    for (let at = 0; at < patches.length; at++) {
      this.#sums[at]! += patches[at]!
      sums[at % Dv]! += patches[at]!
    }
    this.#frameMeans.push(Float32Array.from(sums, (sum) => sum / P))
  }

  /**
   * The clip's visual tokens.
   * @param rowsOfTime how many rows stand for frames, T at least
   * @returns [rowsOfTime + P, Dl]
   * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async finish(projector: VisualGraphs['projector'], rowsOfTime: number): Promise<Float32Array> {
    const { P, Dv, Dl } = this.#shapes
    const rows = new Float32Array((rowsOfTime + P) * Dv)
    for (const [index, mean] of this.#frameMeans.entries()) rows.set(mean, index * Dv)
    rows.set(
      Float32Array.from(this.#sums, (sum) => sum / this.frameCount),
      rowsOfTime * Dv,
    )
    return projectRows(projector, rows, rowsOfTime + P, Dv, Dl)
  }
}
