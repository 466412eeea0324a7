// What a hub's refusals mean, and what to do about each. None holds more of an address than its host: the rest of an
// address to a file may be signed.
import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../errors.ts'

/** A longer wait than this is not waited for but told. */
export const LONGEST_WAIT_SECONDS = 60
/** Waited where the hub does not say how long. */
const DEFAULT_WAIT_SECONDS = 5
const TOKEN_PAGE = 'https://huggingface.co/settings/tokens'

/** What was asked for, for messages. */
export interface Asked {
  /** E.g. `the files of owner/name`. */
  readonly what: string
  readonly host: string
  /** Whether a token was sent. */
  readonly withToken: boolean
}

/** The error for a status that is no success. */
export function statusFailure(status: number, headers: IncomingHttpHeaders, asked: Asked): AppError {
  const { what, host, withToken } = asked
  const reason = headerText(headers, 'x-error-code')
  const seen = `${JSON.stringify(host)} answered ${status}${reason === null ? '' : ` (${reason})`} for ${what}; 200 is needed.`
  const details = { status, host, reason }
  if (status === 401 || status === 403) {
    return new AppError('HUB_REFUSED', `${seen} ${refusalRemedy(status, reason, withToken)}`, { details })
  }
  if (status === 404 || status === 410) {
    return new AppError(
      'HUB_NOT_FOUND',
      `${seen} Check the name and the revision; "valley model list --available" shows models that run.`,
      { details },
    )
  }
  if (status === 429) {
    const waitSeconds = waitOf(headers)
    return new AppError(
      'HUB_BUSY',
      `${seen} Run it again in ${waitSeconds} s; it goes on where it stopped.${withToken ? '' : ' A token in HF_TOKEN raises the limits.'}`,
      { details: { ...details, waitSeconds }, retryable: waitSeconds <= LONGEST_WAIT_SECONDS },
    )
  }
  return new AppError('HUB_UNREACHABLE', `${seen} Run it again; it goes on where it stopped.`, {
    details,
    retryable: status >= 500,
  })
}

function refusalRemedy(status: number, reason: string | null, withToken: boolean): string {
  if (reason === 'GatedRepo' || (status === 403 && withToken)) {
    const token = withToken ? 'the account of HF_TOKEN' : `an account, put a token of it (${TOKEN_PAGE}) into HF_TOKEN`
    return `The model is gated: open its page with ${token}, agree to its terms there, and run it again.`
  }
  return withToken
    ? 'HF_TOKEN is wrong, or may not read this: check the name and the token.'
    : `Check the name (the hub says the same of names that do not exist); for a private or gated model put a token from ${TOKEN_PAGE} into HF_TOKEN.`
}

/** How long a hub wants to be left alone, seconds. */
function waitOf(headers: IncomingHttpHeaders): number {
  const after = headerText(headers, 'retry-after')
  // The hub also says it as RateLimit: "api";r=0;t=55.
  const limit = /(?:^|;)\s*t=(\d{1,6})/.exec(headerText(headers, 'ratelimit') ?? '')?.[1]
  const seconds = Number(after ?? limit ?? DEFAULT_WAIT_SECONDS)
  if (Number.isFinite(seconds)) return Math.max(1, Math.ceil(seconds))
  const until = Date.parse(after ?? '')
  return Number.isNaN(until) ? DEFAULT_WAIT_SECONDS : Math.max(1, Math.ceil((until - Date.now()) / 1000))
}

function headerText(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value.length <= 200 ? value : null
}

/** A proxy that does not let a request pass. */
export function proxyFailure(status: number, proxy: URL): AppError {
  const host = JSON.stringify(proxy.host)
  const remedy =
    status === 407
      ? 'Put a name and a password that it knows into HTTPS_PROXY, as http://name:password@host:port.'
      : 'Ask whoever runs it to let the hub pass, or name the host in NO_PROXY if it can be reached without.'
  return new AppError('HUB_UNREACHABLE', `The proxy ${host} answered ${status}; 200 is needed. ${remedy}`, {
    details: { status, host: proxy.host },
    retryable: status >= 500,
  })
}

/** Something that a hub must not do. */
export function misbehaviour(seen: string, host: string): AppError {
  return new AppError(
    'HUB_UNREACHABLE',
    `${JSON.stringify(host)} ${seen}. Check HF_ENDPOINT, and what stands between this machine and the hub.`,
    { details: { host } },
  )
}

/** Whatever the network failed with; an AppError stays as it is. */
export function networkFailure(error: unknown, { what, host }: Asked): AppError {
  if (error instanceof AppError) return error
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new AppError(
    'HUB_UNREACHABLE',
    `The connection to ${JSON.stringify(host)} for ${what} failed (${reason}); it is needed to its end. Run it again; it goes on where it stopped.`,
    { details: { host, reason }, cause: error, retryable: true },
  )
}
