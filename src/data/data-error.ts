// What ends a run over a dataset: a file that cannot be opened, an option that does not fit. Wrong records do not; see
// left-out.ts.
import { AppError } from '../errors.ts'

/** The one error of this room. @param message what failed, what was seen, what is allowed, what to do */
export function dataError(message: string, cause?: unknown): AppError {
  return new AppError('DATASET_INVALID', message, { cause })
}

/** What a failed call of the file system says in short, e.g. ENOENT. */
export function fileErrorText(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
