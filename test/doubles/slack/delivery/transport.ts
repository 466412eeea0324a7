import type { Json } from '../json.ts'
import type { Attempt, Delivery, FailureReason } from './delivery.ts'

/** What a transport reports about one attempt. Late reports are allowed. */
export interface AttemptReport {
  acknowledged(payload: Json): void
  /** @param mayRetry false when the app said not to send it again */
  failed(reason: FailureReason, mayRetry: boolean): void
}

/** A way to the app: Socket Mode or HTTP. */
export interface Transport {
  /** Word for an acknowledgement that is late: `timeout` over a socket, `http_timeout` over HTTP. */
  readonly lateReason: FailureReason
  send(delivery: Delivery, attempt: Attempt, report: AttemptReport): void
}
