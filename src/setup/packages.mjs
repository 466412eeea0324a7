// node_modules as package-lock.json says.
import { readFileSync } from 'node:fs'
import { projectPath } from './paths.mjs'
import { runToolOrFail } from './run-tool.mjs'
import { step } from './say.mjs'
import { isSystemError } from './system-error.mjs'

/** npm writes this when an installation is complete: what really lies in node_modules. */
const INSTALLED_LOCKFILE = 'node_modules/.package-lock.json'

/** @typedef {{ packages: Record<string, { version?: string, optional?: boolean }> }} Lockfile */

/**
 * Tells whether every package of the lockfile is installed in its version. Optional ones may be absent (they belong to
 * other platforms), but not differ.
 * @param {Lockfile} wanted parsed package-lock.json
 * @param {Lockfile | null} installed parsed node_modules/.package-lock.json, null when there is none
 */
export function isInstallationCurrent(wanted, installed) {
  if (installed === null) return false
  for (const [path, { version, optional }] of Object.entries(wanted.packages)) {
    if (path === '') continue
    const there = installed.packages[path]
    if (there === undefined ? !optional : there.version !== version) return false
  }
  return true
}

/** Tells whether node_modules is what the lockfile says. */
export function packagesAreCurrent() {
  return isInstallationCurrent(readJson('package-lock.json'), readJson(INSTALLED_LOCKFILE))
}

/**
 * Installs the packages where they are missing or are not those of the lockfile.
 * @throws SetupError when npm fails
 */
export async function ensurePackages() {
  if (packagesAreCurrent()) return
  // --include=dev: with NODE_ENV=production npm would leave out the compiler that the next step needs.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  await step('Installing packages (npm ci)', () =>
    runToolOrFail('npm', args, 'Check that the package registry can be reached, then run this again.'),
  )
}

/** @param {string} path from the repository's root; null when there is no such file */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(projectPath(path), 'utf8'))
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}
