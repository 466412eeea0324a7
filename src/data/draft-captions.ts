// Captions for clips that have none, by a model that looks at them: a table for `valley data align` and `generate`. Each line
// is written as soon as it is known, so that a run that was broken off goes on where it stopped.
import { appendFile, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isAboutClip } from '../errors.ts'
import { dataError, fileErrorText } from './data-error.ts'
import { readJsonItems } from './json/json-items.ts'
import { type LeftOut, problemAt } from './left-out.ts'
import { isObject } from './read-record.ts'
import { CLIP_ENDINGS } from './tables/folder-table.ts'

/** Looks at a clip. @throws AppError with a code about the clip when that cannot be seen */
export type Describer = (path: string) => Promise<{ readonly caption: string; readonly model: string }>

/** What is drafted and where to. */
export interface DraftRequest {
  /** Folder of clips; those below it count, too. */
  readonly folder: string
  /** A file of JSON lines, added to. */
  readonly out: string
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** How many captions were written, and how many were there before. */
export interface DraftCounts {
  readonly written: number
  readonly kept: number
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
  const { folder, out, signal, onProgress } = request
  const clips = await listClips(folder)
  const known = await readKnown(out)
  let written = 0
  // Whatever was broken off in the middle of a line stays a line of its own.
  let before = known.size > 0 ? '\n' : ''
  for (const [index, clip] of clips.entries()) {
    signal?.throwIfAborted()
    onProgress?.(index, clips.length)
    if (known.has(clip)) continue
    const path = join(folder, clip)
    try {
      const { caption, model } = await describe(path)
      if (caption.trim() === '') {
        leftOut.add(problemAt(path, index + 1, 'empty-answer', caption))
        continue
      }
      await append(out, `${before}${JSON.stringify({ clip, caption: caption.trim(), draftedBy: model })}\n`)
      before = ''
      written += 1
    } catch (error) {
      if (!isAboutClip(error)) throw error
      leftOut.add(problemAt(path, index + 1, 'bad-clip', error.code))
    }
  }
  return { written, kept: clips.filter((clip) => known.has(clip)).length }
}

async function listClips(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true })
    return names
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => CLIP_ENDINGS.test(name))
      .toSorted()
  } catch (cause) {
    throw dataError(
      `The folder ${folder} cannot be read (${fileErrorText(cause)}). Correct its name or permissions.`,
      cause,
    )
  }
}

async function readKnown(out: string): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  await append(out, '')
  for await (const found of readJsonItems(out)) {
    const value = 'item' in found ? found.item.value : null
    if (isObject(value) && typeof value.clip === 'string') known.add(value.clip)
  }
  return known
}

async function append(out: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true })
    await appendFile(out, text)
  } catch (cause) {
    throw dataError(`${out} cannot be written (${fileErrorText(cause)}). Name a file in a folder with room.`, cause)
  }
}
