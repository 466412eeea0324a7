import { createHmac } from 'node:crypto'

/** Signs a request body as Slack does: version 0, HMAC-SHA256 over version, timestamp and body. */
export function signatureOf(signingSecret: string, timestampSeconds: number, body: string): string {
  const digest = createHmac('sha256', signingSecret).update(`v0:${timestampSeconds}:${body}`).digest('hex')
  return `v0=${digest}`
}
