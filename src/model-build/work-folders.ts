// The hidden folders that a run works in, beside the package that it makes. Their names tell whose they are, so that a later
// run knows those of one that was killed: nobody else would remove the gigabytes in them.
import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasEnded, THIS_HOST } from '../process-end.ts'

/** What such a folder holds: the new package as it grows, or the old one while the new one takes its place. */
export type WorkPurpose = 'building' | 'replaced'

/** The folders of one run; none is made yet. */
export interface WorkFolders extends Readonly<Record<WorkPurpose, string>> {
  /** Says that the run has ended, whatever it left. */
  release(): void
}

/** What follows the name of the package. */
const ENDING = /^(building|replaced)-(\w*)-(\d+)-[0-9a-f]{12}$/
/** Whether a process of another machine runs cannot be asked, but a build writes more often than this. */
const OTHERS_STALE_MS = 24 * 60 * 60 * 1000

/** Folders of runs of this process. */
const inUse = new Set<string>()

/**
 * Names the folders of a new run. They stand beside the goal, so that a move stays within one file system; the dot hides them
 * from the list of packages.
 * @param goal absolute path of the package
 */
export function nameWorkFolders(goal: string): WorkFolders {
  const owner = `${THIS_HOST}-${process.pid}-${randomBytes(6).toString('hex')}`
  const [building, replaced] = (['building', 'replaced'] as const).map((purpose) =>
    join(dirname(goal), `.${basename(goal)}.${purpose}-${owner}`),
  ) as [string, string]
  inUse.add(building).add(replaced)
  return {
    building,
    replaced,
    release: () => {
      inUse.delete(building)
      inUse.delete(replaced)
    },
  }
}

/**
 * Finds the folders that runs left because they were killed.
 * @param goal absolute path of the package that they were to make
 * @param now milliseconds since 1970; tells the age of what other machines left that share the folder
 */
export async function findAbandoned(goal: string, purpose: WorkPurpose, now: number): Promise<string[]> {
  const prefix = `.${basename(goal)}.`
  const abandoned: string[] = []
  for (const name of await readdir(dirname(goal)).catch(() => [])) {
    const [, found, host, processId] = (name.startsWith(prefix) && ENDING.exec(name.slice(prefix.length))) || []
    if (found !== purpose) continue
    const path = join(dirname(goal), name)
    if (await isAbandoned(path, host!, Number(processId), now)) abandoned.push(path)
  }
  return abandoned
}

async function isAbandoned(path: string, host: string, processId: number, now: number): Promise<boolean> {
  if (host !== THIS_HOST) return now - (await lastChange(path)) > OTHERS_STALE_MS
  // After a restart in a container, the process before may have had our number.
  return processId === process.pid ? !inUse.has(path) : hasEnded(processId)
}

/** Of a folder or what lies in it. A move counts as a change of the folder. */
async function lastChange(folder: string): Promise<number> {
  const paths = [folder, ...(await readdir(folder).catch(() => [])).map((name) => join(folder, name))]
  // What another run removed meanwhile says that somebody is at work.
  const times = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ ctimeMs }) => ctimeMs,
        () => Infinity,
      ),
    ),
  )
  return Math.max(...times)
}
