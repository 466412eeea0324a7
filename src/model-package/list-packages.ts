// All model packages under a folder; a broken one is reported beside the others, never thrown.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import type { ModelPackage } from './model-package.ts'
import { MANIFEST_FILE, readPackage } from './open-package.ts'

/** One folder that holds a manifest: the package, or what is wrong with it. */
export type ListedPackage =
  | { readonly ok: true; readonly directory: string; readonly modelPackage: ModelPackage }
  | { readonly ok: false; readonly directory: string; readonly error: AppError }

/**
 * Lists the packages that lie directly under a folder, by name. Manifest and sizes are checked, hashes are not.
 * @param directory usually `models`; one that does not exist holds no package
 */
export async function listPackages(directory: string): Promise<ListedPackage[]> {
  const root = resolve(directory)
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  const listed: ListedPackage[] = []
  for (const name of entries.map((entry) => entry.name).sort()) {
    // A name with a dot in front is a package that a running build has not finished.
    if (name.startsWith('.')) continue
    const folder = join(root, name)
    const files: string[] = await readdir(folder).catch(() => [])
    if (!files.includes(MANIFEST_FILE)) continue
    try {
      listed.push({ ok: true, directory: folder, modelPackage: await readPackage(folder) })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      listed.push({ ok: false, directory: folder, error })
    }
  }
  return listed
}
