// Opens a model package: reads its manifest, checks it by the schema, and checks the files that it lists.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import { isSafeFileName } from './file-name.ts'
import { MODEL_FAMILIES, type ModelManifest, manifestSchema } from './manifest.ts'
import type { ModelPackage } from './model-package.ts'
import { corrupt } from './package-error.ts'
import { verifyFiles } from './verify-files.ts'

/** Name of the file that makes a folder a model package. */
export const MANIFEST_FILE = 'manifest.json'
/** A manifest is a few KiB; anything larger is something else. */
const MAX_MANIFEST_BYTES = 1024 * 1024
/** Packages below this are hashed whenever they are opened (about 0.1 s per 100 MB); larger ones by `valley model verify`. */
export const HASH_AT_OPEN_BELOW_BYTES = 256 * 1024 * 1024

/**
 * Opens the package in a folder. Sizes are always checked, hashes too when the package is smaller than 256 MiB.
 * @throws AppError PACKAGE_MISSING when there is no manifest; PACKAGE_UNSUPPORTED for one of another version or family;
 *   PACKAGE_CORRUPT for a bad manifest or file, by name
 */
export async function openPackage(directory: string): Promise<ModelPackage> {
  const modelPackage = await readPackage(directory)
  if (totalBytes(modelPackage.manifest) < HASH_AT_OPEN_BELOW_BYTES) await verifyFiles(modelPackage)
  return modelPackage
}

/**
 * Opens the package in a folder without hashing anything: manifest and file sizes only.
 * @throws AppError as openPackage
 */
export async function readPackage(directory: string): Promise<ModelPackage> {
  const root = resolve(directory)
  const manifest = await readManifest(root)
  checkNames(root, manifest)
  for (const [file, { bytes }] of Object.entries(manifest.files)) await checkSize(root, file, bytes)
  return {
    directory: root,
    manifest,
    pathOf(file) {
      assert(Object.hasOwn(manifest.files, file), `${file} is not listed in the manifest of ${manifest.name}`)
      return join(root, file)
    },
  }
}

/** Bytes of all files that a manifest lists. */
export function totalBytes(manifest: ModelManifest): number {
  return Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0)
}

async function readManifest(directory: string): Promise<ModelManifest> {
  const path = join(directory, MANIFEST_FILE)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) throw await missing(directory)
  if (found.size > MAX_MANIFEST_BYTES) {
    throw corrupt(directory, MANIFEST_FILE, `has ${found.size} bytes; at most ${MAX_MANIFEST_BYTES} are allowed`)
  }
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw corrupt(directory, MANIFEST_FILE, 'is not JSON', cause)
  }
  checkKind(directory, json)
  const parsed = manifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
  const shown = problems.slice(0, 5).join('; ') + (problems.length > 5 ? `; and ${problems.length - 5} more` : '')
  throw corrupt(directory, MANIFEST_FILE, `does not follow format version 1 (${shown})`)
}

/** Refuses a package that is sound but made for another Valley, before its keys are held against this one's. */
function checkKind(directory: string, json: unknown): void {
  const kinds: Record<string, readonly unknown[]> = { formatVersion: [1], family: MODEL_FAMILIES }
  for (const [key, supported] of Object.entries(kinds)) {
    const seen = json !== null && typeof json === 'object' ? (json as Record<string, unknown>)[key] : undefined
    if (seen === undefined || supported.includes(seen)) continue
    throw new AppError(
      'PACKAGE_UNSUPPORTED',
      `The model package ${directory} has the ${key} ${JSON.stringify(seen)}; this version of Valley runs ` +
        `${supported.map((value) => JSON.stringify(value)).join(', ')}. Build the package again with this version, or update Valley.`,
      { details: { directory, key } },
    )
  }
}

/** Says where a package was looked for, what is there instead, and what to do. */
async function missing(directory: string): Promise<AppError> {
  const remedy =
    'Name a folder that `valley model list` shows, or make one with `valley model build <checkpoint> <out>`.'
  const entries = await readdir(directory).catch(() => null)
  if (entries !== null) {
    const seen = entries.length === 0 ? 'is empty' : `holds ${listed(entries)}, but no ${MANIFEST_FILE}`
    return missingError(directory, `No model package in ${directory}: the folder ${seen}. ${remedy}`)
  }
  if ((await stat(directory).catch(() => null)) !== null) {
    return missingError(
      directory,
      `No model package at ${directory}: it is a file, and a package is a folder. ${remedy}`,
    )
  }
  const siblings = await readdir(dirname(directory)).catch(() => null)
  const seen =
    siblings === null
      ? `its parent folder does not exist either`
      : `${basename(dirname(directory))} holds ${siblings.length === 0 ? 'nothing' : listed(siblings)}`
  return missingError(directory, `No model package at ${directory}: there is no such folder; ${seen}. ${remedy}`)
}

function missingError(directory: string, message: string): AppError {
  return new AppError('PACKAGE_MISSING', message, { details: { directory } })
}

function listed(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, 6).join(', ')
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown
}

/** Every name is safe, and every graph and tokenizer file stands in the list of files. */
function checkNames(directory: string, manifest: ModelManifest): void {
  for (const file of Object.keys(manifest.files)) {
    if (!isSafeFileName(file)) {
      throw corrupt(
        directory,
        MANIFEST_FILE,
        `lists the file ${JSON.stringify(file)}, which does not stay in the folder`,
      )
    }
  }
  const named = [...Object.values(manifest.graphs), ...Object.values(manifest.tokenizer), manifest.quality ?? null]
  for (const file of named) {
    if (file !== null && !Object.hasOwn(manifest.files, file)) {
      throw corrupt(directory, MANIFEST_FILE, `names ${JSON.stringify(file)} without listing its size and hash`)
    }
  }
}

async function checkSize(directory: string, file: string, bytes: number): Promise<void> {
  const found = await stat(join(directory, file)).catch(() => null)
  if (found === null || !found.isFile()) throw corrupt(directory, file, `is not there; ${bytes} bytes are expected`)
  if (found.size !== bytes) throw corrupt(directory, file, `has ${found.size} bytes; ${bytes} are expected`)
}
