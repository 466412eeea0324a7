// What goes wrong on request: a test says which route fails how, and how often.
import type { RESTJSONErrorCodes } from 'discord.js'
import type { RouteName } from './route-names.ts'

/** How a request fails. `afterwards` lets the request take effect first, so that only its answer is lost. */
export type Fault =
  /** 429; `scope` is `user` unless said otherwise, `global` holds for all routes. */
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number; readonly scope?: 'user' | 'shared' | 'global' }
  /** A status without Discord's JSON, as its edge sends: 500, 502, 503. */
  | { readonly kind: 'broken'; readonly status: number; readonly afterwards?: boolean }
  /** A refusal with a JSON code, e.g. 50001 or 10008; its HTTP status goes with the code. */
  | { readonly kind: 'refused'; readonly code: RESTJSONErrorCodes }
  /** The connection ends without an answer. */
  | { readonly kind: 'cut'; readonly afterwards?: boolean }
  /** The answer comes late; the request takes effect at once. */
  | { readonly kind: 'slow'; readonly delayMs: number }

/** Faults that wait for their requests. */
export class Faults {
  readonly #waiting: { readonly route: RouteName | 'any'; readonly fault: Fault; times: number }[] = []

  /**
   * Makes the next requests of a route fail.
   * @param times how many; Infinity until `clear`
   */
  add(route: RouteName | 'any', fault: Fault, times = 1): void {
    this.#waiting.push({ route, fault, times })
  }

  /** Takes back all faults that have not happened. */
  clear(): void {
    this.#waiting.length = 0
  }

  /** The fault of a request that is coming in now, or null. */
  take(route: RouteName): Fault | null {
    const index = this.#waiting.findIndex((one) => one.route === route || one.route === 'any')
    const found = this.#waiting[index]
    if (found === undefined) return null
    found.times -= 1
    if (found.times <= 0) this.#waiting.splice(index, 1)
    return found.fault
  }
}
