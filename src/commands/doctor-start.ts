// What `valley doctor` looks at for `npm start`: platforms and the data directory. `valley ask` needs none of it.
import { statSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import { findMissingSecrets } from '../config/platform-secrets.ts'
import { problemText } from '../config/problem.ts'
import { AppError } from '../errors.ts'
import { DATABASE_FILE, inspectStorage } from '../storage/storage.ts'
import type { Finding } from './doctor-checks.ts'
import { byteText } from './number-text.ts'

/** Below this the database may run into the end of the disk soon. */
const SMALL_DISK_BYTES = 100 * 1024 * 1024
const FOR_OTHERS_MODE = 0o077

/** Which platforms are switched on, and whether each has its secrets. */
export function checkPlatforms(config: Config): Finding[] {
  return (['discord', 'slack'] as const).map((platform): Finding => {
    const matter = `platform ${platform}`
    if (!config[platform].enabled) return { state: 'off', matter, seen: 'is switched off', needed: false }
    const missing = findMissingSecrets(config, config.secrets).filter(({ key }) =>
      key.startsWith(platform.toUpperCase()),
    )
    const [first] = missing
    if (first === undefined) return { state: 'ok', matter, seen: 'is on, its secrets are set', needed: false }
    const seen = `is on, but ${missing.map(({ key }) => key).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
    return { state: 'problem', matter, seen, remedy: missing.map(problemText).join('; '), needed: false }
  })
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
