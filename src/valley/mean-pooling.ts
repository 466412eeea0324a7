// Valley's mean over time (v1), taken before the projector. As source, the published code projects first and pools then; the
// projector is one linear layer there, so both give the same, and T frames cost P + T rows of it instead of T * (1 + P).
// Source: RupertLuo/Valley valley/model/valley_model.py, 83d794f.
import type { VisualGraphs } from './graphs.ts'
import { projectFeatures } from './projector.ts'
import type { Shapes } from './shapes.ts'

/** Gathers a clip frame by frame, in the memory of one frame and a row for each. */
export class MeanPooling {
  readonly #shapes: Shapes
  /** [P, Dv], in double so that the mean does not depend on the frames' order. */
  readonly #sums: Float64Array
  /** The class feature of each frame, [Dv]. */
  readonly #classFeatures: Float32Array[] = []

  constructor(shapes: Shapes) {
    this.#shapes = shapes
    this.#sums = new Float64Array(shapes.P * shapes.Dv)
  }

  /** T so far. */
  get frameCount(): number {
    return this.#classFeatures.length
  }

  /** @param features [1, 1 + P, Dv] of the next frame */
  addFrame(features: Float32Array): void {
    const { Dv } = this.#shapes
    this.#classFeatures.push(features.slice(0, Dv))
    const patches = features.subarray(Dv) // [P, Dv]
    for (let at = 0; at < patches.length; at++) this.#sums[at]! += patches[at]!
  }

  /**
   * The clip's visual tokens, pooled patches first.
   * @returns [P + T, Dl]
   * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async finish(projector: VisualGraphs['projector']): Promise<Float32Array> {
    const { P, F, Dv, Dl } = this.#shapes
    const T = this.frameCount
    // The projector takes whole frames' features: what is left of the last one stays zero.
    const frames = Math.ceil((P + T) / F)
    const features = new Float32Array(frames * F * Dv) // [frames, 1 + P, Dv]
    features.set(Float32Array.from(this.#sums, (sum) => sum / T))
    for (const [index, feature] of this.#classFeatures.entries()) features.set(feature, (P + index) * Dv)
    const projected = await projectFeatures(projector, features, frames, this.#shapes) // [frames, 1 + P, Dl]
    return projected.slice(0, (P + T) * Dl)
  }
}
