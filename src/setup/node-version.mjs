// The oldest Node that Valley runs on: Node 20 is what the libraries are tested with, 20.18 the first with all we use.
import { SetupError } from './say.mjs'

const OLDEST_MAJOR = 20
const OLDEST_MINOR = 18

/**
 * @param {string} version e.g. `20.20.2`, default this Node's own
 * @throws SetupError for an older one
 */
export function ensureNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return
  throw new SetupError(
    `TOOL_MISSING: this is Node ${version}; Valley needs ${OLDEST_MAJOR}.${OLDEST_MINOR} or later. Install Node 20 or 22 from https://nodejs.org or your distribution, then run this again.`,
  )
}
