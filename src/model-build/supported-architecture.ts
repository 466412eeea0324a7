// Whether a checkpoint is of a kind that can be built, told by config.json alone: worth asking before gigabytes of weights
// are fetched.
import { AppError } from '../errors.ts'
import { readJson } from './checkpoint-config.ts'
import { FAMILIES } from './families.ts'
import { VALLEY_ARCHITECTURE } from './read-valley.ts'

/** Names in config.json's `architectures` that the builder takes. */
export const SUPPORTED_ARCHITECTURES: readonly string[] = [
  VALLEY_ARCHITECTURE,
  ...FAMILIES.flatMap(({ architectures }) => architectures),
]

/**
 * Looks at config.json.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model, CHECKPOINT_INVALID when config.json cannot be read
 */
export async function requireSupportedArchitecture(directory: string): Promise<void> {
  const config = await readJson(directory, 'config.json')
  const stated = (config as { architectures?: unknown } | null)?.architectures
  if (Array.isArray(stated) && stated.some((name) => SUPPORTED_ARCHITECTURES.includes(name))) return
  throw unsupportedArchitecture(directory, stated)
}

/** CHECKPOINT_UNSUPPORTED that names what the checkpoint is. */
export function unsupportedArchitecture(directory: string, stated: unknown): AppError {
  return new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} has the architectures ${JSON.stringify(stated ?? null)}; this builder takes ${SUPPORTED_ARCHITECTURES.join(', ')}. Choose such a checkpoint.`,
    { details: { directory } },
  )
}
