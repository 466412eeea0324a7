// Which part of a package is stored how, for each precision that `valley model build` offers. Inputs and outputs of every
// graph are float32 whatever the precision, and so are norms, biases, positions, the patch convolution and all sums.
import type { ModelManifest } from '../model-package/manifest.ts'

/** Precision of a package. */
export type Precision = ModelManifest['precision']

/**
 * How a matrix is stored. float16 is widened when a session opens: half the file, the same memory and speed as float32. int8
 * and int4 are blocks with a scale each; w8a8 has one scale an output and computes in whole numbers.
 */
export type MatrixFormat = 'float32' | 'float16' | 'int8' | 'int4' | 'w8a8'

/** How a product is taken: as its matrix is stored, or `half`, of a float16 that is not widened, for GPUs that multiply it. */
export type ProductFormat = MatrixFormat | 'half'

/** The storage of each part. */
export interface PrecisionPlan {
  readonly vision: MatrixFormat
  readonly projector: MatrixFormat
  readonly pooling: MatrixFormat
  /** The table of token embeddings, from which rows are picked: not a product, so never quantised. */
  readonly embedding: 'float32' | 'float16'
  readonly decoder: MatrixFormat
  readonly head: MatrixFormat
  /** Whether prompts are read by products of whole numbers, with weights of their own, where those are small enough. */
  readonly fastPrefill: boolean
}

/**
 * int4 keeps the tower, the projector and the head at 8 bits: they are small beside the decoder's blocks, and errors in
 * the visual tokens or the logits show most. Blocks of a few bits are the fastest for one new token, but not for many.
 */
export const PRECISION_PLANS: Readonly<Record<Precision, PrecisionPlan>> = {
  fp32: {
    vision: 'float32',
    projector: 'float32',
    pooling: 'float32',
    embedding: 'float32',
    decoder: 'float32',
    head: 'float32',
    fastPrefill: false,
  },
  fp16: {
    vision: 'float16',
    projector: 'float16',
    pooling: 'float16',
    embedding: 'float16',
    decoder: 'float16',
    head: 'float16',
    fastPrefill: false,
  },
  int8: {
    vision: 'int8',
    projector: 'int8',
    pooling: 'int8',
    embedding: 'float16',
    decoder: 'int8',
    head: 'int8',
    fastPrefill: true,
  },
  int4: {
    vision: 'int8',
    projector: 'int8',
    pooling: 'int8',
    embedding: 'float16',
    decoder: 'int4',
    head: 'int8',
    fastPrefill: true,
  },
}
