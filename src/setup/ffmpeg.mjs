// ffmpeg and ffprobe come from the system: a distribution keeps them patched, which matters for hostile clips.
import { canInstall, installFromDistribution } from './apt.mjs'
import { runTool } from './run-tool.mjs'
import { SetupError } from './say.mjs'
import { isSystemError } from './system-error.mjs'

/**
 * The oldest version that Valley is tested with (Debian 12's).
 * @type {[major: number, minor: number]}
 */
const OLDEST_FFMPEG = [5, 1]
const PROGRAMS = { ffmpeg: 'FFMPEG_PATH', ffprobe: 'FFPROBE_PATH' }

/**
 * Reads the version out of the first line of `ffmpeg -version`.
 * @param {string} output e.g. `ffmpeg version 5.1.9-0+deb12u1 Copyright …` or `ffmpeg version n7.1 …`
 * @returns {[number, number] | null} major and minor; null for a build from a development tree, which has no number
 */
export function parseVersion(output) {
  const match = /version n?(\d+)\.(\d+)/.exec(output)
  return match === null ? null : [Number(match[1]), Number(match[2])]
}

/**
 * Tells whether a version is new enough; a build without a number counts as new.
 * @param {[number, number] | null} version
 */
export function isSupported(version) {
  if (version === null) return true
  const [major, minor] = version
  return major > OLDEST_FFMPEG[0] || (major === OLDEST_FFMPEG[0] && minor >= OLDEST_FFMPEG[1])
}

/**
 * Sees to it that ffmpeg and ffprobe are there; installs Debian's where this runs as root on Debian or Ubuntu.
 * @throws SetupError that says what to install where that is not possible or not enough
 */
export async function ensureFfmpeg() {
  const problem = await findFfmpegProblem()
  if (problem === null) return
  if (!canInstall()) {
    throw new SetupError(
      `TOOL_MISSING: ${problem}; ${OLDEST_FFMPEG.join('.')} or later of ffmpeg and ffprobe is needed. ${remedy()}`,
    )
  }
  const failed = 'Install ffmpeg 5.1 or later by hand, then run this again.'
  await installFromDistribution('ffmpeg', failed)
  const remaining = await findFfmpegProblem()
  if (remaining !== null) {
    throw new SetupError(
      `TOOL_MISSING: ${remaining} even after apt-get install; ${OLDEST_FFMPEG.join('.')} or later is needed. ${failed}`,
    )
  }
}

/** What is wrong with the installed programs, in words; null when both are there and new enough. */
export async function findFfmpegProblem() {
  for (const [program, variable] of Object.entries(PROGRAMS)) {
    const command = process.env[variable] || program
    const { output } = await runTool(command, ['-version']).catch((error) => {
      if (isSystemError(error, 'ENOENT', 'EACCES')) return { output: null }
      throw error
    })
    if (output === null) return `${command} was not found`
    const version = parseVersion(output)
    if (version !== null && !isSupported(version)) return `${command} is version ${version.join('.')}`
  }
  return null
}

function remedy() {
  /** @type {Partial<Record<NodeJS.Platform, string>>} */
  const ways = {
    linux: 'On Debian or Ubuntu: sudo apt-get install ffmpeg; elsewhere use your distribution’s package',
    darwin: 'With Homebrew: brew install ffmpeg',
    win32: 'With winget: winget install ffmpeg',
  }
  return `${ways[process.platform] ?? 'Install it from your system’s packages'}, then run this again.`
}
