// The double's time. It runs with the machine's clock and can be moved forward, so that a test needs not wait a quarter
// of an hour for an interaction token or a day for a signed URL to expire.

/** Milliseconds since 1970, as everything in the double sees them. */
export class Clock {
  #aheadMs = 0

  /** Now, milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#aheadMs
  }

  /** Moves the double's time forward; timers of the bot and of Node do not notice. */
  advance(durationMs: number): void {
    this.#aheadMs += durationMs
  }
}

/** ISO 8601 with the offset spelled as Discord does, e.g. `2026-01-02T03:04:05.678000+00:00`. */
export function toTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000+00:00')
}
