// A database in a folder of the running test's own, closed when the test ends.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Database, type DatabaseOptions } from '../../../src/storage/database.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** Opens a new file, or the one named. */
export async function openTestDatabase(options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const database = await Database.open({ file: join(temporaryFolder(), 'data', 'valley.db'), ...options })
  onTestFinished(() => database.close())
  return database
}
