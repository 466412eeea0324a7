// redis-server, which the tests of bots and engines start for themselves. Valley as one program needs none.
import { canInstall, installFromDistribution } from './apt.mjs'
import { runTool } from './run-tool.mjs'
import { SetupError } from './say.mjs'
import { isSystemError } from './system-error.mjs'

const REMEDY = 'Install redis-server 6.2 or later from your system’s packages, then run this again.'

/** Tells whether the program is there. */
export async function isRedisInstalled() {
  try {
    await runTool('redis-server', ['--version'])
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return false
    throw error
  }
}

/**
 * Sees to it that redis-server is there; installs Debian's where this runs as root on Debian or Ubuntu.
 * @throws SetupError that says what to install where that is not possible
 */
export async function ensureRedis() {
  if (await isRedisInstalled()) return
  if (!canInstall()) throw new SetupError(`TOOL_MISSING: redis-server was not found; the tests need it. ${REMEDY}`)
  await installFromDistribution('redis-server', REMEDY)
}
