// A .bin file as torch.save has written it since 1.6: a zip archive of uncompressed entries, one a storage, beside a pickle
// that says which tensor lies where. Only the archive's directory is read here. It comes from outside, so each entry is
// checked against the file before anything is believed.
import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../errors.ts'

const LOCAL_SIGNATURE = 0x04034b50
const LOCAL_BYTES = 30
const CENTRAL_SIGNATURE = 0x02014b50
const CENTRAL_BYTES = 46
const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const LOCATOR_SIGNATURE = 0x07064b50
const LOCATOR_BYTES = 20
const END64_SIGNATURE = 0x06064b50
const END64_BYTES = 56
/** Id of the extra field that holds 64-bit sizes and offsets. */
const EXTRA_64 = 1
const IN_EXTRA = 0xffffffff
const ENCRYPTED = 1
/** A comment may follow the end record; torch writes none. */
const MAX_COMMENT_BYTES = 65535
/** A checkpoint has some thousand tensors; more is an attack or a mistake. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
const MAX_ENTRIES = 200_000

/** Where an entry's bytes lie: inside the file, overlapping no other. */
export interface ArchiveEntry {
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly bytes: number
}

/**
 * Reads the directory of an archive.
 * @returns entries by their names inside the archive's one folder, for instance `data.pkl` and `data/0`
 * @throws AppError CHECKPOINT_INVALID naming the file; CHECKPOINT_UNSUPPORTED for a .bin file of another kind
 */
export async function readTorchArchive(path: string): Promise<Map<string, ArchiveEntry>> {
  const file = await open(path).catch((cause: unknown) => {
    throw invalid(path, 'cannot be opened; it must be a readable file', cause)
  })
  try {
    const fileBytes = (await file.stat()).size
    if ((await read(file, 0, Math.min(4, fileBytes))).toString('latin1') !== 'PK\u0003\u0004') {
      throw new AppError(
        'CHECKPOINT_UNSUPPORTED',
        `${path} is no zip archive, which torch.save has written since PyTorch 1.6; other pickles are not read. Save the checkpoint again as safetensors.`,
        { details: { path } },
      )
    }
    const directory = await findDirectory(path, file, fileBytes)
    const entries = new Map<string, ArchiveEntry>()
    for (const [name, entry] of await readDirectory(path, file, fileBytes, directory)) {
      const inner = name.slice(name.indexOf('/') + 1)
      if (entries.has(inner)) throw invalid(path, `holds the entry ${JSON.stringify(inner)} twice; once is expected`)
      entries.set(inner, entry)
    }
    checkOverlap(path, entries)
    return entries
  } finally {
    await file.close()
  }
}

/** Place and size of the central directory, from the record at the file's end. */
async function findDirectory(path: string, file: FileHandle, fileBytes: number) {
  const tail = await read(file, Math.max(0, fileBytes - END_BYTES - MAX_COMMENT_BYTES), fileBytes)
  let at = tail.length - END_BYTES
  while (at >= 0 && tail.readUInt32LE(at) !== END_SIGNATURE) at--
  if (at < 0) throw invalid(path, 'has no directory at its end, so it was cut; a whole archive is expected')
  const endAt = fileBytes - tail.length + at
  let count = tail.readUInt16LE(at + 10)
  let bytes = tail.readUInt32LE(at + 12)
  let offset = tail.readUInt32LE(at + 16)
  const locatorAt = endAt - LOCATOR_BYTES
  const locator = locatorAt < 0 ? Buffer.alloc(LOCATOR_BYTES) : await read(file, locatorAt, endAt)
  if (locator.readUInt32LE(0) === LOCATOR_SIGNATURE) {
    const recordAt = Number(locator.readBigUInt64LE(8))
    if (recordAt + END64_BYTES > locatorAt) throw invalid(path, 'has a directory whose place lies outside the file')
    const record = await read(file, recordAt, recordAt + END64_BYTES)
    if (record.readUInt32LE(0) !== END64_SIGNATURE) throw invalid(path, 'has a damaged 64-bit directory record')
    count = Number(record.readBigUInt64LE(32))
    bytes = Number(record.readBigUInt64LE(40))
    offset = Number(record.readBigUInt64LE(48))
  }
  if (count > MAX_ENTRIES || bytes > MAX_DIRECTORY_BYTES) {
    throw invalid(
      path,
      `states a directory of ${count} entries in ${bytes} bytes; at most ${MAX_ENTRIES} in ${MAX_DIRECTORY_BYTES} are allowed`,
    )
  }
  if (offset + bytes > endAt) throw invalid(path, `states a directory up to byte ${offset + bytes}, beyond its own end`)
  return { count, bytes, offset }
}

async function readDirectory(
  path: string,
  file: FileHandle,
  fileBytes: number,
  { count, bytes, offset }: { count: number; bytes: number; offset: number },
): Promise<[string, ArchiveEntry][]> {
  const directory = await read(file, offset, offset + bytes)
  const entries: [string, ArchiveEntry][] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
      throw invalid(path, `has a directory that ends after ${index} of ${count} entries`)
    }
    const nameBytes = directory.readUInt16LE(at + 28)
    const extraBytes = directory.readUInt16LE(at + 30)
    const commentBytes = directory.readUInt16LE(at + 32)
    const next = at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes
    if (next > directory.length) throw invalid(path, `has a directory that ends within entry ${index + 1} of ${count}`)
    const name = directory.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes)
    const extraAt = at + CENTRAL_BYTES + nameBytes
    const sizes = readSizes(directory, at, directory.subarray(extraAt, extraAt + extraBytes))
    const isPlain = directory.readUInt16LE(at + 10) === 0 && (directory.readUInt16LE(at + 8) & ENCRYPTED) === 0
    if (!isPlain || sizes.packed !== sizes.bytes) {
      throw invalid(path, `holds ${JSON.stringify(name)} compressed or encrypted; torch.save does neither`)
    }
    if (sizes.offset + LOCAL_BYTES > fileBytes) throw outside(path, name, sizes.offset + LOCAL_BYTES, fileBytes)
    const local = await read(file, sizes.offset, sizes.offset + LOCAL_BYTES)
    if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) {
      throw invalid(path, `names byte ${sizes.offset} for ${JSON.stringify(name)}, where no entry begins`)
    }
    const dataAt = sizes.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
    if (dataAt + sizes.bytes > offset) throw outside(path, name, dataAt + sizes.bytes, offset)
    entries.push([name, { offset: dataAt, bytes: sizes.bytes }])
    at = next
  }
  return entries
}

/** Sizes and place of an entry; what does not fit 32 bits stands in the extra field, in this order. */
function readSizes(directory: Buffer, at: number, extra: Buffer) {
  let wide: Buffer = Buffer.alloc(0)
  for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
    if (extra.readUInt16LE(field) === EXTRA_64)
      wide = extra.subarray(field + 4, field + 4 + extra.readUInt16LE(field + 2))
  }
  const take = (value: number): number => {
    if (value !== IN_EXTRA || wide.length < 8) return value
    const long = Number(wide.readBigUInt64LE(0))
    wide = wide.subarray(8)
    return long
  }
  const bytes = take(directory.readUInt32LE(at + 24))
  const packed = take(directory.readUInt32LE(at + 20))
  return { bytes, packed, offset: take(directory.readUInt32LE(at + 42)) }
}

function checkOverlap(path: string, entries: ReadonlyMap<string, ArchiveEntry>): void {
  const sorted = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes)
  let end = 0
  for (const [name, { offset, bytes }] of sorted) {
    if (offset < end)
      throw invalid(path, `holds ${JSON.stringify(name)} at byte ${offset}, which overlaps another entry`)
    end = offset + bytes
  }
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, to - from))
  await file.read(buffer, 0, buffer.length, from)
  return buffer
}

function outside(path: string, name: string, end: number, limit: number): AppError {
  return invalid(path, `holds ${JSON.stringify(name)} up to byte ${end}, but entries end at byte ${limit}`)
}

function invalid(path: string, problem: string, cause?: unknown): AppError {
  return new AppError('CHECKPOINT_INVALID', `${path} ${problem}. Fetch or save the checkpoint again.`, {
    details: { path },
    cause,
  })
}
