// Tensors of one answer for parity checks against the reference, as nested numbers that JSON can carry.

/** What parity needs to see of an answer. */
export interface ModelProbe {
  /** One entry a clip: [T, 3, H, W]. */
  readonly pixelValues: readonly unknown[]
  /** One entry a clip, the rows that enter the decoder in order, patches first: [P + T, Dl]. */
  readonly visualFeatures: readonly unknown[]
  /** [V], logits of the first generated position. */
  readonly firstStepLogits: readonly number[]
}
