// Captions for clips that have none, by a model that looks at them: a table for `valley data align` and `generate`. Each line
// is written as soon as it is known, so that a run that was broken off goes on where it stopped.
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, isAboutClip } from '../errors.ts'
import { dataError, fileErrorText } from './data-error.ts'
import { readJsonItems } from './json/json-items.ts'
import { type LeftOut, problemAt } from './left-out.ts'
import { HashCounts } from './phrases/hash-counts.ts'
import { hashText } from './phrases/text-hash.ts'
import { readAhead } from './read-ahead.ts'
import { isObject } from './read-record.ts'
import { CLIP_ENDINGS } from './tables/folder-table.ts'
import { walkFolder } from './tables/walk-folder.ts'

/** What a model says of a clip. */
export interface Described {
  readonly caption: string
  readonly model: string
}

/** Looks at a clip. @throws AppError with a code about the clip when that cannot be seen */
export type Describer = (path: string) => Promise<Described>

/** What is drafted and where to. */
export interface DraftRequest {
  /** Folder of clips; those below it count, too. */
  readonly folder: string
  /** A file of JSON lines, added to. */
  readonly out: string
  /** Clips that are looked at at once; default 1. Lines have the order of the clips. */
  readonly concurrency?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** How many captions were written, and how many were there before. */
export interface DraftCounts {
  readonly written: number
  readonly kept: number
}

/** A clip with what was said of it, or what was wrong with it. */
interface Looked {
  readonly path: string
  readonly clip: string
  readonly row: number
  readonly result: Described | AppError
}

/**
 * Writes a caption for each clip that the file has none for.
 * @throws AppError DATASET_INVALID; what the describer throws that is not about one clip; what the signal was aborted with
 */
export async function draftCaptions(
  request: DraftRequest,
  describe: Describer,
  leftOut: LeftOut,
): Promise<DraftCounts> {
  const { folder, out, concurrency = 1, signal, onProgress } = request
  let total = 0
  for await (const _ of clipsOf(folder)) total += 1
  const known = await readKnown(out)
  let [row, written, kept] = [0, 0, 0]
  // Whatever was broken off in the middle of a line stays a line of its own.
  let before = known.isEmpty ? '' : '\n'

  async function* missing(): AsyncGenerator<{ clip: string; row: number }> {
    for await (const clip of clipsOf(folder)) {
      signal?.throwIfAborted()
      onProgress?.(row, total)
      row += 1
      if (known.has(clip)) kept += 1
      else yield { clip, row }
    }
  }
  const look = async (one: { clip: string; row: number }): Promise<Looked> => {
    const path = join(folder, one.clip)
    try {
      return { path, ...one, result: await describe(path) }
    } catch (error) {
      if (!isAboutClip(error)) throw error
      return { path, ...one, result: error }
    }
  }
  for await (const { path, clip, row: at, result } of readAhead(missing(), concurrency, look)) {
    if (result instanceof AppError) leftOut.add(problemAt(path, at, 'bad-clip', result.code))
    else if (result.caption.trim() === '') leftOut.add(problemAt(path, at, 'empty-answer', result.caption))
    else {
      const line = JSON.stringify({ clip, caption: result.caption.trim(), draftedBy: result.model })
      await append(out, `${before}${line}\n`)
      before = ''
      written += 1
    }
  }
  return { written, kept }
}

async function* clipsOf(folder: string): AsyncGenerator<string> {
  for await (const { name } of walkFolder(folder)) if (CLIP_ENDINGS.test(name)) yield name
}

/** The clips that a file has captions for, by the hashes of their names. */
async function readKnown(out: string): Promise<{ readonly isEmpty: boolean; has(clip: string): boolean }> {
  const known = new HashCounts()
  let isEmpty = true
  await append(out, '')
  for await (const found of readJsonItems(out)) {
    const value = 'item' in found ? found.item.value : null
    if (!isObject(value) || typeof value.clip !== 'string') continue
    known.add(hashText(value.clip))
    isEmpty = false
  }
  return { isEmpty, has: (clip) => known.get(hashText(clip)) > 0 }
}

async function append(out: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true })
    await appendFile(out, text)
  } catch (cause) {
    throw dataError(`${out} cannot be written (${fileErrorText(cause)}). Name a file in a folder with room.`, cause)
  }
}
