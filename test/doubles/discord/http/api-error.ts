// What the REST API refuses, and in which words: HTTP status, JSON error code, message.
import { RESTJSONErrorCodes } from 'discord.js'

const REFUSALS: Readonly<Record<number, readonly [status: number, message: string]>> = {
  [RESTJSONErrorCodes.UnknownApplication]: [404, 'Unknown Application'],
  [RESTJSONErrorCodes.UnknownChannel]: [404, 'Unknown Channel'],
  [RESTJSONErrorCodes.UnknownGuild]: [404, 'Unknown Guild'],
  [RESTJSONErrorCodes.UnknownMember]: [404, 'Unknown Member'],
  [RESTJSONErrorCodes.UnknownMessage]: [404, 'Unknown Message'],
  [RESTJSONErrorCodes.UnknownUser]: [404, 'Unknown User'],
  [RESTJSONErrorCodes.UnknownEmoji]: [400, 'Unknown Emoji'],
  [RESTJSONErrorCodes.UnknownWebhook]: [404, 'Unknown Webhook'],
  [RESTJSONErrorCodes.UnknownInteraction]: [404, 'Unknown interaction'],
  [RESTJSONErrorCodes.UnknownApplicationCommand]: [404, 'Unknown application command'],
  [RESTJSONErrorCodes.RequestEntityTooLarge]: [413, 'Request entity too large'],
  [RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged]: [400, 'Interaction has already been acknowledged.'],
  [RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages]: [
    400,
    'This interaction has hit the maximum number of follow up messages',
  ],
  [RESTJSONErrorCodes.MissingAccess]: [403, 'Missing Access'],
  [RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser]: [403, 'Cannot edit a message authored by another user'],
  [RESTJSONErrorCodes.CannotSendAnEmptyMessage]: [400, 'Cannot send an empty message'],
  [RESTJSONErrorCodes.CannotSendMessagesToThisUser]: [403, 'Cannot send messages to this user'],
  [RESTJSONErrorCodes.CannotSendMessagesInNonTextChannel]: [400, 'Cannot send messages in a non-text channel'],
  [RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType]: [400, 'Cannot execute action on this channel type'],
  [RESTJSONErrorCodes.MissingPermissions]: [403, 'Missing Permissions'],
  [RESTJSONErrorCodes.InvalidWebhookToken]: [401, 'Invalid Webhook Token'],
  [RESTJSONErrorCodes.InvalidFormBodyOrContentType]: [400, 'Invalid Form Body'],
  [RESTJSONErrorCodes.InvalidActionOnArchivedThread]: [400, 'Thread is archived'],
  [RESTJSONErrorCodes.RequestBodyContainsInvalidJSON]: [400, 'The request body contains invalid JSON.'],
  [RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory]: [
    400,
    'Cannot reply without permission to read message history',
  ],
  [RESTJSONErrorCodes.ThreadLocked]: [400, 'Thread is locked'],
  [RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage]: [400, 'A thread has already been created for this message'],
}

/** A request that the API refuses. */
export class ApiError extends Error {
  /** HTTP status. */
  readonly status: number
  /** Discord's JSON error code; 0 when there is none. */
  readonly code: number
  /** Which field is wrong, nested as the body is. */
  readonly errors: object | undefined

  constructor(status: number, code: number, message: string, errors?: object) {
    super(message)
    this.status = status
    this.code = code
    this.errors = errors
  }
}

/** The refusal that belongs to a code, with the status and words that the API uses for it. */
export function apiError(code: RESTJSONErrorCodes, errors?: object): ApiError {
  const refusal = REFUSALS[code]
  if (refusal === undefined) throw new TypeError(`No refusal is described for code ${code}; add it to REFUSALS.`)
  return new ApiError(refusal[0], code, refusal[1], errors)
}

/** 50035 about one field, e.g. `content` or `embeds.0.description`. */
export function invalidField(path: string, code: string, message: string): ApiError {
  const leaf: object = { _errors: [{ code, message }] }
  const errors = path.split('.').reduceRight<object>((inner, key) => ({ [key]: inner }), leaf)
  return apiError(RESTJSONErrorCodes.InvalidFormBodyOrContentType, errors)
}
