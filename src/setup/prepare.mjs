// Brings a fresh clone to the point where Valley runs. Plain JavaScript on Node's own modules: it runs before anything
// is installed. Quiet when there is nothing to do.
import { inspect } from 'node:util'
import { buildIsCurrent, ensureBuild } from './build.mjs'
import { ensureFfmpeg, findFfmpegProblem } from './ffmpeg.mjs'
import { withLock } from './lock.mjs'
import { ensureNodeVersion } from './node-version.mjs'
import { ensurePackages, packagesAreCurrent } from './packages.mjs'
import { PROJECT_ROOT, projectPath } from './paths.mjs'
import { ensureRedis, isRedisInstalled } from './redis.mjs'
import { SetupError, say } from './say.mjs'
import { isSystemError } from './system-error.mjs'

/**
 * Checks Node, installs packages, builds, and on demand sees to ffmpeg and Redis: only what is missing. Several processes
 * may call it at once; they wait for each other.
 * @param {{ ffmpeg?: boolean, redis?: boolean, build?: boolean }} wanted ffmpeg and redis default false, build default true
 * @throws SetupError with one line that says what to do
 */
export async function prepare({ ffmpeg = false, redis = false, build = true } = {}) {
  ensureNodeVersion()
  const hasPrograms = (!ffmpeg || (await findFfmpegProblem()) === null) && (!redis || (await isRedisInstalled()))
  if (packagesAreCurrent() && (!build || buildIsCurrent()) && hasPrograms) return
  await withLock(projectPath('.cache/setup.lock'), async () => {
    // The download of packages and that of programs do not wait for each other; apt does one thing at a time.
    const programs = async () => {
      if (ffmpeg) await ensureFfmpeg()
      if (redis) await ensureRedis()
    }
    const steps = await Promise.allSettled([ensurePackages(), programs()])
    for (const step of steps) if (step.status === 'rejected') throw step.reason
    if (build) await ensureBuild()
  })
}

/**
 * Like prepare, for scripts: a failure prints its line and ends the process with status 1.
 * @param {{ ffmpeg?: boolean, redis?: boolean, build?: boolean }} [wanted] as prepare takes it
 */
export async function prepareOrExit(wanted) {
  try {
    await prepare(wanted)
  } catch (error) {
    say(describe(error))
    process.exit(1)
  }
}

/** @param {unknown} error */
function describe(error) {
  if (error instanceof SetupError) return error.message
  if (isSystemError(error)) {
    return `Setup stopped: ${error.message}. Check that ${PROJECT_ROOT} can be written to and has room, then run this again.`
  }
  return inspect(error)
}
