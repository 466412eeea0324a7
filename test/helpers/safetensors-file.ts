// Writes .safetensors files for tests, right ones and broken ones.
import { readFileSync, writeFileSync } from 'node:fs'

/** A header entry as the format has it. */
export interface HeaderEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/** Writes a file from a header, taken as it is, and data bytes. `headerBytes` states another length than the true one. */
export function writeRawSafetensors(
  path: string,
  header: Record<string, unknown> | string,
  data: Uint8Array,
  headerBytes?: bigint,
): void {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(headerBytes ?? BigInt(text.length))
  writeFileSync(path, Buffer.concat([length, text, data]))
}

/** Writes float32 tensors one after the other. */
export function writeSafetensors(
  path: string,
  tensors: Record<string, { readonly shape: readonly number[]; readonly values: ArrayLike<number> }>,
): void {
  const header: Record<string, HeaderEntry> = {}
  const pieces: Uint8Array[] = []
  let end = 0
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(Float32Array.from(values).buffer)
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + bytes.length] }
    end += bytes.length
    pieces.push(bytes)
  }
  writeRawSafetensors(path, header, Buffer.concat(pieces))
}

/** Writes the tensors of a file anew under other names. */
export function renameTensors(path: string, rename: (name: string) => string): void {
  const bytes = readFileSync(path)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, HeaderEntry>
  const renamed = Object.entries(header).map(([name, entry]) => [name === '__metadata__' ? name : rename(name), entry])
  writeRawSafetensors(path, Object.fromEntries(renamed), bytes.subarray(8 + length))
}
