// Reads a checkpoint in Hugging Face layout into a neutral description, by the reader of its family. Weights stay on the
// disk; what comes back knows where they lie. models/README.md describes the format.
import { AppError } from '../errors.ts'
import { readJson } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { FAMILIES } from './families.ts'
import { readFamily } from './read-family.ts'
import { readValley, VALLEY_ARCHITECTURE } from './read-valley.ts'

/**
 * Opens a checkpoint folder and checks everything but the weights' values.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model, CHECKPOINT_INVALID for a broken one
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const config = await readJson(directory, 'config.json')
  // By architecture: unlike networks share a model_type (Valley of 2023 and Valley-Eagle are both "valley").
  const stated = (config as { architectures?: unknown } | null)?.architectures
  const architectures: unknown[] = Array.isArray(stated) ? stated : []
  if (architectures.includes(VALLEY_ARCHITECTURE)) return readValley(directory, config)
  const family = FAMILIES.find((one) => one.architectures.some((name) => architectures.includes(name)))
  if (family !== undefined) return readFamily(directory, config, family)
  const supported = [VALLEY_ARCHITECTURE, ...FAMILIES.flatMap((one) => one.architectures)]
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} has the architectures ${JSON.stringify(stated ?? null)}; this builder takes ${supported.join(', ')}. Choose such a checkpoint.`,
    { details: { directory } },
  )
}
