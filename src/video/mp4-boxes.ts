// The boxes that MP4 and QuickTime files consist of (ISO 14496-12, 4.2), and the tables in them.
import type { FileHandle } from 'node:fs/promises'

/** A box within bytes that were read: what it is, and where its contents lie. */
export interface Box {
  readonly type: string
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** A table whose entries lie one behind the other, all of one size. */
export interface BoxTable {
  readonly entries: number
  /** The 32-bit number in a column of an entry. */
  unsigned(entry: number, column: number): number
  /** The same, as a number that may be negative. */
  signed(entry: number, column: number): number
}

/**
 * Most boxes side by side. On the outermost level a file in pieces has thousands, and its pictures are not in one index; within
 * the index programs write one for each track or table, and a stranger could write millions.
 */
const MOST_BOXES = 256
/** Length and type. */
const HEAD_BYTES = 8
/** Version and flags of a box that has them. */
const VERSION_BYTES = 4

/**
 * Reads the one box of a type on the outermost level of a file.
 * @param mostBytes a larger one is not read
 * @returns its contents; null when there is none, when the file is in pieces, or when a box goes beyond the file's end
 */
export async function readOuterBox(file: FileHandle, type: string, mostBytes: number): Promise<Buffer | null> {
  const { size: fileBytes } = await file.stat()
  const head = Buffer.alloc(2 * HEAD_BYTES)
  let found: Buffer | null = null
  for (let at = 0, boxes = 0; at < fileBytes; boxes++) {
    const { bytesRead } = await file.read(head, 0, head.length, at)
    const box = boxAt(head.subarray(0, bytesRead), 0)
    if (box === null || at + box.to > fileBytes || box.type === 'moof' || boxes === MOST_BOXES) return null
    if (box.type === type) {
      const length = box.to - box.from
      if (found !== null || length > mostBytes) return null
      found = Buffer.alloc(length)
      const read = await file.read(found, 0, length, at + box.from)
      if (read.bytesRead < length) return null
    }
    at += box.to
  }
  return found
}

/** The boxes in a stretch of bytes, up to the first that is not whole; null where there are too many to be an index. */
export function boxesIn(bytes: Buffer, { from, to }: Omit<Box, 'type'>): readonly Box[] | null {
  const boxes: Box[] = []
  let at = from
  while (at < to) {
    const box = boxAt(bytes, at)
    if (box === null || box.to > to) break
    if (boxes.length === MOST_BOXES) return null
    boxes.push(box)
    at = box.to
  }
  return boxes
}

/** The first box of a type. */
export function firstBox(boxes: readonly Box[], type: string): Box | undefined {
  return boxes.find((box) => box.type === type)
}

/** The boxes in the first box of a type; null where there is none, or too many in it. */
export function boxesWithin(bytes: Buffer, boxes: readonly Box[] | null, type: string): readonly Box[] | null {
  const outer = boxes === null ? undefined : firstBox(boxes, type)
  return outer === undefined ? null : boxesIn(bytes, outer)
}

/**
 * The table of a box: version and flags, fields of its own, the number of entries, entries.
 * @param columns 32-bit numbers of an entry
 * @param fieldBytes what stands between flags and the number of entries
 * @returns null where there is no box or the table is larger than its box
 */
export function tableIn(bytes: Buffer, box: Box | undefined, columns: number, fieldBytes = 0): BoxTable | null {
  if (box === undefined) return null
  const first = box.from + VERSION_BYTES + fieldBytes + 4
  if (first > box.to) return null
  const entries = bytes.readUInt32BE(first - 4)
  if (first + entries * columns * 4 > box.to) return null
  const placeOf = (entry: number, column: number) => first + (entry * columns + column) * 4
  return {
    entries,
    unsigned: (entry, column) => bytes.readUInt32BE(placeOf(entry, column)),
    signed: (entry, column) => bytes.readInt32BE(placeOf(entry, column)),
  }
}

/** The box whose head begins here; null where there is no whole head, and for one without a length of its own. */
function boxAt(bytes: Buffer, at: number): Box | null {
  if (at + HEAD_BYTES > bytes.length) return null
  const type = bytes.toString('latin1', at + 4, at + HEAD_BYTES)
  const short = bytes.readUInt32BE(at)
  if (short !== 1) return short < HEAD_BYTES ? null : { type, from: at + HEAD_BYTES, to: at + short }
  // 1 stands for a length of 64 bits behind the type.
  if (at + 2 * HEAD_BYTES > bytes.length) return null
  const long = Number(bytes.readBigUInt64BE(at + HEAD_BYTES))
  return long < 2 * HEAD_BYTES || !Number.isSafeInteger(long)
    ? null
    : { type, from: at + 2 * HEAD_BYTES, to: at + long }
}
