// The index that an MP4 or QuickTime file has of its pictures (ISO 14496-12, 8.6): a few megabytes for a film of hours, which
// ffprobe can only be had to tell by reading the film. Whatever is not plain in it is left to ffprobe.
import { open } from 'node:fs/promises'
import { type Box, type BoxTable, boxesIn, boxesWithin, firstBox, readOuterBox, tableIn } from './mp4-boxes.ts'

/** What a file's own index says of one stream's pictures, in the order they are stored. */
export interface PictureIndex {
  /** Units of time in a second. */
  readonly unitsPerSecond: number
  /** When each is shown, units from a start of its own. */
  readonly shownAt: Float64Array
  /** Numbers of the pictures that can be decoded without any other, ascending; the first is 0. */
  readonly keyNumbers: readonly number[]
  /** Of the one stored last, units. */
  readonly lastDuration: number
}

/** Tables take up to 32 bytes for each of 500,000 pictures, and sound has tables of its own. */
const MOST_INDEX_BYTES = 64 * 1024 * 1024
/** ffmpeg takes no notice of times that are moved by more. */
const FURTHEST_MOVED = 2 ** 28
/** A pause and what follows it. */
const MOST_EDITS = 2
/** Groups of pictures that ffmpeg takes for key frames, whatever the table of key frames says. */
const KEY_GROUPS: readonly string[] = ['rap ', 'sync']

/**
 * Reads the index of a stream.
 * @param streamIndex number of the track
 * @param count pictures that there should be
 * @returns null where there is no index of all pictures, where it is at odds with itself, with `count` or with the file's
 *   length, where an edit leaves pictures out, and where its boxes are too many
 */
export async function readPictureIndex(path: string, streamIndex: number, count: number): Promise<PictureIndex | null> {
  const file = await open(path)
  try {
    const movie = await readOuterBox(file, 'moov', MOST_INDEX_BYTES)
    return movie === null ? null : indexIn(movie, streamIndex, count)
  } finally {
    await file.close()
  }
}

function indexIn(bytes: Buffer, streamIndex: number, count: number): PictureIndex | null {
  const movie = boxesIn(bytes, { from: 0, to: bytes.length })
  const track = movie?.filter(({ type }) => type === 'trak')[streamIndex]
  const inTrack = track === undefined ? null : boxesIn(bytes, track)
  const media = boxesWithin(bytes, inTrack, 'mdia')
  const samples = boxesWithin(bytes, boxesWithin(bytes, media, 'minf'), 'stbl')
  if (movie === null || inTrack === null || media === null || samples === null) return null
  const movieScale = timeScaleIn(bytes, firstBox(movie, 'mvhd'))
  const unitsPerSecond = timeScaleIn(bytes, firstBox(media, 'mdhd'))
  if (movieScale === null || unitsPerSecond === null || !isPlain(bytes, samples, count)) return null

  const durations = tableIn(bytes, firstBox(samples, 'stts'), 2)
  const moves = firstBox(samples, 'ctts')
  const keyNumbers = keysIn(tableIn(bytes, firstBox(samples, 'stss'), 1), count)
  const shownAt = durations && timesIn(durations, moves && tableIn(bytes, moves, 2), count)
  if (durations === null || keyNumbers === null || shownAt === null) return null
  if (!keepsAll(editsIn(bytes, inTrack), shownAt, unitsPerSecond / movieScale)) return null
  return { unitsPerSecond, shownAt, keyNumbers, lastDuration: durations.unsigned(durations.entries - 1, 1) }
}

/** Whether the tables that lead to the pictures' bytes have as many of them, all of one kind. */
function isPlain(bytes: Buffer, samples: readonly Box[], count: number): boolean {
  const kinds = tableIn(bytes, firstBox(samples, 'stsd'), 0)
  const sizes = tableIn(bytes, firstBox(samples, 'stsz'), 0, 4)
  const chunks = tableIn(bytes, firstBox(samples, 'stco'), 1) ?? tableIn(bytes, firstBox(samples, 'co64'), 2)
  const runs = tableIn(bytes, firstBox(samples, 'stsc'), 3)
  if (kinds?.entries !== 1 || sizes?.entries !== count || chunks === null || runs === null) return false
  if (runs.entries > count) return false
  let inChunks = 0
  for (let run = 0; run < runs.entries; run++) {
    const next = run + 1 < runs.entries ? runs.unsigned(run + 1, 0) : chunks.entries + 1
    inChunks += (next - runs.unsigned(run, 0)) * runs.unsigned(run, 1)
  }
  const marked = samples.some(
    ({ type, from, to }) =>
      type === 'stps' ||
      (type === 'sbgp' && (to - from < 8 || KEY_GROUPS.includes(bytes.toString('latin1', from + 4, from + 8)))),
  )
  return inChunks === count && !marked
}

/** When each picture is shown: the durations of those before it, and how far it is moved. Null unless the tables fit. */
function timesIn(durations: BoxTable, moves: BoxTable | null | undefined, count: number): Float64Array | null {
  if (moves === null || Math.max(durations.entries, moves?.entries ?? 0) > count) return null
  const shownAt = new Float64Array(count)
  let at = 0
  let stored = 0
  for (let run = 0; run < durations.entries; run++) {
    const [pictures, duration] = [durations.unsigned(run, 0), durations.signed(run, 1)]
    if (at + pictures > count || duration <= 0) return null
    for (const end = at + pictures; at < end; at++, stored += duration) shownAt[at] = stored
  }
  if (at !== count) return null
  if (moves === undefined) return shownAt
  at = 0
  for (let run = 0; run < moves.entries; run++) {
    const [pictures, moved] = [moves.unsigned(run, 0), moves.signed(run, 1)]
    if (at + pictures > count || Math.abs(moved) > FURTHEST_MOVED) return null
    for (const end = at + pictures; at < end; at++) shownAt[at]! += moved
  }
  return at === count ? shownAt : null
}

/** Numbers from 0; null without a table, or where it does not begin with the first picture and ascend. */
function keysIn(table: BoxTable | null, count: number): number[] | null {
  if (table === null || table.entries === 0 || table.entries > count) return null
  const keys = Array.from({ length: table.entries }, (_, entry) => table.unsigned(entry, 0) - 1)
  const ascends = keys.every((key, place) => (place === 0 ? key === 0 : key > keys[place - 1]!))
  return ascends && keys.at(-1)! < count ? keys : null
}

interface Edit {
  /** Units of the movie. */
  readonly duration: number
  /** Units of the track; -1 for a pause. */
  readonly from: number
  readonly speed: number
}

/** Null for edits in a form of their own, and for many. */
function editsIn(bytes: Buffer, inTrack: readonly Box[]): Edit[] | null {
  if (firstBox(inTrack, 'edts') === undefined) return []
  const lists = boxesWithin(bytes, inTrack, 'edts')
  if (lists === null) return null
  const box = firstBox(lists, 'elst')
  if (box === undefined) return []
  const isShort = box.to > box.from && bytes[box.from] === 0
  const table = isShort ? tableIn(bytes, box, 3) : null
  if (table === null || table.entries > MOST_EDITS) return null
  return Array.from({ length: table.entries }, (_, entry) => ({
    duration: table.unsigned(entry, 0),
    from: table.signed(entry, 1),
    speed: table.unsigned(entry, 2) / 0x1_0000,
  }))
}

/** Whether all pictures are shown, each once: without an edit, or with one that has all of them, after a pause perhaps. */
function keepsAll(edits: readonly Edit[] | null, shownAt: Float64Array, unitsPerMovieUnit: number): boolean {
  if (edits === null) return false
  if (edits.length === 0) return true
  const [edit, ...others] = edits[0]!.from === -1 ? edits.slice(1) : edits
  if (edit === undefined || others.length > 0 || edit.from < 0 || edit.speed !== 1) return false
  const end = edit.from + Math.floor(edit.duration * unitsPerMovieUnit)
  return shownAt.every((time) => time >= edit.from && time < end)
}

/** Units of time in a second, as the header of a movie or of a track says. */
function timeScaleIn(bytes: Buffer, box: Box | undefined): number | null {
  if (box === undefined) return null
  const at = box.from + (bytes[box.from] === 1 ? 20 : 12)
  const scale = at + 4 > box.to ? 0 : bytes.readUInt32BE(at)
  return scale === 0 ? null : scale
}
