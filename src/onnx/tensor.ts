// Typed tensors as the pipeline sees them, free of any runtime. Only the three element types that the model's graphs
// take or give exist here.
import { AssertionError } from '../assert.ts'
import { AppError } from '../errors.ts'

/** A float32 array of given dimensions, row-major. */
export interface Float32Tensor {
  readonly type: 'float32'
  readonly dims: readonly number[]
  readonly data: Float32Array
}

/** An int32 array of given dimensions, row-major. */
export interface Int32Tensor {
  readonly type: 'int32'
  readonly dims: readonly number[]
  readonly data: Int32Array
}

/** An int64 array of given dimensions, row-major. */
export interface Int64Tensor {
  readonly type: 'int64'
  readonly dims: readonly number[]
  readonly data: BigInt64Array
}

/** Any tensor that a graph takes or gives. */
export type Tensor = Float32Tensor | Int32Tensor | Int64Tensor

/** Tensors by the name of a graph's input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>

/** Wraps data without copying it; the length must be the product of dims. */
export function float32Tensor(data: Float32Array, dims: readonly number[]): Float32Tensor {
  checkLength(data.length, dims)
  return { type: 'float32', dims, data }
}

/** Wraps data without copying it; the length must be the product of dims (1 for a scalar, whose dims are []). */
export function int32Tensor(data: Int32Array, dims: readonly number[]): Int32Tensor {
  checkLength(data.length, dims)
  return { type: 'int32', dims, data }
}

/** Copies numbers into an int64 tensor; the length must be the product of dims. */
export function int64Tensor(values: readonly number[], dims: readonly number[]): Int64Tensor {
  checkLength(values.length, dims)
  return { type: 'int64', dims, data: BigInt64Array.from(values, BigInt) }
}

function checkLength(length: number, dims: readonly number[]): void {
  const expected = dims.reduce((product, dim) => product * dim, 1)
  if (length !== expected) throw new AssertionError(`${length} values cannot fill dims [${dims.join(', ')}]`)
}

/**
 * Checks that a tensor is float32 and has the dimensions a stage expects, and returns it narrowed.
 * @param name what the tensor is called in the error, e.g. `features of the vision encoder`
 * @param expected one entry a dimension; null where any size may stand
 * @throws AppError SHAPE_MISMATCH naming the tensor, what it is and what was expected
 */
export function assertShape(
  name: string,
  tensor: Tensor | undefined,
  expected: readonly (number | null)[],
): Float32Tensor {
  const wanted = `float32 [${expected.map((dim) => dim ?? 'any').join(', ')}]`
  const seen = tensor === undefined ? 'absent' : `${tensor.type} [${tensor.dims.join(', ')}]`
  const matches =
    tensor?.type === 'float32' &&
    tensor.dims.length === expected.length &&
    expected.every((dim, axis) => dim === null || dim === tensor.dims[axis])
  if (!matches) {
    throw new AppError(
      'SHAPE_MISMATCH',
      `The tensor "${name}" is ${seen}; expected ${wanted}. The model package and its manifest disagree: build the package again.`,
      { details: { tensor: name, seen, expected: wanted } },
    )
  }
  return tensor
}
