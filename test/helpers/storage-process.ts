// A process of its own that uses a storage file, for tests of what happens between processes and when one is killed.
// Arguments: file, task, name. Prints one line for each thing that was acknowledged.
import { Database } from '../../src/storage/database.ts'
import { DedupeStore } from '../../src/storage/dedupe-store.ts'
import { SqliteKeyvStore } from '../../src/storage/sqlite-keyv-store.ts'

const [file, task, name] = process.argv.slice(2)
const database = await Database.open({ file: file! })

/** Written at once: a line that was printed was acknowledged before. */
function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

if (task === 'claim') {
  const events = new DedupeStore(database)
  for (let number = 0; number < 100; number += 1) {
    if (await events.claim(`event:${number}`)) print(`${number}`)
  }
} else {
  const store = new SqliteKeyvStore(database)
  store.namespace = 'test'
  const count = task === 'write-on' ? Number.MAX_SAFE_INTEGER : 100
  for (let number = 0; number < count; number += 1) {
    // The common entry is overwritten each time, so a torn value would show.
    await store.set('test:common', `${name} ${number} `.repeat(500))
    await store.set(`test:${name}:${number}`, `${number}`)
    print(`${number}`)
  }
}
database.close()
