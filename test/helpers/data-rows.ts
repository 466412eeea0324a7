// Files of data for tests, and what readers make of them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LayoutName } from '../../src/data/layouts/published.ts'
import { LeftOut, type Problem } from '../../src/data/left-out.ts'
import { readDataset } from '../../src/data/read-dataset.ts'
import type { DataRecord } from '../../src/data/record.ts'
import type { ClipRow } from '../../src/data/tables/clip-row.ts'
import { readClipTable } from '../../src/data/tables/open-table.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Writes a file of the running test. */
export function writeData(name: string, content: string | Uint8Array): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  return file
}

/** A right record in the form of LLaVA. */
export function llavaRecord(id: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const conversations = [
    { from: 'human', value: 'What flies?\n<video>' },
    { from: 'gpt', value: 'Two birds.' },
  ]
  return { id, video: 'birds.mp4', conversations, ...changes }
}

/** Everything that a reader gives, and what it left out. */
export interface ReadAll<Item> {
  readonly items: readonly Item[]
  readonly problems: readonly Problem[]
}

async function readAll<Item>(open: (leftOut: LeftOut) => AsyncIterable<Item>): Promise<ReadAll<Item>> {
  const problems: Problem[] = []
  const items: Item[] = []
  for await (const item of open(new LeftOut((problem) => problems.push(problem)))) items.push(item)
  return { items, problems }
}

/** Reads a whole dataset. */
export function readRecords(file: string, layout: LayoutName = 'llava', clipsFolder: string | null = null) {
  return readAll<DataRecord>((leftOut) => readDataset({ file, layout, clipsFolder }, leftOut))
}

/** Reads a whole table. */
export function readClips(path: string) {
  return readAll<ClipRow>((leftOut) => readClipTable(path, leftOut))
}
