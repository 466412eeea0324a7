// A dataset in three: each clip is in one of them with everything that is said about it, so that nothing is tested that was
// trained on. The clip's key decides, so a set that grows keeps each clip where it was.
import { join } from 'node:path'
import { drawnFrom, hashText } from '../phrases/text-hash.ts'
import type { DataRecord } from '../record.ts'
import { endWhole } from '../write/end-whole.ts'
import { openJsonFile } from '../write/json-file.ts'
import type { ClipKey } from './clip-key.ts'

/** The three parts. */
export const SPLITS = ['train', 'validation', 'test'] as const
/** Name of a part. */
export type Split = (typeof SPLITS)[number]

/** Shares of the clips; what they leave goes to `train`. */
export interface SplitShares {
  readonly validation: number
  readonly test: number
}

/** Which part a clip is in. */
export function splitOf(key: string, { validation, test }: SplitShares, seed: number): Split {
  const drawn = drawnFrom(seed, hashText(key), 0)
  if (drawn < test) return 'test'
  return drawn < test + validation ? 'validation' : 'train'
}

/**
 * Writes train.jsonl, validation.jsonl and test.jsonl into a folder.
 * @returns how many records each has
 */
export async function writeSplits(
  records: AsyncIterable<DataRecord>,
  { folder, shares, seed, keyOf }: { folder: string; shares: SplitShares; seed: number; keyOf: ClipKey },
): Promise<Record<Split, number>> {
  const counts = { train: 0, validation: 0, test: 0 }
  const writers = {
    train: await openJsonFile(join(folder, 'train.jsonl'), 'lines'),
    validation: await openJsonFile(join(folder, 'validation.jsonl'), 'lines'),
    test: await openJsonFile(join(folder, 'test.jsonl'), 'lines'),
  }
  await endWhole(Object.values(writers), async () => {
    for await (const record of records) {
      const split = splitOf(await keyOf(record), shares, seed)
      counts[split] += 1
      await writers[split].write(record)
    }
  })
  return counts
}
