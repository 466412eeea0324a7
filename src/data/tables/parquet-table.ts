// Rows of a Parquet file, one group of rows in memory at a time.
import { open } from 'node:fs/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { decompress as decompressZstandard } from 'fzstd'
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { dataError, fileErrorText } from '../data-error.ts'
import type { Found } from '../json/json-items.ts'
import type { RawRow } from './clip-row.ts'

/** Snappy is the library's own; Node has the first two, and Zstandard from Node 22 on only. */
const COMPRESSORS = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
  ZSTD: (input: Uint8Array, byteLength: number) => decompressZstandard(input, new Uint8Array(byteLength)),
}
/** Groups of some files are huge; this many rows are turned into objects at a time. */
const ROWS_AT_ONCE = 5_000

/**
 * Reads the rows of a Parquet file.
 * @throws AppError DATASET_INVALID when it is none, is damaged, or is compressed in a way that is not known
 */
export async function* readParquetTable(path: string): AsyncGenerator<Found<RawRow>> {
  const handle = await guard(path, () => open(path))
  try {
    const { size } = await guard(path, () => handle.stat())
    const file: AsyncBuffer = {
      byteLength: size,
      slice: async (start, end = size) => {
        const bytes = new Uint8Array(Math.max(0, end - start))
        await handle.read(bytes, 0, bytes.length, start)
        return bytes.buffer
      },
    }
    const metadata = await guard(path, () => parquetMetadataAsync(file))
    const total = Number(metadata.num_rows)
    for (let rowStart = 0; rowStart < total; rowStart += ROWS_AT_ONCE) {
      const rowEnd = Math.min(total, rowStart + ROWS_AT_ONCE)
      const rows = await guard(path, () =>
        parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: COMPRESSORS }),
      )
      for (const [index, values] of rows.entries()) {
        yield { item: { row: rowStart + index + 1, values: withoutBigints(values) as RawRow['values'] } }
      }
    }
  } finally {
    await handle.close()
  }
}

/** Numbers of 64 bits come as bigints, which JSON does not know; those that a number cannot hold become their digits. */
function withoutBigints(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (Array.isArray(value)) return value.map(withoutBigints)
  // Dates and bytes stay what they are.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutBigints(one)]))
}

async function guard<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action()
  } catch (cause) {
    const isOfFile = cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
    const seen = cause instanceof Error && !isOfFile ? cause.message : fileErrorText(cause)
    const message = `${path} cannot be read as Parquet (${seen}); a whole file is needed, plain or by Snappy, gzip, Brotli or Zstandard. Write it again so.`
    throw dataError(message, cause)
  }
}
