import type { Json } from '../json.ts'

/** An answer with `ok: false`. Thrown by a method, sent with HTTP status 200 as Slack does. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly details: Json

  /** @param code as documented for the method, e.g. `channel_not_found`; @param details what else the answer carries */
  constructor(code: string, details: Json = {}) {
    super(code)
    this.code = code
    this.details = details
  }
}

/** The answer to arguments that Slack's schema refuses; the reason is among the messages. */
export function invalidArguments(reason: string): ApiError {
  return new ApiError('invalid_arguments', { response_metadata: { messages: [`[ERROR] ${reason}`] } })
}
