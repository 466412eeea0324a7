// Reads the imports of a module from its text. A light reader is enough: the formatter fixes how an import looks.
import { posix } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** One import of a module. */
export interface Import {
  /** File that imports, relative to the repository. */
  readonly from: string
  /** Imported file relative to the repository, package name, or `node:…`. */
  readonly target: string
  /** True for `import type`, which leaves no trace at run time. */
  readonly isTypeOnly: boolean
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]*?\sfrom\s+)?'([^']+)'/gm
const DYNAMIC_IMPORT = /\bimport\(\s*'([^']+)'/g
// A worker's entry, e.g. new URL('./worker.ts', import.meta.url).
const URL_IMPORT = /new URL\(\s*'(\.[^']+\.(?:ts|mjs|js))',\s*import\.meta\.url/g

/** Lists what a file imports, in any form, without what stands in comments. */
export function readImports({ path, text }: SourceFile): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const found: Import[] = []
  const add = (specifier: string, isTypeOnly: boolean) =>
    found.push({ from: path, target: resolveSpecifier(path, specifier), isTypeOnly })
  for (const [, type, specifier] of code.matchAll(STATIC_IMPORT)) add(specifier!, type !== undefined)
  for (const [, specifier] of code.matchAll(DYNAMIC_IMPORT)) add(specifier!, false)
  for (const [, specifier] of code.matchAll(URL_IMPORT)) add(specifier!, false)
  return found
}

function resolveSpecifier(importer: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(importer), specifier)
  if (specifier.startsWith('node:')) return specifier
  const [scopeOrName, name] = specifier.split('/')
  return specifier.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName!
}

/**
 * Finds a cycle between files.
 * @param imports of all files; what lies outside the project is passed over
 * @returns the files of one cycle in order, the first again at the end; null when there is none
 */
export function findCycle(imports: readonly Import[]): string[] | null {
  const targets = new Map<string, string[]>()
  for (const { from, target } of imports) targets.set(from, [...(targets.get(from) ?? []), target])
  const finished = new Set<string>()

  const visit = (file: string, trail: readonly string[]): string[] | null => {
    const start = trail.indexOf(file)
    if (start >= 0) return [...trail.slice(start), file]
    if (finished.has(file)) return null
    for (const target of targets.get(file) ?? []) {
      const cycle = visit(target, [...trail, file])
      if (cycle !== null) return cycle
    }
    finished.add(file)
    return null
  }
  for (const file of targets.keys()) {
    const cycle = visit(file, [])
    if (cycle !== null) return cycle
  }
  return null
}
