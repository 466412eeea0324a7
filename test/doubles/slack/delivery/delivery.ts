import type { Json } from '../json.ts'

/** Families of deliveries, by the name of their Socket Mode envelope. */
export type DeliveryKind = 'events_api' | 'slash_commands' | 'interactive'

/** Why an attempt did not count as acknowledged; the words of `retry_reason` and X-Slack-Retry-Reason. */
export type FailureReason = 'timeout' | 'http_timeout' | 'http_error' | 'connection_failed'

/** One time that the app was told of something. */
export interface Attempt {
  /** 0 for the first, 1 to 3 for retries. */
  readonly number: number
  readonly reason: FailureReason | ''
  /** The connection's id or the request URL that it went to. */
  sentTo: string | null
  failure: FailureReason | null
  isAcknowledged: boolean
}

/** How a delivery ended. */
export type DeliveryOutcome =
  | { readonly isAcknowledged: true; readonly payload: Json; readonly afterMs: number }
  | { readonly isAcknowledged: false; readonly reason: FailureReason }

/** Something that Slack tells the app: an event, a slash command or an interaction. */
export class Delivery {
  readonly kind: DeliveryKind
  readonly teamId: string
  readonly payload: Json
  readonly attempts: Attempt[] = []
  /** Settles when the app acknowledges, or when Slack gives up. Never rejects. */
  readonly settled: Promise<DeliveryOutcome>
  outcome: DeliveryOutcome | null = null
  #settle: (outcome: DeliveryOutcome) => void = () => {}
  readonly #sinceMs = performance.now()

  constructor(kind: DeliveryKind, teamId: string, payload: Json) {
    this.kind = kind
    this.teamId = teamId
    this.payload = payload
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Counts it as acknowledged. @returns false when it was settled before */
  acknowledge(payload: Json): boolean {
    const afterMs = performance.now() - this.#sinceMs
    return this.#end({ isAcknowledged: true, payload, afterMs })
  }

  /** Gives it up. @returns false when it was settled before */
  giveUp(reason: FailureReason): boolean {
    return this.#end({ isAcknowledged: false, reason })
  }

  #end(outcome: DeliveryOutcome): boolean {
    if (this.outcome !== null) return false
    this.outcome = outcome
    this.#settle(outcome)
    return true
  }
}
