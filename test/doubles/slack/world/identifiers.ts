import type { ManualClock } from '../clock.ts'

/** Hands out ids in Slack's shapes, each only once within a double. */
export class Identifiers {
  #count = 0
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  /** An id with its letter in front: T team, C channel, D direct message, U user, B bot, F file, V view. */
  next(letter: string): string {
    return `${letter}0${this.#increment().toString(36).toUpperCase().padStart(9, '0')}`
  }

  /** A message's timestamp: seconds, a point, six digits. Unique, and later ones compare greater as strings. */
  timestamp(): string {
    const seconds = Math.floor(this.#clock.now() / 1000)
    return `${seconds}.${this.#increment().toString().padStart(6, '0')}`
  }

  /** A trigger id in the documented form `132456.7890123.abcdef`. */
  trigger(): string {
    return `${this.#increment()}.${this.#clock.now()}.${crypto.randomUUID().replaceAll('-', '')}`
  }

  #increment(): number {
    this.#count += 1
    return this.#count
  }
}
