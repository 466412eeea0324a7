// Records as JSON: one a line, or one list.
import { toJsonRecord } from '../record.ts'
import { OutputFile } from './output-file.ts'
import type { RecordWriter } from './record-writer.ts'

/** Opens a file of JSON. @param form `lines` for an object a line, `list` for one list with an item a line */
export async function openJsonFile(path: string, form: 'lines' | 'list'): Promise<RecordWriter> {
  const file = await OutputFile.open(path)
  const isList = form === 'list'
  let count = 0
  if (isList) await file.write('[')
  return {
    async write(record) {
      const before = isList ? (count === 0 ? '\n' : ',\n') : ''
      count += 1
      await file.write(`${before}${JSON.stringify(toJsonRecord(record))}${isList ? '' : '\n'}`)
    },
    async finish() {
      if (isList) await file.write(count === 0 ? ']\n' : '\n]\n')
      await file.finish()
    },
    abandon: () => file.abandon(),
  }
}
