import { isJson, type Json } from '../json.ts'
import type { Attempt, Delivery } from './delivery.ts'
import { signatureOf } from './signature.ts'
import type { AttemptReport, Transport } from './transport.ts'

/** How a signed request may deviate from a good one. */
export interface RequestFlaws {
  /** Another secret than the app's. */
  readonly signingSecret?: string
  /** Moves the timestamp; Slack's rule is that more than 300 s off must be refused. */
  readonly timestampOffsetSeconds?: number
  /** Leaves the signature out. */
  readonly isUnsigned?: boolean
}

/** The HTTP side of Slack: posts signed requests to the app's request URL. */
export class HttpMode implements Transport {
  readonly lateReason = 'http_timeout'
  readonly requestUrl: string
  readonly #signingSecret: string
  readonly #inFlight = new Set<AbortController>()

  constructor(requestUrl: string, signingSecret: string) {
    this.requestUrl = requestUrl
    this.#signingSecret = signingSecret
  }

  send(delivery: Delivery, attempt: Attempt, report: AttemptReport): void {
    attempt.sentTo = this.requestUrl
    const retryHeaders: Record<string, string> =
      attempt.number === 0
        ? {}
        : { 'x-slack-retry-num': String(attempt.number), 'x-slack-retry-reason': attempt.reason }
    const [contentType, body] = encode(delivery)
    this.#post(body, contentType, retryHeaders, {}).then(
      async (response) => {
        const text = await response.text()
        if (response.ok) report.acknowledged(acknowledgementIn(text))
        else report.failed('http_error', response.headers.get('x-slack-no-retry') !== '1')
      },
      () => report.failed('connection_failed', true),
    )
  }

  /** Posts any JSON as an event request. @returns the app's response */
  postJson(body: Json, flaws: RequestFlaws = {}): Promise<Response> {
    return this.#post(JSON.stringify(body), 'application/json', {}, flaws)
  }

  close(): void {
    for (const controller of this.#inFlight) controller.abort()
  }

  async #post(
    body: string,
    contentType: string,
    extra: Record<string, string>,
    flaws: RequestFlaws,
  ): Promise<Response> {
    // The receiver compares with the real time, so the double's own clock must not be asked here.
    const timestampSeconds = Math.floor(Date.now() / 1000) + (flaws.timestampOffsetSeconds ?? 0)
    const signature = signatureOf(flaws.signingSecret ?? this.#signingSecret, timestampSeconds, body)
    const controller = new AbortController()
    this.#inFlight.add(controller)
    try {
      return await fetch(this.requestUrl, {
        method: 'POST',
        body,
        signal: controller.signal,
        headers: {
          'content-type': contentType,
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          connection: 'close',
          'x-slack-request-timestamp': String(timestampSeconds),
          ...(flaws.isUnsigned ? {} : { 'x-slack-signature': signature }),
          ...extra,
        },
      })
    } finally {
      this.#inFlight.delete(controller)
    }
  }
}

/** Events travel as JSON, commands as a form, interactions as a form with one field that holds JSON. */
function encode({ kind, payload }: Delivery): [contentType: string, body: string] {
  if (kind === 'events_api') return ['application/json', JSON.stringify(payload)]
  const fields =
    kind === 'interactive'
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, String(value)]))
  return ['application/x-www-form-urlencoded', new URLSearchParams(fields).toString()]
}

function acknowledgementIn(text: string): Json {
  if (text === '') return {}
  try {
    const parsed: unknown = JSON.parse(text)
    return isJson(parsed) ? parsed : { text }
  } catch {
    return { text }
  }
}
