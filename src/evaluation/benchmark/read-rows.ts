// The files of a set as rows: read whole, since the largest has a few megabytes. A row that is wrong is told and left out.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { WrongRow } from './benchmark-question.ts'

/** What is wrong with a file of a set, or with where it was looked for. */
export function benchmarkError(message: string, cause?: unknown): AppError {
  return new AppError('BENCHMARK_INVALID', message, { cause })
}

/** What a failed call of the file system says in short, e.g. ENOENT. */
export function fileErrorText(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** The text of a file. @throws AppError BENCHMARK_INVALID */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw benchmarkError(
      `${file} cannot be read (${fileErrorText(cause)}); a file of the set is needed. Correct --annotations.`,
      cause,
    )
  }
}

/** The value of a JSON file. @throws AppError BENCHMARK_INVALID */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const seen = cause instanceof Error ? cause.message : cause
    throw benchmarkError(`${file} is no JSON (${seen}); JSON is needed. Download the file of the set again.`, cause)
  }
}

/** The rows of a JSON list. @throws AppError BENCHMARK_INVALID */
export async function readList(file: string): Promise<readonly unknown[]> {
  const value = await readJson(file)
  if (Array.isArray(value)) return value
  throw benchmarkError(
    `${file} holds ${value === null ? 'null' : typeof value}; a list of questions is needed. Name a file of the set by --annotations.`,
  )
}

/** Takes those rows that fit; tells the others. */
export function fitting<Row>(
  file: string,
  rows: readonly unknown[],
  schema: z.ZodType<Row>,
  wrong: WrongRow[],
): { readonly row: Row; readonly place: number }[] {
  return rows.flatMap((value, index) => {
    const parsed = schema.safeParse(value)
    if (parsed.success) return [{ row: parsed.data, place: index + 1 }]
    wrong.push({ file, row: index + 1, problem: problemOf(parsed.error) })
    return []
  })
}

function problemOf(error: z.ZodError): string {
  const [first] = error.issues
  return [first?.path.join('.'), first?.message].filter(Boolean).join(': ')
}

/**
 * The JSON files that are meant: each file itself, of a folder all below it, in the order of their names.
 * @throws AppError BENCHMARK_INVALID when there is none
 */
export async function jsonFilesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    if (!(await isFolder(path))) files.push(path)
    else {
      const names = await readdir(path, { recursive: true })
      files.push(
        ...names
          .filter((name) => name.endsWith('.json'))
          .toSorted()
          .map((name) => join(path, name)),
      )
    }
  }
  if (files.length > 0) return files
  throw benchmarkError(`${paths.join(', ')} has no .json file; the set's files are needed. Correct --annotations.`)
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw benchmarkError(
      `${path} cannot be read (${fileErrorText(cause)}); the set's files are needed. Correct --annotations.`,
      cause,
    )
  }
}
