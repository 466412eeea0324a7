// The errors of a download. None holds more of an address than its host: the rest may be signed.
import { AppError } from '../errors.ts'
import type { DownloadLimits } from './download-limits.ts'

/** What a server's refusal means. */
export function statusFailure(status: number, host: string): AppError {
  const details = { status, host }
  const seen = `${JSON.stringify(host)} answered ${status} for the clip; 200 is needed.`
  if (status === 401 || status === 403) {
    return new AppError('CLIP_ACCESS_DENIED', `${seen} Check the token and its permissions.`, { details })
  }
  if (status === 404 || status === 410) return new AppError('CLIP_MISSING', `${seen} Send the clip again.`, { details })
  const retryable = status === 429 || status >= 500
  return new AppError('CLIP_UNREACHABLE', `${seen} Try again, or send the clip again.`, { details, retryable })
}

/** A web page where the clip should be: what Slack serves to a token that may not read files. */
export function pageInstead(mediaType: string, host: string): AppError {
  return new AppError(
    'CLIP_ACCESS_DENIED',
    `${JSON.stringify(host)} served a page (${mediaType}) in the clip's place; a file is needed. ` +
      'It is most likely asking to log in: give the app the permission to read files (Slack: files:read) and install it again.',
    { details: { mediaType, host } },
  )
}

/** An address that leads nowhere. */
export function addressFailure(seen: string, host: string): AppError {
  return new AppError('CLIP_UNREACHABLE', `${JSON.stringify(host)} ${seen}. Send the clip again.`, {
    details: { host },
  })
}

/** A limit of time that passed. */
export function tooSlow(limit: 'stallTimeoutMs' | 'totalTimeoutMs', limits: DownloadLimits, host: string): AppError {
  const seen = limit === 'stallTimeoutMs' ? 'sent nothing' : 'was not done'
  return new AppError(
    'TIMED_OUT',
    `${JSON.stringify(host)} ${seen} for ${limits[limit]} ms, which is the limit (${limit}). ` +
      'Try again, send a smaller clip, or raise the limit.',
    { details: { host, [limit]: limits[limit] }, retryable: true },
  )
}

/** Whatever the network failed with; an AppError stays as it is. */
export function networkFailure(error: unknown, host: string): AppError {
  if (error instanceof AppError) return error
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new AppError(
    'CLIP_UNREACHABLE',
    `The clip cannot be fetched from ${JSON.stringify(host)} (${reason}); a connection to its end is needed. ` +
      'Try again, or check the network.',
    { details: { host, reason }, cause: error, retryable: true },
  )
}
