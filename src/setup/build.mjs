// dist/ as the sources say. The compiler is asked only when a source changed, which is seen by a hash over all of them.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { projectPath } from './paths.mjs'
import { runToolOrFail } from './run-tool.mjs'
import { step } from './say.mjs'
import { isSystemError } from './system-error.mjs'

const SOURCE_FOLDERS = ['src', 'adapters']
const CONFIG_FILES = ['tsconfig.json', 'config/tsconfig.build.json', 'package-lock.json']
/** Holds the hash of the sources that dist/ was made from. */
const STAMP_FILE = 'dist/.sources.sha256'

/** Entry of the built command line, relative to the repository. */
export const BUILT_CLI = 'dist/src/cli.js'
/** Entry of what `npm start` runs, relative to the repository. */
export const BUILT_MAIN = 'dist/src/main.js'

/** SHA-256 over path and content of everything that the build depends on, hex. */
export function hashSources() {
  const hash = createHash('sha256')
  const sources = SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(projectPath(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  for (const path of [...CONFIG_FILES, ...sources.sort()]) {
    const content = readFileSync(projectPath(path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** Tells whether dist/ was made from the sources as they are. */
export function buildIsCurrent() {
  return readStamp() === hashSources()
}

/**
 * Builds where dist/ is missing or was made from other sources. Packages must be installed.
 * @throws SetupError when the sources do not compile
 */
export async function ensureBuild() {
  const hash = hashSources()
  if (readStamp() === hash) return
  const compiler = [projectPath('node_modules/typescript/bin/tsc'), '-p', projectPath('config/tsconfig.build.json')]
  await step('Building (tsc)', () =>
    runToolOrFail(process.execPath, compiler, 'Mend the lines named above, then run this again.'),
  )
  writeFileSync(projectPath(STAMP_FILE), hash)
}

function readStamp() {
  try {
    return readFileSync(projectPath(STAMP_FILE), 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}
