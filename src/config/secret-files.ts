// Secrets in files of their own, as systemd's credentials, containers and secret stores hand them over: what the environment
// holds, every process of the same user can read.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'

/** Added to a secret's name: the variable that names its file. */
const FILE_ENDING = '_FILE'
/** Far above any token; a file of this size is something else. */
const MAX_SECRET_BYTES = 64 * 1024
/** What anybody but the owner may do with a file. */
const OTHERS_MODE = 0o077

/** A secret as it was found. */
export type FoundSecret =
  | { readonly value: string | undefined }
  /** What is wrong, with the variable that it is about. */
  | { readonly key: string; readonly problem: string }

/** Finds a secret: in its variable, or in the file that NAME_FILE names, less the line end after it. */
export function findSecret(name: string, environment: Readonly<Record<string, string | undefined>>): FoundSecret {
  const key = `${name}${FILE_ENDING}`
  const file = environment[key]
  if (file === undefined || file === '') return { value: environment[name] }
  if ((environment[name] ?? '') !== '') {
    return { key, problem: `${name} is set as well; set one of the two` }
  }
  try {
    return readSecretFile(key, file)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return { key, problem: `${JSON.stringify(file)} cannot be read (${code}); name a file that Valley may read` }
  }
}

/**
 * Takes secrets out of the environment once they are read, so that neither a crash report nor a program that is started
 * holds them.
 */
export function forgetSecrets(names: readonly string[], environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of names) delete environment[name]
}

function readSecretFile(key: string, file: string): FoundSecret {
  // One open file, so that what was checked is what is read.
  const descriptor = openSync(file, 'r')
  try {
    const { mode, size } = fstatSync(descriptor)
    const isTooOpen = process.platform !== 'win32' && (mode & OTHERS_MODE) !== 0
    if (isTooOpen) {
      const shown = (mode & 0o777).toString(8)
      return {
        key,
        problem: `${JSON.stringify(file)} has mode ${shown}; allowed is access for its owner alone; run: chmod 600 ${file}`,
      }
    }
    if (size > MAX_SECRET_BYTES) {
      return {
        key,
        problem: `${JSON.stringify(file)} has ${size} bytes; allowed are ${MAX_SECRET_BYTES}; name the file of the secret`,
      }
    }
    const value = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '')
    return value === '' ? { key, problem: `${JSON.stringify(file)} is empty; put the secret into it` } : { value }
  } finally {
    closeSync(descriptor)
  }
}
