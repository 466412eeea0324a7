// Folders that only this program can see into, each removed when its work is done, or at the latest when the program ends.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own for one piece of work. */
export interface PrivateFolder {
  /** Absolute path; mode 0700, nobody else's files in it. */
  readonly path: string
  /** Deletes the folder with all that is in it. May be called more than once. */
  remove(): Promise<void>
}

/** Folders that still stand; deleted when the program leaves through process.exit in the middle of work. */
const standingFolders = new Set<string>()

/**
 * Makes a new folder.
 * @param prefix begins its name, e.g. `valley-clip-`
 * @param temporaryFolder where to make it; default the system's
 */
export async function createPrivateFolder(prefix: string, temporaryFolder: string = tmpdir()): Promise<PrivateFolder> {
  // mkdtemp gives mode 0700 whatever the umask.
  const path = await mkdtemp(join(temporaryFolder, prefix))
  if (standingFolders.size === 0) process.once('exit', removeStandingFolders)
  standingFolders.add(path)
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true })
      standingFolders.delete(path)
      if (standingFolders.size === 0) process.off('exit', removeStandingFolders)
    },
  }
}

function removeStandingFolders(): void {
  for (const folder of standingFolders) rmSync(folder, { recursive: true, force: true })
}
