// Folders that only this program can see into, each removed when its work is done, or at the latest when the program ends.
// Their names tell whose they are, so that the next start can remove those of a process that was killed.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { THIS_HOST } from '../process-end.ts'

/** A folder of its own for one piece of work. */
export interface PrivateFolder {
  /** Absolute path; mode 0700, nobody else's files in it. */
  readonly path: string
  /** Deletes the folder with all that is in it. May be called more than once. */
  remove(): Promise<void>
}

/** Whose a private folder is. */
export interface FolderOwner {
  readonly host: string
  readonly processId: number
}

/** Six characters are mkdtemp's. */
const NAME = /^valley-[a-z]+-(\w+)-(\d+)-\w{6}$/

/** Reads whose a folder is from its name. @returns null for one that createPrivateFolder did not make */
export function ownerOfFolder(name: string): FolderOwner | null {
  const [, host, processId] = NAME.exec(name) ?? []
  return host === undefined ? null : { host, processId: Number(processId) }
}

/** True for a folder that this process made and has not removed. */
export function isStanding(path: string): boolean {
  return standingFolders.has(path)
}

/** Folders that still stand; deleted when the program leaves through process.exit in the middle of work. */
const standingFolders = new Set<string>()

/**
 * Makes a new folder.
 * @param purpose one word for its name, e.g. `clip`
 * @param temporaryFolder where to make it; default the system's
 */
export async function createPrivateFolder(purpose: string, temporaryFolder: string = tmpdir()): Promise<PrivateFolder> {
  // mkdtemp gives mode 0700 whatever the umask.
  const path = await mkdtemp(join(temporaryFolder, `valley-${purpose}-${THIS_HOST}-${process.pid}-`))
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
