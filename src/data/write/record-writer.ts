// What takes records, whatever form it writes them in.
import type { DataRecord } from '../record.ts'

/** Takes records one after another. Either finish() or abandon() ends it. */
export interface RecordWriter {
  write(record: DataRecord): Promise<void>
  /** Makes the file whole and gives it its name. */
  finish(): Promise<void>
  /** Removes what was written so far. */
  abandon(): Promise<void>
}
