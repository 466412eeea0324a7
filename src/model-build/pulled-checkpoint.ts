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
 * @param baseDirectory the model that the checkpoint is a delta of; none for a whole one
 * @param towerDirectory the vision tower that the checkpoint was published without
 * @throws as readCheckpoint
 */
export async function readPulledCheckpoint(
  directory: string,
  origin: CheckpointOrigin,
  baseDirectory?: string,
  towerDirectory?: string,
): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(directory, baseDirectory, towerDirectory)
  return { ...checkpoint, facts: { ...checkpoint.facts, ...originFacts(origin, checkpoint.facts.licence) } }
}

/** What a manifest says of where a model came from. @param ownLicence what the checkpoint's own files say */
export function originFacts(
  { repository, revision, licence }: CheckpointOrigin,
  ownLicence: string,
): Pick<Checkpoint['facts'], 'name' | 'source' | 'licence'> {
  return { name: packageNameOf(repository), source: { repository, revision }, licence: licence ?? ownLicence }
}
