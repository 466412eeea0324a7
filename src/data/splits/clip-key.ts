// What makes two records be about the same clip: the bytes of its files where these are at hand, else their names.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { dataError } from '../data-error.ts'
import { contentHash } from '../file-content.ts'
import type { DataRecord } from '../record.ts'

/** Gives the key of each record's clip; of words alone that of the record. */
export type ClipKey = (record: DataRecord) => Promise<string>

/** @param clipsFolder where clips are; null goes by names */
export function clipKeyIn(clipsFolder: string | null): ClipKey {
  // Records about one clip often follow each other.
  let [lastFiles, lastKey] = ['', '']
  return async ({ id, clip }) => {
    if (clip === null) return `words ${id}`
    const files = clip.files.join('\n')
    if (clipsFolder === null) return files
    if (files !== lastFiles) {
      const hashes: string[] = []
      for (const file of clip.files) hashes.push((await contentHash(join(clipsFolder, file))) ?? missing(file))
      const [first] = hashes
      lastKey = hashes.length === 1 ? first! : createHash('sha256').update(hashes.join()).digest('hex')
      lastFiles = files
    }
    return lastKey
  }
}

function missing(file: string): never {
  throw dataError(`The clip ${file} went away while it was read; every clip is needed. Restore it and run it again.`)
}
