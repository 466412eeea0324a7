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

/** Writes a file anew with some tensors one after the other in one; `place` names it and the part that a tensor becomes. */
export function packTensors(path: string, place: (name: string) => { name: string; part: number } | null): void {
  const bytes = readFileSync(path)
  const length = Number(bytes.readBigUInt64LE(0))
  const { __metadata__: _, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    HeaderEntry
  >
  const header: Record<string, HeaderEntry> = {}
  const packed = new Map<string, HeaderEntry[]>()
  const pieces: Uint8Array[] = []
  let end = 0
  const add = (name: string, parts: readonly HeaderEntry[]) => {
    const data = parts.map(({ data_offsets: [from, to] }) => bytes.subarray(8 + length + from, 8 + length + to))
    const size = data.reduce((sum, piece) => sum + piece.length, 0)
    const [first] = parts as [HeaderEntry]
    const shape = [first.shape[0]! * parts.length, ...first.shape.slice(1)]
    header[name] = { dtype: first.dtype, shape, data_offsets: [end, end + size] }
    pieces.push(...data)
    end += size
  }
  for (const [name, entry] of Object.entries(entries)) {
    const placed = place(name)
    if (placed === null) {
      add(name, [entry])
      continue
    }
    const parts = packed.get(placed.name) ?? []
    parts[placed.part] = entry
    packed.set(placed.name, parts)
  }
  for (const [name, parts] of packed) add(name, parts)
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

/** Writes a file anew with one tensor a second time, under another name; `change` alters the bytes of the copy in place. */
export function copyTensor(path: string, name: string, copy: string, change: (bytes: Uint8Array) => void): void {
  const bytes = readFileSync(path)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, HeaderEntry>
  const data = bytes.subarray(8 + length)
  const entry = header[name]!
  const copied = Buffer.from(data.subarray(...entry.data_offsets))
  change(copied)
  header[copy] = { ...entry, data_offsets: [data.length, data.length + copied.length] }
  writeRawSafetensors(path, header, Buffer.concat([data, copied]))
}
