// A weight of the checkpoint as float32 values that pass by in pieces: no tensor is ever held whole, so memory stays
// the same for a tiny model and for one of many gigabytes.
import { open } from 'node:fs/promises'
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import { bfloat16ToFloat32, halfToFloat32 } from './float-formats.ts'
import { giveBackBuffers, PIECE_ELEMENTS, takeBuffers } from './piece-buffers.ts'
import type { StoredTensor } from './safetensors-header.ts'
import type { WeightRecipe } from './weight-recipe.ts'

/** A single row (or block) must fit into one piece; 64 MiB as float32. */
const MAX_ROW_ELEMENTS = 16 * 1024 * 1024

/** Values of one weight, row-major. */
export interface WeightSource {
  readonly name: string
  readonly shape: readonly number[]
  /** The same weight for another thread; absent for one that is made by code of this thread. */
  readonly recipe?: WeightRecipe | undefined
  /**
   * Yields all values in order. Each piece is a view that the next one overwrites, of this weight or of another.
   * @param multipleOf every piece's length is a multiple of this; it divides the number of elements
   */
  chunks(multipleOf: number): AsyncGenerator<Float32Array>
}

/** Number of elements of a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/**
 * Reads a stored tensor of dtype F32, F16 or BF16.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another dtype; while reading CHECKPOINT_INVALID for a value that is not finite
 */
export function storedWeight(tensor: StoredTensor): WeightSource {
  const { name, dtype, shape } = tensor
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `Tensor ${name} has the dtype ${dtype}; F32, F16 and BF16 are supported. Save the checkpoint in one of these.`,
      { details: { name, dtype } },
    )
  }
  // A single number has no rows.
  const [rows] = shape
  return {
    name,
    shape,
    recipe: rows === undefined ? undefined : { kind: 'stored', name, tensor, firstRow: 0, rows },
    chunks: (multipleOf) => readChunks(tensor, dtype, 0, elementsOf(shape), multipleOf),
  }
}

/** While a piece is worked on, the disk already brings the next. */
async function* readChunks(
  tensor: StoredTensor,
  dtype: 'F32' | 'F16' | 'BF16',
  firstElement: number,
  elements: number,
  multipleOf: number,
): AsyncGenerator<Float32Array> {
  const step = chunkElements(tensor.name, elements, multipleOf)
  const elementBytes = dtype === 'F32' ? 4 : 2
  const file = await open(tensor.path).catch((cause: unknown) => {
    throw unreadable(tensor, cause)
  })
  const buffers = takeBuffers(step)
  const read = async (done: number): Promise<Uint8Array> => {
    const bytes = buffers.raw[(done / step) % 2]!.subarray(0, Math.min(step, elements - done) * elementBytes)
    await readFully(file, bytes, tensor, (firstElement + done) * elementBytes)
    return bytes
  }
  let coming: Promise<Uint8Array> | null = null
  try {
    for (let done = 0; done < elements; done += step) {
      const bytes = await (coming ?? read(done))
      coming = done + step < elements ? read(done + step) : null
      // Whoever stops in between does not wait for it; what was wrong is told when the piece is asked for.
      coming?.catch(() => {})
      const { piece, finite } = floatsOf(bytes, dtype, buffers.values)
      if (!finite) throw notFinite(tensor.name, piece, firstElement + done)
      yield piece
    }
  } finally {
    await coming?.catch(() => {})
    giveBackBuffers(buffers)
    await file.close()
  }
}

/** @param values takes those of the 16-bit formats; the others are read where they are */
function floatsOf(bytes: Uint8Array, dtype: 'F32' | 'F16' | 'BF16', values: Float32Array) {
  if (dtype === 'F32') {
    const piece = new Float32Array(bytes.buffer, 0, bytes.length / 4)
    return { piece, finite: firstNotFinite(piece) === -1 }
  }
  const halves = new Uint16Array(bytes.buffer, 0, bytes.length / 2)
  const piece = values.subarray(0, halves.length)
  return { piece, finite: dtype === 'F16' ? halfToFloat32(halves, piece) : bfloat16ToFloat32(halves, piece) }
}

/** Length of one piece: near the usual size, and a multiple of what the caller needs at once. */
function chunkElements(name: string, elements: number, multipleOf: number): number {
  assert(
    multipleOf > 0 && elements % multipleOf === 0,
    `${name}: ${elements} elements are no multiple of ${multipleOf}`,
  )
  if (multipleOf > MAX_ROW_ELEMENTS) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `Tensor ${name} has rows of ${multipleOf} elements; at most ${MAX_ROW_ELEMENTS} are supported. This builder cannot take the checkpoint.`,
      { details: { name, rowElements: multipleOf } },
    )
  }
  const usual = Math.max(multipleOf, Math.floor(PIECE_ELEMENTS / multipleOf) * multipleOf)
  return Math.max(1, Math.min(usual, elements))
}

async function readFully(
  file: Awaited<ReturnType<typeof open>>,
  into: Uint8Array,
  tensor: StoredTensor,
  at: number,
): Promise<void> {
  let filled = 0
  while (filled < into.length) {
    const { bytesRead } = await file
      .read(into, filled, into.length - filled, tensor.offset + at + filled)
      .catch((cause: unknown) => {
        throw unreadable(tensor, cause)
      })
    if (bytesRead === 0) {
      throw new AppError(
        'CHECKPOINT_INVALID',
        `${tensor.path} ended while tensor ${tensor.name} was read; the file was cut while the build ran. Start again.`,
        { details: { path: tensor.path, name: tensor.name } },
      )
    }
    filled += bytesRead
  }
}

function unreadable({ path, name }: StoredTensor, cause: unknown): AppError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new AppError(
    'CHECKPOINT_INVALID',
    `${path} could not be read for tensor ${name} (${reason}); a whole and readable file is needed. Look at the disk, or fetch the checkpoint again.`,
    { details: { path, name }, cause },
  )
}

/** Infinity minus itself and NaN minus itself are NaN; every finite number gives 0. @returns a place, -1 for none */
function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return i
  return -1
}

function notFinite(name: string, values: Float32Array, firstElement: number): AppError {
  const place = firstNotFinite(values)
  const element = firstElement + place
  return new AppError(
    'CHECKPOINT_INVALID',
    `Tensor ${name} holds ${values[place]} at element ${element}; every weight must be finite. The training diverged or the file is damaged.`,
    { details: { name, element } },
  )
}

/** Several weights with equal rows, stacked: [a, K] and [b, K] become [a + b, K]. */
export function stackRows(name: string, parts: readonly WeightSource[]): WeightSource {
  const row = parts[0]!.shape.slice(1)
  assert(
    parts.every((part) => part.shape.slice(1).join() === row.join()),
    `${name}: rows differ`,
  )
  const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0)
  const recipes = parts.flatMap(({ recipe }) => recipe ?? [])
  return {
    name,
    shape: [rows, ...row],
    recipe: recipes.length < parts.length ? undefined : { kind: 'stacked', name, parts: recipes },
    async *chunks(multipleOf) {
      for (const part of parts) yield* part.chunks(multipleOf)
    },
  }
}

/** Rows `first` to `first + count` of a stored tensor, as a weight of its own. */
export function storedRows(tensor: StoredTensor, name: string, first: number, count: number): WeightSource {
  const whole = storedWeight(tensor)
  const rowElements = elementsOf(whole.shape.slice(1))
  const dtype = tensor.dtype as 'F32' | 'F16' | 'BF16'
  return {
    name,
    shape: [count, ...whole.shape.slice(1)],
    recipe: { kind: 'stored', name, tensor, firstRow: first, rows: count },
    chunks: (multipleOf) => readChunks(tensor, dtype, first * rowElements, count * rowElements, multipleOf),
  }
}

/** Each row of a weight times its own factor: [a, ...] by [a]. */
export function scaledRows(source: WeightSource, factors: WeightSource): WeightSource {
  const rowElements = elementsOf(source.shape.slice(1))
  return {
    name: `${source.name}:scaled`,
    shape: source.shape,
    recipe: source.recipe && factors.recipe && { kind: 'scaled', source: source.recipe, factors: factors.recipe },
    async *chunks(multipleOf) {
      const scales: number[] = []
      for await (const piece of factors.chunks(1)) scales.push(...piece)
      let done = 0
      for await (const piece of source.chunks(multipleOf)) {
        // In place: a piece is overwritten by the next one anyway.
        for (let at = 0; at < piece.length; at++) piece[at]! *= scales[Math.floor((done + at) / rowElements)]!
        done += piece.length
        yield piece
      }
    },
  }
}

/** A weight that the builder computes itself, small enough to be held. */
export function computedWeight(name: string, shape: readonly number[], values: Float32Array): WeightSource {
  assert(values.length === elementsOf(shape), `${name}: ${values.length} values for [${shape.join(', ')}]`)
  return {
    name,
    shape,
    async *chunks() {
      yield values
    },
  }
}
