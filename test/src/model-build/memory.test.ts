// The builder's memory must not grow with the model: a quarter of a GiB of sparse weights passes through pieces of a few MiB.
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { layOutWeights, writeWeights } from '../../../src/model-build/external-data.ts'
import { quantiseMatrix } from '../../../src/model-build/quantise.ts'
import { readSafetensorsHeader } from '../../../src/model-build/safetensors-header.ts'
import { storedWeight } from '../../../src/model-build/weight-source.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const ROWS = 16384
const INPUTS = 4096
const TENSOR_BYTES = ROWS * INPUTS * 4
/** One piece of input and one of output are 16 MiB; pieces of the tensor before may wait for the collector. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024

it('quantises a tensor of 256 MiB in less than 64 MiB', { timeout: 60_000 }, async () => {
  const directory = temporaryFolder()
  const path = join(directory, 'model.safetensors')
  await writeSparseTensor(path)
  const source = storedWeight((await readSafetensorsHeader(path)).get('big')!)
  const { quanta, scales } = quantiseMatrix(source, 4)
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  await writeWeights(join(directory, 'weights.data'), layOutWeights([quanta, scales]), () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  })
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(MAX_GROWTH_BYTES)
})

/** A file whose data is one hole: it states 256 MiB and takes a block on the disk. */
async function writeSparseTensor(path: string): Promise<void> {
  const header = Buffer.from(
    JSON.stringify({ big: { dtype: 'F32', shape: [ROWS, INPUTS], data_offsets: [0, TENSOR_BYTES] } }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = await open(path, 'w')
  try {
    await file.write(Buffer.concat([length, header]))
    await file.truncate(8 + header.length + TENSOR_BYTES)
  } finally {
    await file.close()
  }
}
