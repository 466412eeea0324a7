// Folders that a process left behind because it was killed and could not remove them itself: each holds somebody's clip.
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasEnded, THIS_HOST } from '../process-end.ts'
import { isStanding, ownerOfFolder } from './private-folder.ts'

/**
 * Removes private folders of processes that have ended. Those of running ones, and of other machines that share the
 * temporary folder, stay; so does what may not be deleted.
 * @param temporaryFolder where to look; default the system's
 * @returns how many were removed
 */
export async function removeStaleFolders(temporaryFolder: string = tmpdir()): Promise<number> {
  const names = await readdir(temporaryFolder).catch(() => [])
  const stale = names.filter((name) => {
    const owner = ownerOfFolder(name)
    if (owner === null || owner.host !== THIS_HOST) return false
    // After a restart in a container, the process before may have had our number.
    if (owner.processId === process.pid) return !isStanding(join(temporaryFolder, name))
    return hasEnded(owner.processId)
  })
  const removals = stale.map((name) => rm(join(temporaryFolder, name), { recursive: true, force: true }))
  const settled = await Promise.allSettled(removals)
  return settled.filter(({ status }) => status === 'fulfilled').length
}
