// How large a clip's file may be is checked wherever its size comes to light.
import { AppError } from '../errors.ts'

/** CLIP_TOO_LARGE for a file of the given size. */
export function tooManyBytes(bytes: number, maxClipBytes: number): AppError {
  return new AppError(
    'CLIP_TOO_LARGE',
    `The clip has ${bytes} bytes; the limit is ${maxClipBytes} (maxClipBytes). ` +
      'Send a shorter or smaller clip, or raise the limit.',
    { details: { bytes, maxClipBytes } },
  )
}
