// Discord's ids: 42 bits of milliseconds since 2015, 22 bits that tell apart what happened in the same millisecond. They
// sort by time, which `after` and `before` of the message list rely on.
import type { Clock } from './clock.ts'

const DISCORD_EPOCH_MS = 1_420_070_400_000
const TIME_SHIFT = 22n

/** Gives ids, each greater than the one before. */
export class SnowflakeSource {
  readonly #clock: Clock
  #last = 0n

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A new id, decimal. */
  next(): string {
    const fromTime = BigInt(this.#clock.now() - DISCORD_EPOCH_MS) << TIME_SHIFT
    this.#last = fromTime > this.#last ? fromTime : this.#last + 1n
    return String(this.#last)
  }
}

/** Orders ids by time, oldest first. */
export function compareSnowflakes(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
