// Clips that are in more than one of several sets: what is tested on must not have been trained on, under whatever name.
import { HashCounts } from '../phrases/hash-counts.ts'
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
  /** Of each clip the first set that has it, counted from 1. */
  const setOf = new HashCounts()
  for (const [index, { name, records }] of sets.entries()) {
    for await (const record of records) {
      const key = hashText(await keyOf(record))
      const earlier = setOf.get(key)
      if (earlier === 0) setOf.replace(key, index + 1)
      else if (earlier !== index + 1) {
        const clip = record.clip?.files.join(', ') ?? 'words alone'
        yield { id: record.id, clip, set: name, earlierSet: sets[earlier - 1]!.name }
      }
    }
  }
}
