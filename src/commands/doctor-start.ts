// What `valley doctor` looks at for `npm start`: platforms and the data directory. `valley ask` needs none of it.
import { statSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PLATFORM_CHECKS } from '../../adapters/checks.ts'
import type { Config } from '../config/config.ts'
import { SECRET_NAMES } from '../config/environment.ts'
import { findMissingSecrets, isVariableOf, PLATFORM_NAMES, type PlatformName } from '../config/platform-secrets.ts'
import { type Problem, problemText } from '../config/problem.ts'
import { AppError } from '../errors.ts'
import { DATABASE_FILE, inspectStorage } from '../storage/storage.ts'
import type { Finding } from './doctor-checks.ts'
import { byteText } from './number-text.ts'

/** Below this the database may run into the end of the disk soon. */
const SMALL_DISK_BYTES = 100 * 1024 * 1024
const FOR_OTHERS_MODE = 0o077

/** Which platforms are switched on, whether each has its secrets, and what each says to them. */
export async function checkPlatforms(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const asked = PLATFORM_NAMES.map((name) => checkPlatform(name, config, signal))
  const findings = (await Promise.all(asked)).flat()
  if (PLATFORM_NAMES.some((name) => config[name].enabled)) return findings
  const seen = 'none is configured, so "npm start" has nothing to connect to'
  const remedy = 'README.md shows how to run Valley on Discord or Slack; "valley chat" needs neither.'
  return [{ state: 'off', matter: 'platforms', seen, remedy, needed: false }, ...findings]
}

async function checkPlatform(platform: PlatformName, config: Config, signal: AbortSignal): Promise<Finding[]> {
  const about = { matter: `platform ${platform}`, needed: false }
  if (!config[platform].enabled) return [{ ...about, state: 'off', ...describeOff(platform, config) }]
  const missing = missingSecrets(platform, config)
  if (missing.length > 0) {
    const names = missing.map(({ key }) => key).join(', ')
    const seen = `is on, but ${names} ${missing.length === 1 ? 'is' : 'are'} missing`
    return [{ ...about, state: 'problem', seen, remedy: `${missing.map(problemText).join('; ')}.` }]
  }
  const answers = await PLATFORM_CHECKS[platform](config, signal)
  return [
    { ...about, state: 'ok', seen: 'is on, its secrets are set' },
    ...answers.map((answer) => ({ ...answer, needed: false })),
  ]
}

function describeOff(platform: PlatformName, config: Config): { readonly seen: string; readonly remedy?: string } {
  const isSet = SECRET_NAMES.some((name) => isVariableOf(platform, name) && config.secrets[name] !== null)
  if (isSet) return { seen: `is switched off by ${platform}.enabled` }
  const wanted = missingSecrets(platform, { ...config, [platform]: { ...config[platform], enabled: true } })
  return { seen: 'is not configured', remedy: `To use it, set ${wanted.map(({ key }) => key).join(' and ')}.` }
}

function missingSecrets(platform: PlatformName, config: Config): Problem[] {
  return findMissingSecrets(config, config.secrets).filter(({ key }) => isVariableOf(platform, key))
}

/** The data directory: whether it can be written to, has room, keeps others out, and holds a sound database. */
export async function checkDataDirectory({ dataDirectory }: Config): Promise<Finding> {
  const matter = 'data directory'
  const problem = (seen: string, remedy: string): Finding => ({ state: 'problem', matter, seen, remedy, needed: false })
  const place = nearestFolder(dataDirectory)
  try {
    await access(place, constants.W_OK)
  } catch {
    return problem(
      `${place} cannot be written to`,
      'Make it writable for the user who runs Valley, or set dataDirectory.',
    )
  }
  const { bavail, bsize } = await statfs(place)
  if (bavail * bsize < SMALL_DISK_BYTES) {
    return problem(`${byteText(bavail * bsize)} are free at ${place}`, 'Free space on that disk, or set dataDirectory.')
  }
  const file = join(dataDirectory, DATABASE_FILE)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return { state: 'ok', matter, seen: `${dataDirectory}, nothing kept yet`, needed: false }
  if (process.platform !== 'win32' && (found.mode & FOR_OTHERS_MODE) !== 0) {
    return problem(`${file} can be read by others, and may hold tokens`, `Close it to them: chmod 600 ${file}`)
  }
  try {
    const { threads, bytes } = await inspectStorage(dataDirectory)
    const seen = `${dataDirectory}, ${threads} ${threads === 1 ? 'thread' : 'threads'} in ${byteText(bytes)}, sound`
    return { state: 'ok', matter, seen, needed: false }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const end = error.message.indexOf('. ') + 1
    return problem(`${error.code}: ${error.message.slice(0, end)}`, error.message.slice(end).trim())
  }
}

/** The folder itself, or the innermost one around it that is there. */
function nearestFolder(folder: string): string {
  let place = folder
  while (statSync(place, { throwIfNoEntry: false }) === undefined && dirname(place) !== place) place = dirname(place)
  return place
}
