// Tiny checkpoints in the layout of transformers.js: the settings of test/fixtures/families with graphs that PyTorch
// exported from transformers; see training/valley_training/fixtures/transformers_js.py.
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { familyCheckpoint } from './family-checkpoint.ts'

/** Families with committed graphs. */
export const IMPORTED_FAMILIES = ['smolvlm', 'llava-interleave'] as const

/** Makes the folder of one as it would be published: no weights but those of the graphs. */
export function makeTransformersJsCheckpoint(family: (typeof IMPORTED_FAMILIES)[number], target: string): string {
  const settings = familyCheckpoint(family)
  for (const file of readdirSync(settings).filter((name) => !/^(?:model|reference)\./.test(name))) {
    cpSync(join(settings, file), join(target, file))
  }
  const graphs = fileURLToPath(new URL(`../fixtures/transformers-js/${family}/onnx`, import.meta.url))
  cpSync(graphs, join(target, 'onnx'), { recursive: true })
  return target
}
