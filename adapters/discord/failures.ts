// What a failed request to Discord means for the reply that it was for.
import { DiscordAPIError, RESTJSONErrorCodes } from 'discord.js'

/** What to do about a failed request. */
export type Failure =
  /** The reply, its channel or our right to write is gone: nothing more can be shown there. */
  | 'gone'
  /** The interaction's token is used up; the channel may still take a post. */
  | 'expired'
  /** Discord does not take this text, file or button. */
  | 'refused'
  /** Discord did not answer, or had a fault: the same may work later. */
  | 'unreachable'

const GONE: ReadonlySet<number | string> = new Set([
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.UnknownGuild,
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.MissingAccess,
  RESTJSONErrorCodes.MissingPermissions,
  RESTJSONErrorCodes.CannotSendMessagesToThisUser,
  RESTJSONErrorCodes.InvalidActionOnArchivedThread,
  RESTJSONErrorCodes.ThreadLocked,
])

const EXPIRED: ReadonlySet<number | string> = new Set([
  RESTJSONErrorCodes.UnknownWebhook,
  RESTJSONErrorCodes.UnknownInteraction,
  RESTJSONErrorCodes.InvalidWebhookToken,
  RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages,
])

/** Judges what a request threw. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof DiscordAPIError)) return 'unreachable'
  if (EXPIRED.has(error.code)) return 'expired'
  if (GONE.has(error.code) || error.status === 401 || error.status === 403) return 'gone'
  return error.status >= 500 ? 'unreachable' : 'refused'
}

/** What of an error may go to the log: no address, since those of interactions hold a token, and no body. */
export function failureFields(error: unknown): { error: string; code?: number | string; status?: number } {
  if (error instanceof DiscordAPIError) return { error: error.name, code: error.code, status: error.status }
  return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
