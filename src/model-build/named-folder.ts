// Folders that a person named on the command line: a slip is told as one, and before gigabytes are fetched or read.
import { stat } from 'node:fs/promises'
import { AppError } from '../errors.ts'

/**
 * Makes sure that a folder is there.
 * @param place where it was named, e.g. `as the checkpoint` or `with --base`
 * @throws AppError CONFIG_INVALID
 */
export async function requireFolder(directory: string, place: string): Promise<void> {
  const there = await stat(directory).catch(() => null)
  if (there?.isDirectory()) return
  const seen = there === null ? 'is not there' : 'is a file'
  throw new AppError(
    'CONFIG_INVALID',
    `${directory}, named ${place}, ${seen}; a folder in the layout of Hugging Face is needed. Name the folder that holds config.json and the weights.`,
    { details: { directory } },
  )
}
