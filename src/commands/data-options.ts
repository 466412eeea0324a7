// Options and reports that the commands of `valley data` share.
import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { dataError, fileErrorText } from '../data/data-error.ts'
import { LAYOUTS, type LayoutName } from '../data/layouts/published.ts'
import { LeftOut, problemText } from '../data/left-out.ts'

/** How many problems are told one by one; more are only counted. */
const MAX_PROBLEMS_SHOWN = 20

/** The layouts for a help text. */
export const LAYOUT_LIST = Object.entries(LAYOUTS)
  .map(([name, { title }]) => `  ${name.padEnd(20)} ${title}`)
  .join('\n')

/** @throws AppError DATASET_INVALID for a name that is no layout */
export function layoutNamed(name: string): LayoutName {
  if (Object.hasOwn(LAYOUTS, name)) return name as LayoutName
  throw dataError(`The layout ${name} is not known; ${Object.keys(LAYOUTS).join(', ')} are. Name one by --layout.`)
}

/**
 * The folder that `--clips` names; null where it names none.
 * @throws AppError DATASET_INVALID for one that is not there: every clip of it would only be told as missing
 */
export function clipsFolderOf(name: string | undefined): string | null {
  if (name === undefined) return null
  let seen: string
  try {
    if (statSync(name).isDirectory()) return name
    seen = 'a file'
  } catch (cause) {
    seen = fileErrorText(cause)
  }
  throw dataError(`--clips ${name} is no folder (${seen}); a folder of clips is needed. Correct its name.`)
}

/** Counts what is left out and tells the first on stderr. */
export function tellLeftOut(): LeftOut {
  let shown = 0
  return new LeftOut((problem) => {
    shown += 1
    if (shown <= MAX_PROBLEMS_SHOWN) process.stderr.write(plainText(`left out: ${problemText(problem)}\n`))
    if (shown === MAX_PROBLEMS_SHOWN) process.stderr.write('left out: further ones are only counted\n')
  })
}

/** Lines of the summary: how many were left out, and why. */
export function leftOutLines(leftOut: LeftOut): string[] {
  const counts = Object.entries(leftOut.counts).map(([reason, count]) => `  ${reason}: ${count}`)
  return [`left out: ${leftOut.total}`, ...counts]
}

/** Writes what a command made and how, for `valley data card`. @throws AppError DATASET_INVALID */
export async function writeReport(file: string, report: object): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  } catch (cause) {
    throw dataError(`${file} cannot be written (${fileErrorText(cause)}). Name a file that can be by --json.`, cause)
  }
}
