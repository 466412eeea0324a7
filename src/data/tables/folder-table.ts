// A folder of clips with a file beside each that says what it shows: clip.mp4 and clip.txt, the caption, or clip.json, an
// object with the columns of a table.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileErrorText } from '../data-error.ts'
import type { Found } from '../json/json-items.ts'
import { problemAt } from '../left-out.ts'
import { isObject } from '../read-record.ts'
import type { RawRow } from './clip-row.ts'
import { walkFolder } from './walk-folder.ts'

/** Endings of files that are clips. */
export const CLIP_ENDINGS = /\.(mp4|mov|webm|mkv|avi|gif|jpe?g|png|webp)$/i

/** Reads the clips of a folder and of those below it, by name; a row is the number of a clip. */
export async function* readFolderTable(folder: string): AsyncGenerator<Found<RawRow>> {
  let row = 0
  for await (const { name: clip, beside } of walkFolder(folder)) {
    if (!CLIP_ENDINGS.test(clip)) continue
    row += 1
    const stem = clip.replace(CLIP_ENDINGS, '')
    const sidecar = [`${stem}.json`, `${stem}.txt`].find((name) => beside.has(name))
    if (sidecar === undefined) {
      yield { problem: problemAt(join(folder, clip), row, 'no-caption', `neither ${stem}.txt nor ${stem}.json`) }
    } else yield readSidecar(folder, sidecar, clip, row)
  }
}

async function readSidecar(folder: string, sidecar: string, clip: string, row: number): Promise<Found<RawRow>> {
  const path = join(folder, sidecar)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    return { problem: problemAt(path, row, 'not-utf8', fileErrorText(error)) }
  }
  if (sidecar.endsWith('.txt')) return { item: { row, values: { caption: text.trim(), clip } } }
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return { item: { row, values: { ...value, clip } } }
  } catch {
    // Told below, as an object that is none.
  }
  return { problem: problemAt(path, row, 'not-json', text) }
}
