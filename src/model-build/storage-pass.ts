// Making the bytes of a weight, once for all that is stored of it: quanta leave their scales behind. A pass is plain data, so
// that any thread can do it, and is cut into rows, so that several do one together.
import { assert, assertNever } from '../assert.ts'
import { openWeight } from './open-weight.ts'
import { PIECE_ELEMENTS } from './piece-buffers.ts'
import type { MatrixFormat } from './precision.ts'
import { quantiseMatrix } from './quantise.ts'
import { quantiseColumns } from './quantise-columns.ts'
import { storeFloat16, storeFloat32 } from './store-float.ts'
import type { StoragePass, StoredWeight } from './stored-weight.ts'
import { cutRows } from './weight-recipe.ts'
import { elementsOf, type WeightSource } from './weight-source.ts'

/** Elements of a weight that a pass goes over. */
export function passElements({ shape }: StoragePass): number {
  return elementsOf(shape)
}

/** Parts of a pass, in order: about as many elements each as pass through memory at once. What they give is joined end to end. */
export function* cutPass(pass: StoragePass): Generator<StoragePass> {
  const [rows = 0, ...row] = pass.shape
  // Turned on its way, such a matrix comes out in no part that could be written before the others.
  const rowsAtOnce = pass.format === 'w8a8' ? rows : Math.max(1, Math.floor(PIECE_ELEMENTS / elementsOf(row)))
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first)
    yield { ...pass, shape: [count, ...row], source: cutRows(pass.source, first, count) }
  }
}

/**
 * Does a pass.
 * @returns the bytes of each weight that it gives, newly allocated
 * @throws AppError as the weights' streams
 */
export async function doPass({ format, shape, source }: StoragePass): Promise<Uint8Array<ArrayBuffer>[]> {
  // Rows may have been given another shape than they have in the checkpoint.
  const weight = { ...openWeight(source), shape }
  const outputs: Uint8Array<ArrayBuffer>[] = []
  for (const stored of weightsOf(format, weight)) outputs.push(await wholeOf(stored))
  return outputs
}

/** In the order in which one leaves the next behind. */
function weightsOf(format: MatrixFormat, weight: WeightSource): StoredWeight[] {
  switch (format) {
    case 'float32':
      return [storeFloat32(weight)]
    case 'float16':
      return [storeFloat16(weight)]
    case 'int8':
    case 'int4': {
      const { quanta, scales } = quantiseMatrix(weight, format === 'int8' ? 8 : 4)
      return [quanta, scales]
    }
    case 'w8a8': {
      const { quanta, scales } = quantiseColumns(weight)
      return [quanta, scales]
    }
    default:
      return assertNever(format)
  }
}

async function wholeOf(weight: StoredWeight): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(weight.bytes)
  let filled = 0
  for await (const piece of weight.chunks()) {
    whole.set(piece, filled)
    filled += piece.length
  }
  assert(filled === whole.length, `${weight.key} gave ${filled} bytes, not ${whole.length}`)
  return whole
}
