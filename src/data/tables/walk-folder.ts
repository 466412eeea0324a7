// The files below a folder in the order of their names, one folder's names in memory at a time: a million clips lie in many.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'

/** A file, and what else is in its own folder; paths below the folder that is walked, with slashes. */
export interface WalkedFile {
  readonly name: string
  readonly beside: ReadonlySet<string>
}

/** Walks a folder and those below it. @throws AppError DATASET_INVALID when one cannot be read */
export async function* walkFolder(folder: string, below = ''): AsyncGenerator<WalkedFile> {
  let entries: { readonly name: string; readonly isFolder: boolean }[]
  try {
    const found = await readdir(join(folder, below), { withFileTypes: true })
    entries = found.map((entry) => ({ name: `${below}${entry.name}`, isFolder: entry.isDirectory() }))
  } catch (cause) {
    throw dataError(
      `The folder ${join(folder, below)} cannot be read (${fileErrorText(cause)}). Correct its name or permissions.`,
      cause,
    )
  }
  const beside = new Set(entries.filter(({ isFolder }) => !isFolder).map(({ name }) => name))
  // With its slash, a folder stands where the whole paths of its files would.
  const names = entries.map(({ name, isFolder }) => (isFolder ? `${name}/` : name)).toSorted()
  for (const name of names) {
    if (name.endsWith('/')) yield* walkFolder(folder, name)
    else yield { name, beside }
  }
}
