// What went wrong with a call of Slack, in the few kinds that the adapter tells apart.
import { webApi } from '@slack/bolt'
import { AppError } from '../../src/errors.ts'

/** Slack's word for an error, e.g. `channel_not_found`; undefined when Slack did not answer with one. */
export function slackCodeOf(error: unknown): string | undefined {
  return error instanceof webApi.WebAPIPlatformError ? error.data.error : undefined
}

/** The scope that a call lacked, if that is why it failed. */
export function missingScopeOf(error: unknown): string | undefined {
  if (slackCodeOf(error) !== 'missing_scope' || !(error instanceof webApi.WebAPIPlatformError)) return undefined
  const { needed } = error.data as { needed?: unknown }
  return typeof needed === 'string' ? needed : 'unknown'
}

/** Seconds to wait when Slack refused a call for coming too early. */
export function retryAfterSecondsOf(error: unknown): number | undefined {
  return error instanceof webApi.WebAPIRateLimitedError ? error.retryAfter : undefined
}

/** The token no longer opens anything: revoked, or Valley was uninstalled. */
const TOKEN_ENDED = new Set([
  'account_inactive',
  'app_uninstalled',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
])

/** Nothing can be shown in the channel any more. */
const PLACE_GONE = new Set([
  'cannot_reply_to_message',
  'channel_is_archived',
  'channel_not_found',
  'is_archived',
  'not_in_channel',
  'restricted_action',
  'thread_not_found',
])

/** True when the token is refused. */
export function isTokenEnded(error: unknown): boolean {
  return TOKEN_ENDED.has(slackCodeOf(error) ?? '')
}

/** True when no later call to the same place can succeed. */
export function isPlaceGone(error: unknown): boolean {
  return isTokenEnded(error) || PLACE_GONE.has(slackCodeOf(error) ?? '')
}

/** Slack's words for a fault of its own, or for too many calls. */
const PASSING = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
])

/** False when Slack has refused, or when Valley is not in the workspace any more. */
export function mayWorkLater(error: unknown): boolean {
  if (error instanceof AppError) return error.cause instanceof AppError && error.cause.retryable
  const code = slackCodeOf(error)
  return code === undefined || PASSING.has(code)
}

/** Words for the log: Slack's code, or what kind of failure it was. Never a message with an address or a token in it. */
export function describeError(error: unknown): string {
  const code = slackCodeOf(error)
  if (code !== undefined) return code
  if (error instanceof webApi.WebAPIHTTPError) return `http_${error.statusCode}`
  if (error instanceof webApi.WebAPIRateLimitedError) return 'rate_limited'
  if (error instanceof webApi.WebAPIRequestError) return 'no_answer'
  if (error instanceof AppError) return error.code
  return error instanceof Error ? error.name : 'unknown'
}
