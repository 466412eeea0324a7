// Makes a package folder whole or not at all: work goes into a hidden sibling, which takes the folder's place at the end.
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError, fullDiskCode } from '../errors.ts'
import { MANIFEST_FILE } from '../model-package/open-package.ts'
import { PACKAGE_FILES } from './package-files.ts'
import { findAbandoned, nameWorkFolders } from './work-folders.ts'

/**
 * Fills a new folder and moves it to `target`. When `fill` fails, everything is as before; what killed runs left is mended
 * first. Files in the old package that are no part of one are kept.
 * @param target does not exist, is empty, or holds a manifest.json: a package, which is replaced
 * @param fill writes into the folder that it is given
 * @throws AppError CONFIG_INVALID when `target` is a file or holds something else; DISK_FULL when what is written finds no
 *   room; what else `fill` throws
 */
export async function replaceFolder<T>(target: string, fill: (directory: string) => Promise<T>): Promise<T> {
  const goal = resolve(target)
  await mendFolder(goal)
  await requireReplaceable(goal)
  await mkdir(dirname(goal), { recursive: true })
  const { building, replaced, release } = nameWorkFolders(goal)
  try {
    await mkdir(building)
    const result = await fill(building)
    const hadOld = await rename(goal, replaced).then(
      () => true,
      () => false,
    )
    await rename(building, goal).catch(async (error: unknown) => {
      if (hadOld) await rename(replaced, goal)
      throw error
    })
    if (hadOld) await bringHome(replaced, goal)
    return result
  } catch (error) {
    throw writeFailure(error, goal)
  } finally {
    await rm(building, { recursive: true, force: true })
    release()
  }
}

/**
 * Mends what runs left that were killed while they made this package: half a package goes, an old one whose place was still
 * empty comes back, and from one that was replaced people's files come home. What running processes work in stays, and so
 * does what this one may not move.
 * @param now milliseconds since 1970
 */
export async function mendFolder(target: string, now = Date.now()): Promise<void> {
  const goal = resolve(target)
  for (const building of await findAbandoned(goal, 'building', now)) {
    await rm(building, { recursive: true, force: true }).catch(leaveAlone)
  }
  for (const replaced of await findAbandoned(goal, 'replaced', now)) {
    await giveBack(replaced, goal).catch(leaveAlone)
  }
}

async function giveBack(replaced: string, goal: string): Promise<void> {
  if (await holdsPackage(goal)) return bringHome(replaced, goal)
  if (await holdsPackage(replaced)) return rename(replaced, goal)
  // The place was taken by an empty folder, or this is what was left alone before.
  return rmdir(replaced)
}

async function holdsPackage(directory: string): Promise<boolean> {
  const entries: string[] = await readdir(directory).catch(() => [])
  return entries.includes(MANIFEST_FILE)
}

/** What people have put in the way, or have in both packages by now, is theirs to choose; some things are not ours to move. */
function leaveAlone(error: NodeJS.ErrnoException): void {
  if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error
}

/** Moves people's files from the old package to the new one and removes the old one. */
async function bringHome(replaced: string, goal: string): Promise<void> {
  const there = new Set(await readdir(goal))
  for (const name of await readdir(replaced)) {
    if (!PACKAGE_FILES.includes(name) && !there.has(name)) await rename(join(replaced, name), join(goal, name))
  }
  // Last, and only when everything else went well: the old package is all that there is to fall back on.
  for (const name of PACKAGE_FILES) await rm(join(replaced, name), { recursive: true, force: true })
  await rmdir(replaced).catch(leaveAlone)
}

function writeFailure(error: unknown, goal: string): unknown {
  const code = fullDiskCode(error)
  if (code === null) return error
  return new AppError(
    'DISK_FULL',
    `The package ${goal} cannot be written further (${code}); there must be room for the whole of it. What was there before is as it was: make room, or name a folder on another disk, and run it again.`,
    { details: { directory: goal, reason: code }, cause: error },
  )
}

async function requireReplaceable(goal: string): Promise<void> {
  const entries: string[] = await readdir(goal).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw notReplaceable(goal, error.code === 'ENOTDIR' ? 'is a file' : `cannot be read (${error.code})`)
  })
  if (entries.length > 0 && !entries.includes(MANIFEST_FILE)) {
    throw notReplaceable(goal, `holds ${entries.length} file(s) and no ${MANIFEST_FILE}`)
  }
}

function notReplaceable(goal: string, seen: string): AppError {
  return new AppError(
    'CONFIG_INVALID',
    `The output folder ${goal} ${seen}; a new folder, an empty one or a model package is allowed. Name another folder.`,
    { details: { directory: goal } },
  )
}
