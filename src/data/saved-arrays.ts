// Tables of numbers in a file, so that a long run that was broken off goes on where it stood. A line of JSON says what follows;
// the numbers follow as they lie in memory, without a copy of them being made.
import { open, rename, rm } from 'node:fs/promises'
import { endianness } from 'node:os'
import { assert } from '../assert.ts'
import { dataError, fileErrorText } from './data-error.ts'

/** The kinds of tables. */
export type NumberTable = Uint8Array<ArrayBufferLike> | Uint32Array<ArrayBufferLike> | Float64Array<ArrayBufferLike>
/** Tables by name. */
export type SavedArrays = Readonly<Record<string, NumberTable>>

const KINDS = { Uint8Array, Uint32Array, Float64Array } as const
type Kind = keyof typeof KINDS

/** More is no head of such a file. */
const MAX_HEAD_BYTES = 64 * 1024
const LINE_FEED = 0x0a

interface Head {
  readonly order: string
  readonly tables: readonly { readonly name: string; readonly kind: Kind; readonly length: number }[]
  readonly state: unknown
}

/** Tables under names that begin alike. */
export function withPrefix(prefix: string, arrays: SavedArrays): SavedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, table]) => [`${prefix}.${name}`, table]))
}

/** The tables whose names begin so, under the rest of their names. */
export function ofPrefix(prefix: string, arrays: SavedArrays): SavedArrays {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(`${prefix}.`))
  return Object.fromEntries(own.map(([name, table]) => [name.slice(prefix.length + 1), table]))
}

/** One of the tables, which must be of its kind. */
export function savedArray<Table extends NumberTable>(
  saved: SavedArrays,
  name: string,
  kind: { new (length: number): Table },
): Table {
  const table = saved[name]
  assert(table instanceof kind, `the table ${name} was saved as it is restored`)
  return table
}

/** Writes tables and what goes with them, JSON; the file has its name once it is whole. @throws AppError DATASET_INVALID */
export async function writeSaved(path: string, state: unknown, arrays: SavedArrays): Promise<void> {
  const part = `${path}.part`
  try {
    const file = await open(part, 'w')
    try {
      const tables = Object.entries(arrays).map(([name, table]) => ({
        name,
        kind: kindOf(table),
        length: table.length,
      }))
      await file.writeFile(`${JSON.stringify({ order: endianness(), tables, state } satisfies Head)}\n`)
      for (const table of Object.values(arrays)) {
        await file.writeFile(new Uint8Array(table.buffer, table.byteOffset, table.byteLength))
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    throw dataError(
      `${path} cannot be written (${fileErrorText(cause)}); a folder with room is needed. Make room.`,
      cause,
    )
  }
}

/** Reads what writeSaved wrote. @returns null where there is nothing, or nothing whole */
export async function readSaved(path: string): Promise<{ state: unknown; arrays: SavedArrays } | null> {
  const file = await open(path).catch(() => null)
  if (file === null) return null
  try {
    const begin = Buffer.alloc(MAX_HEAD_BYTES)
    await file.read(begin, 0, begin.length, 0)
    const end = begin.indexOf(LINE_FEED)
    const head = JSON.parse(begin.subarray(0, end).toString('utf8')) as Head
    if (head.order !== endianness()) return null
    const arrays: Record<string, NumberTable> = {}
    let at = end + 1
    for (const { name, kind, length } of head.tables) {
      const table = new KINDS[kind](length)
      const bytes = new Uint8Array(table.buffer)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at)
      if (bytesRead !== bytes.length) return null
      at += bytesRead
      arrays[name] = table
    }
    return { state: head.state, arrays }
  } catch {
    // Whatever is wrong with it, the run begins anew.
    return null
  } finally {
    await file.close()
  }
}

function kindOf(table: NumberTable): Kind {
  if (table instanceof Float64Array) return 'Float64Array'
  return table instanceof Uint32Array ? 'Uint32Array' : 'Uint8Array'
}
