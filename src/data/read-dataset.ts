// Records of a file in one of the known layouts, one after another.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonItems } from './json/json-items.ts'
import { LAYOUTS, type Layout, type LayoutName } from './layouts/published.ts'
import { type LeftOut, problemAt } from './left-out.ts'
import { readRecord } from './read-record.ts'
import type { DataRecord } from './record.ts'

/** What is read and how. */
export interface DatasetSource {
  readonly file: string
  readonly layout: LayoutName
  /** Folder of clips; null does not look whether they are there. */
  readonly clipsFolder: string | null
}

/**
 * Reads the records of a file; wrong ones are left out and told.
 * @throws AppError DATASET_INVALID when the file cannot be read at all
 */
export async function* readDataset(source: DatasetSource, leftOut: LeftOut): AsyncGenerator<DataRecord> {
  const { file, clipsFolder } = source
  const layout: Layout = LAYOUTS[source.layout]
  const pathRule = layout.pathRule(clipsFolder)
  for await (const found of readJsonItems(file)) {
    if ('problem' in found) {
      leftOut.add(found.problem)
      continue
    }
    const { row, value } = found.item
    const read = readRecord(layout.toLlava(value), { file, row }, pathRule)
    if ('problem' in read) {
      leftOut.add(read.problem)
      continue
    }
    const missing = clipsFolder === null ? undefined : missingFile(read.item, clipsFolder)
    if (missing === undefined) yield read.item
    else leftOut.add(problemAt(file, row, 'missing-clip', missing))
  }
}

function missingFile({ clip }: DataRecord, clipsFolder: string): string | undefined {
  return clip?.files.find((file) => !isFile(join(clipsFolder, file)))
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    // Below a file, or a name that is too long: not there either.
    return false
  }
}
