// What takes records, whatever form it writes them in.
import type { DataRecord } from '../record.ts'
import type { Unfinished } from './end-whole.ts'

/** Takes records one after another; endWhole() ends it. */
export interface RecordWriter extends Unfinished {
  write(record: DataRecord): Promise<void>
}
