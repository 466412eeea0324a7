// Which records people rate, and in which order: as many generated as human-written ones, mixed, and under names that tell
// nothing of where they come from.
import { createHash } from 'node:crypto'
import { StreamSample } from '../quality/record-sample.ts'
import type { DataRecord } from '../record.ts'

/** Who wrote a record. */
export type Origin = 'generated' | 'human'

/** A record to be rated. */
export interface RatingItem {
  /** Tells nothing of its origin. */
  readonly id: string
  readonly origin: Origin
  readonly record: DataRecord
}

/** Records of one origin. */
export interface RatedSource {
  readonly origin: Origin
  readonly records: AsyncIterable<DataRecord>
}

const ID_DIGITS = 10

/**
 * Draws items: as many of each origin, fewer where there are not as many.
 * @param count of all origins together
 */
export async function chooseItems(sources: readonly RatedSource[], count: number, seed: number): Promise<RatingItem[]> {
  const ofEach = Math.floor(count / Math.max(1, sources.length))
  const items: RatingItem[] = []
  for (const { origin, records } of sources) {
    const sample = new StreamSample<DataRecord>(ofEach, seed)
    for await (const record of records) sample.offer(record)
    items.push(...sample.items().map((record) => ({ id: idOf(record, origin, seed), origin, record })))
  }
  // Of hashes nobody can tell what they are of, so their order tells nothing, either.
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Name of the page: the same items have the same. */
export function pageIdOf(items: readonly Pick<RatingItem, 'id'>[]): string {
  return createHash('sha256')
    .update(items.map(({ id }) => id).join())
    .digest('hex')
    .slice(0, ID_DIGITS)
}

function idOf({ id, clip, turns }: DataRecord, origin: Origin, seed: number): string {
  const all = JSON.stringify([seed, origin, id, clip, turns])
  return createHash('sha256').update(all).digest('hex').slice(0, ID_DIGITS)
}
