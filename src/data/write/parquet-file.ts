// Records as a Parquet table: a row each, the conversation as JSON text, written a group of rows at a time.
import { rm } from 'node:fs/promises'
import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import { dataError, fileErrorText } from '../data-error.ts'
import { type DataRecord, toJsonRecord } from '../record.ts'
import { giveName, partOf, readyFor } from './output-file.ts'
import type { RecordWriter } from './record-writer.ts'

/** The columns, all of text. Null where a record has no such thing. */
export const PARQUET_COLUMNS = ['id', 'video', 'image', 'source', 'conversations', 'extra'] as const

/** Rows that are held before they are written; some 5 MB of the published sets. */
const GROUP_ROWS = 10_000

/** Opens a Parquet file. @throws AppError DATASET_INVALID when it cannot be written */
export async function openParquetFile(path: string): Promise<RecordWriter> {
  const part = partOf(path)
  await readyFor(path)
  const writer = await guard(path, async () => {
    const columns = PARQUET_COLUMNS.map((name) => ({
      name,
      type: 'BYTE_ARRAY' as const,
      converted_type: 'UTF8' as const,
      repetition_type: 'OPTIONAL' as const,
    }))
    const schema = [{ name: 'root', num_children: columns.length }, ...columns]
    return new ParquetWriter({ writer: fileWriter(part), schema })
  })
  let rows: ReturnType<typeof toRow>[] = []

  async function flush(): Promise<void> {
    if (rows.length === 0) return
    const columnData = PARQUET_COLUMNS.map((name) => ({ name, data: rows.map((row) => row[name]) }))
    rows = []
    await guard(path, async () => writer.write({ columnData }))
  }

  return {
    async write(record) {
      rows.push(toRow(record))
      if (rows.length >= GROUP_ROWS) await flush()
    },
    async finish() {
      await flush()
      await guard(path, async () => writer.finish())
      await giveName(path)
    },
    abandon: () => rm(part, { force: true }),
  }
}

function toRow(record: DataRecord): Record<(typeof PARQUET_COLUMNS)[number], string | null> {
  const { id, video, image, source, conversations } = toJsonRecord(record)
  const hasExtra = Object.keys(record.extra).length > 0
  return {
    id: String(id),
    video: typeof video === 'string' ? video : null,
    image: image === undefined ? null : typeof image === 'string' ? image : JSON.stringify(image),
    source: typeof source === 'string' ? source : null,
    conversations: JSON.stringify(conversations),
    extra: hasExtra ? JSON.stringify(record.extra) : null,
  }
}

async function guard<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action()
  } catch (cause) {
    const message = `${path} cannot be written (${fileErrorText(cause)}); a file in a folder with room and permission is needed. Name another.`
    throw dataError(message, cause)
  }
}
