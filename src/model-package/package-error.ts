// The error for one bad file of a model package.
import { AppError } from '../errors.ts'

/** PACKAGE_CORRUPT for a file of a package; `problem` follows the file's name in the message. */
export function corrupt(directory: string, file: string, problem: string, cause?: unknown): AppError {
  return new AppError(
    'PACKAGE_CORRUPT',
    `The model package ${directory} is damaged: ${file} ${problem}. Fetch or build the package again.`,
    { details: { directory, file }, cause },
  )
}
