// Reads a checkpoint in Hugging Face layout into a neutral description, by the reader of its family. Weights stay on the
// disk; what comes back knows where they lie. models/README.md describes the format.
import { AppError } from '../errors.ts'
import { readJson } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { FAMILIES } from './families.ts'
import { readFamily } from './read-family.ts'
import { readValley, VALLEY_ARCHITECTURE } from './read-valley.ts'

type Reader = (directory: string) => Promise<Checkpoint>

/**
 * Opens a checkpoint folder and checks everything but the weights' values.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model, CHECKPOINT_INVALID for a broken one
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  return (await findReader(directory))(directory)
}

/**
 * Looks at config.json alone: worth asking before gigabytes of weights are fetched.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model, CHECKPOINT_INVALID when config.json cannot be read
 */
export async function requireSupportedArchitecture(directory: string): Promise<void> {
  await findReader(directory)
}

async function findReader(directory: string): Promise<Reader> {
  const config = await readJson(directory, 'config.json')
  // By architecture: unlike networks share a model_type (Valley of 2023 and Valley-Eagle are both "valley").
  const stated = (config as { architectures?: unknown } | null)?.architectures
  const architectures: unknown[] = Array.isArray(stated) ? stated : []
  if (architectures.includes(VALLEY_ARCHITECTURE)) return (folder) => readValley(folder, config)
  const family = FAMILIES.find((one) => one.architectures.some((name) => architectures.includes(name)))
  if (family !== undefined) return (folder) => readFamily(folder, config, family)
  const supported = [VALLEY_ARCHITECTURE, ...FAMILIES.flatMap((one) => one.architectures)]
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} has the architectures ${JSON.stringify(stated ?? null)}; this builder takes ${supported.join(', ')}. Choose such a checkpoint.`,
    { details: { directory } },
  )
}
