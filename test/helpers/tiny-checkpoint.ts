// Copies of a tiny checkpoint with one thing changed, for tests of what is refused.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReferenceTensor } from './reference-tensors.ts'
import { tinyWeights } from './reference-tensors.ts'
import { writeSafetensors } from './safetensors-file.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { type TinyVariant, tinyCheckpoint } from './tiny-package.ts'

/** Copies a tiny checkpoint into a temporary folder of the running test. */
export function copyTinyCheckpoint(variant: TinyVariant): string {
  const directory = join(temporaryFolder(), 'checkpoint')
  cpSync(tinyCheckpoint(variant), directory, { recursive: true })
  return directory
}

/** Changes one JSON file of a copy. `change` gets the parsed file and alters it in place. */
export function changeJson(directory: string, file: string, change: (json: Record<string, unknown>) => void): void {
  const path = join(directory, file)
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(json)
  writeFileSync(path, JSON.stringify(json))
}

/** Writes the weights of a copy anew. `change` gets them by name and alters the record in place. */
export function changeWeights(
  directory: string,
  variant: TinyVariant,
  change: (tensors: Record<string, ReferenceTensor>) => void,
): void {
  const tensors = tinyWeights(variant)
  change(tensors)
  rmSync(join(directory, 'model.safetensors'))
  writeSafetensors(join(directory, 'model.safetensors'), tensors)
}

/** Splits the weights of a copy into two shards with an index. */
export function shardTinyCheckpoint(directory: string, variant: TinyVariant): void {
  const tensors = Object.entries(tinyWeights(variant))
  const middle = Math.floor(tensors.length / 2)
  const shards = { 'model-1.safetensors': tensors.slice(0, middle), 'model-2.safetensors': tensors.slice(middle) }
  const weightMap: Record<string, string> = {}
  for (const [file, entries] of Object.entries(shards)) {
    writeSafetensors(join(directory, file), Object.fromEntries(entries))
    for (const [name] of entries) weightMap[name] = file
  }
  writeFileSync(join(directory, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }))
  rmSync(join(directory, 'model.safetensors'))
}
