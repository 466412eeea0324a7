// Clips that are in more than one of several sets: what is tested on must not have been trained on, under whatever name.
import { hashText } from '../phrases/text-hash.ts'
import type { DataRecord } from '../record.ts'
import type { ClipKey } from './clip-key.ts'

/** A set by its name, e.g. its file. */
export interface NamedSet {
  readonly name: string
  readonly records: AsyncIterable<DataRecord>
}

/** A record whose clip an earlier set has, too. */
export interface Leak {
  readonly id: string
  readonly clip: string
  readonly set: string
  readonly earlierSet: string
}

/** Reads sets one after another. Of each clip 53 bits of its key are kept. */
export async function* findLeaks(sets: readonly NamedSet[], keyOf: ClipKey): AsyncGenerator<Leak> {
  const setOf = new Map<number, number>()
  for (const [index, { name, records }] of sets.entries()) {
    for await (const record of records) {
      const key = hashText(await keyOf(record))
      const earlier = setOf.get(key)
      if (earlier === undefined) setOf.set(key, index)
      else if (earlier !== index) {
        const clip = record.clip?.files.join(', ') ?? 'words alone'
        yield { id: record.id, clip, set: name, earlierSet: sets[earlier]!.name }
      }
    }
  }
}
