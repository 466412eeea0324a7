// Where records go: a form of file, chosen by the name of what is to be written.
import { dataError } from '../data-error.ts'
import { openJsonFile } from './json-file.ts'
import { openParquetFile } from './parquet-file.ts'
import type { RecordWriter } from './record-writer.ts'
import { openTarShards } from './tar-shards.ts'

/** What a writer needs besides the name. */
export interface WriterOptions {
  /** Folder of clips, for the forms that hold them. */
  readonly clipsFolder: string | null
}

/**
 * Opens what records are written to: `.jsonl` an object a line (as training/ reads), `.json` a list (as published),
 * `.parquet` a table, `.tar` shards of WebDataset with the clips in them.
 * @throws AppError DATASET_INVALID for another ending, or a file that cannot be written
 */
export function openRecordWriter(file: string, { clipsFolder }: WriterOptions): Promise<RecordWriter> {
  if (file.endsWith('.jsonl')) return openJsonFile(file, 'lines')
  if (file.endsWith('.json')) return openJsonFile(file, 'list')
  if (file.endsWith('.parquet')) return openParquetFile(file)
  if (file.endsWith('.tar')) return openTarShards(file, clipsFolder)
  throw dataError(
    `${file} has no ending that records are written under; .jsonl, .json, .parquet and .tar are known. Name the file so.`,
  )
}
