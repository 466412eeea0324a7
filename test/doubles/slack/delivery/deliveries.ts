import type { ManualClock } from '../clock.ts'
import type { Json } from '../json.ts'
import { type Attempt, Delivery, type DeliveryKind, type FailureReason } from './delivery.ts'
import type { Transport } from './transport.ts'

/** Slack waits so long for an acknowledgement. @see https://docs.slack.dev/apis/events-api/#responding */
export const ACKNOWLEDGEMENT_LIMIT_MS = 3000
/** Events are sent again nearly at once, after one minute and after five. @see https://docs.slack.dev/apis/events-api/#retries */
const RETRY_DELAYS_MS: readonly number[] = [0, 60_000, 300_000]

/** What happens in Slack once the app has answered, or has not. */
export interface Aftermath {
  acknowledged?(payload: Json): void
  gaveUp?(reason: FailureReason): void
}

/** Everything that was sent to the app, and the rules by which it is sent again. */
export class Deliveries {
  readonly all: Delivery[] = []
  transport: Transport
  readonly #clock: ManualClock
  readonly #changed: () => void

  constructor(transport: Transport, clock: ManualClock, changed: () => void) {
    this.transport = transport
    this.#clock = clock
    this.#changed = changed
  }

  /** Sends something to the app. Events are retried, commands and interactions are not: the person sees a failure. */
  send(kind: DeliveryKind, teamId: string, payload: Json, aftermath: Aftermath = {}): Delivery {
    const delivery = new Delivery(kind, teamId, payload)
    this.all.push(delivery)
    this.#attempt(delivery, 0, '', aftermath)
    return delivery
  }

  /** Sends a delivery once more although nothing asks for it, as Slack does when an acknowledgement got lost. */
  sendAgain(delivery: Delivery, number: number, reason: FailureReason = this.transport.lateReason): void {
    this.#attempt(delivery, number, reason, {}, false)
  }

  #attempt(delivery: Delivery, number: number, reason: FailureReason | '', aftermath: Aftermath, retries = true): void {
    const attempt: Attempt = { number, reason, sentTo: null, failure: null, isAcknowledged: false }
    delivery.attempts.push(attempt)
    const failed = (why: FailureReason, mayRetry: boolean) => {
      if (attempt.failure !== null || delivery.outcome !== null) return
      attempt.failure = why
      if (retries) this.#afterFailure(delivery, number, why, mayRetry, aftermath)
    }
    const stopWaiting = this.#clock.after(ACKNOWLEDGEMENT_LIMIT_MS, () => failed(this.transport.lateReason, true))
    this.transport.send(delivery, attempt, {
      acknowledged: (payload) => {
        stopWaiting()
        // What comes late does not count: Slack has gone on by then.
        if (attempt.failure !== null) return
        attempt.isAcknowledged = true
        if (delivery.acknowledge(payload)) aftermath.acknowledged?.(payload)
        this.#changed()
      },
      failed: (why, mayRetry) => {
        stopWaiting()
        failed(why, mayRetry)
      },
    })
    this.#changed()
  }

  #afterFailure(delivery: Delivery, number: number, why: FailureReason, mayRetry: boolean, aftermath: Aftermath): void {
    const delayMs = RETRY_DELAYS_MS[number]
    if (delivery.kind !== 'events_api' || !mayRetry || delayMs === undefined) {
      if (delivery.giveUp(why)) aftermath.gaveUp?.(why)
      this.#changed()
      return
    }
    const retry = () => {
      if (delivery.outcome === null) this.#attempt(delivery, number + 1, why, aftermath)
    }
    if (delayMs === 0) retry()
    else this.#clock.after(delayMs, retry)
  }
}
