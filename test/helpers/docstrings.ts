// Finds exported symbols that nobody has described.
import type { SourceFile } from './source-files.ts'

const EXPORT =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|const|let|interface|type|enum)\s+(\w+)/

/**
 * Lists exported symbols without a docstring right above them. Of a function with overloads the first needs one.
 * @returns `path:line name` of each
 */
export function findUndocumentedExports({ path, text }: SourceFile): string[] {
  const lines = text.split('\n')
  const documented = new Set<string>()
  const undocumented: string[] = []
  for (const [index, line] of lines.entries()) {
    const name = EXPORT.exec(line)?.[1]
    if (name === undefined || documented.has(name)) continue
    if (lines[index - 1]?.trimEnd().endsWith('*/')) documented.add(name)
    else undocumented.push(`${path}:${index + 1} ${name}`)
  }
  return undocumented
}
