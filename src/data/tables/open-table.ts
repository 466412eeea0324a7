// A table of clips in any of the known forms, as rows of clips.
import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'
import { type Found, readJsonItems } from '../json/json-items.ts'
import { type LeftOut, problemAt } from '../left-out.ts'
import { isObject } from '../read-record.ts'
import { type ClipRow, clipRowReader, type RawRow } from './clip-row.ts'
import { readCsvTable } from './csv-table.ts'
import { readFolderTable } from './folder-table.ts'
import { readParquetTable } from './parquet-table.ts'

/**
 * Reads the clips of a table: `.csv`, `.tsv`, `.jsonl`, `.json`, `.parquet`, or a folder. Wrong rows are left out and told.
 * @throws AppError DATASET_INVALID when it cannot be read at all or has another ending
 */
export async function* readClipTable(path: string, leftOut: LeftOut): AsyncGenerator<ClipRow> {
  const toClipRow = clipRowReader(path)
  for await (const found of readRawRows(path)) {
    const read = 'problem' in found ? found : toClipRow(found.item)
    if ('problem' in read) leftOut.add(read.problem)
    else yield read.item
  }
}

function readRawRows(path: string): AsyncGenerator<Found<RawRow>> {
  if (isFolder(path)) return readFolderTable(path)
  const ending = extname(path).toLowerCase()
  if (ending === '.csv') return readCsvTable(path, ',')
  if (ending === '.tsv') return readCsvTable(path, '\t')
  if (ending === '.parquet') return readParquetTable(path)
  if (ending === '.jsonl' || ending === '.json') return readJsonTable(path)
  throw dataError(
    `${path} has no ending of a table; .csv, .tsv, .jsonl, .json and .parquet are known, and folders. Name it so.`,
  )
}

async function* readJsonTable(path: string): AsyncGenerator<Found<RawRow>> {
  for await (const found of readJsonItems(path)) {
    if ('problem' in found) yield found
    else if (isObject(found.item.value)) yield { item: { row: found.item.row, values: found.item.value } }
    else yield { problem: problemAt(path, found.item.row, 'not-json', found.item.value) }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (cause) {
    throw dataError(
      `${path} cannot be read (${fileErrorText(cause)}); a table or a folder is needed. Correct its name.`,
      cause,
    )
  }
}
