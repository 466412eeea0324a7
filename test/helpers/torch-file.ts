// Writes archives in torch.save's layout for tests, right ones and hostile ones: a zip file of uncompressed entries.
import { writeFileSync } from 'node:fs'

/** What a hostile writer may change of one entry. */
export interface ArchiveEntryLies {
  readonly method?: number
  readonly bytes?: number
  readonly localOffset?: number
}

/** Writes an archive; `lies` are what the directory says of an entry instead of the truth. */
export function writeTorchArchive(
  path: string,
  entries: Readonly<Record<string, Uint8Array>>,
  lies: Readonly<Record<string, ArchiveEntryLies>> = {},
): void {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, data] of Object.entries(entries)) {
    const text = Buffer.from(`archive/${name}`)
    const { method = 0, bytes = data.length, localOffset = at } = lies[name] ?? {}
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(text.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(bytes, 20)
    central.writeUInt32LE(bytes, 24)
    central.writeUInt16LE(text.length, 28)
    central.writeUInt32LE(localOffset, 42)
    pieces.push(local, text, Buffer.from(data))
    directory.push(central, text)
    at += local.length + text.length + data.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(entries).length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  writeFileSync(path, Buffer.concat([...pieces, ...directory, end]))
}

/** A pickle from its pieces: numbers are bytes, texts are written as they are. */
export function pickleBytes(...pieces: readonly (number | string)[]): Uint8Array {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece))))
}

/** BINUNICODE of a text. */
export function pickledText(value: string): string {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(value.length)
  return `X${length.toString('latin1')}${value}`
}
