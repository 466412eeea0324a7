// A checkpoint that came from the hub: the hub knows better than its files what it is called, which commit it is and which
// licence it has.
import { readCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { packageName } from './model-card.ts'

/** Where a checkpoint came from. */
export interface CheckpointOrigin {
  /** `owner/name` */
  readonly repository: string
  /** The commit. */
  readonly revision: string
  /** Null where the hub states none; then the checkpoint's own words count. */
  readonly licence: string | null
}

/** Name of the package that a repository becomes. */
export function packageNameOf(repository: string): string {
  return packageName('.', repository)
}

/**
 * Opens a checkpoint under the name of its repository.
 * @throws as readCheckpoint
 */
export async function readPulledCheckpoint(
  directory: string,
  { repository, revision, licence }: CheckpointOrigin,
): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(directory)
  const { facts } = checkpoint
  const source = { repository, revision }
  return {
    ...checkpoint,
    facts: { ...facts, name: packageNameOf(repository), source, licence: licence ?? facts.licence },
  }
}
