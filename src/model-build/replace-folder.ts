// Makes a package folder whole or not at all: work goes into a temporary sibling, which takes the folder's place at the end.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError, fullDiskCode } from '../errors.ts'
import { MANIFEST_FILE } from '../model-package/open-package.ts'

/**
 * Fills a new folder and moves it to `target`. When `fill` fails, everything is as before.
 * @param target does not exist, is empty, or holds a manifest.json: a package, which is replaced
 * @param owned names that belong to the package and go with the old one; whatever else lay there is kept
 * @param fill writes into the folder that it is given
 * @throws AppError CONFIG_INVALID when `target` is a file or holds something else; DISK_FULL when what is written finds no
 *   room; what else `fill` throws
 */
export async function replaceFolder<T>(
  target: string,
  owned: readonly string[],
  fill: (directory: string) => Promise<T>,
): Promise<T> {
  const goal = resolve(target)
  const kept = (await replaceableEntries(goal)).filter((name) => !owned.includes(name))
  const parent = dirname(goal)
  await mkdir(parent, { recursive: true })
  // Beside the goal, so that the move stays within one file system; the dot hides it from the list of packages.
  const suffix = randomBytes(6).toString('hex')
  const building = join(parent, `.${basename(goal)}.building-${suffix}`)
  const replaced = join(parent, `.${basename(goal)}.replaced-${suffix}`)
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
    for (const name of kept) await rename(join(replaced, name), join(goal, name))
    // Last, and only when everything else went well: the old package is all that there is to fall back on.
    await rm(replaced, { recursive: true, force: true })
    return result
  } catch (error) {
    throw writeFailure(error, goal)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
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

/** What lies in the goal now; empty when it does not exist. */
async function replaceableEntries(goal: string): Promise<string[]> {
  const entries: string[] = await readdir(goal).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw notReplaceable(goal, error.code === 'ENOTDIR' ? 'is a file' : `cannot be read (${error.code})`)
  })
  if (entries.length > 0 && !entries.includes(MANIFEST_FILE)) {
    throw notReplaceable(goal, `holds ${entries.length} file(s) and no ${MANIFEST_FILE}`)
  }
  return entries
}

function notReplaceable(goal: string, seen: string): AppError {
  return new AppError(
    'CONFIG_INVALID',
    `The output folder ${goal} ${seen}; a new folder, an empty one or a model package is allowed. Name another folder.`,
    { details: { directory: goal } },
  )
}
