// Programs from the distribution, where this runs as root on Debian or Ubuntu.
import { readFileSync } from 'node:fs'
import { runToolOrFail } from './run-tool.mjs'
import { step } from './say.mjs'
import { isSystemError } from './system-error.mjs'

/**
 * Tells from /etc/os-release whether apt is the way to install.
 * @param {string} osRelease the file's content
 */
export function isDebianLike(osRelease) {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease)
}

/** Tells whether packages of the distribution can be installed here. */
export function canInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    return isDebianLike(readFileSync('/etc/os-release', 'utf8'))
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}

/**
 * Installs a package of the distribution.
 * @param {string} name
 * @param {string} failed what to do where that does not work
 * @throws SetupError
 */
export async function installFromDistribution(name, failed) {
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=120']
  await step(`Installing ${name} from the distribution (apt-get)`, async () => {
    await runToolOrFail('apt-get', [...patient, 'update'], failed, quiet)
    await runToolOrFail('apt-get', [...patient, 'install', '-y', '--no-install-recommends', name], failed, quiet)
  })
}
