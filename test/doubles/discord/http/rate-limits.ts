// Buckets: how many requests of a route may be made for one channel, guild or webhook, and the headers that tell.
// https://discord.com/developers/docs/topics/rate-limits
import { createHash } from 'node:crypto'
import type { RouteName } from './route-names.ts'
import type { Matched } from './router.ts'

/** So many requests in so much time. */
export interface RateLimit {
  readonly requests: number
  readonly windowMs: number
}

/** Wide enough that no test meets it unless it asks for a tighter one. */
const DEFAULT_LIMIT: RateLimit = { requests: 50, windowMs: 1000 }

interface Bucket {
  used: number
  resetsAtMs: number
}

/** What a bucket says to a request. */
export interface Admission {
  readonly headers: Record<string, string>
  /** Milliseconds to wait when the bucket is empty; null when the request may pass. */
  readonly retryAfterMs: number | null
}

/** The buckets of one pretended Discord. */
export class RateLimits {
  readonly #limits = new Map<RouteName, RateLimit>()
  readonly #buckets = new Map<string, Bucket>()

  /** Gives a route a limit of its own, e.g. 5 in 5000 ms for posting in a channel. */
  set(route: RouteName, limit: RateLimit): void {
    this.#limits.set(route, limit)
  }

  /** Counts a request. */
  admit({ route, params }: Matched): Admission {
    const limit = this.#limits.get(route) ?? DEFAULT_LIMIT
    const major = params.channel ?? params.guild ?? params.token ?? ''
    // The double's own clock may be moved; waiting is done in real time.
    const now = Date.now()
    const key = `${route} ${major}`
    const known = this.#buckets.get(key)
    const bucket = known !== undefined && known.resetsAtMs > now ? known : { used: 0, resetsAtMs: now + limit.windowMs }
    this.#buckets.set(key, bucket)
    const isEmpty = bucket.used >= limit.requests
    if (!isEmpty) bucket.used += 1
    const resetAfterMs = bucket.resetsAtMs - now
    return {
      retryAfterMs: isEmpty ? resetAfterMs : null,
      headers: {
        'X-RateLimit-Limit': String(limit.requests),
        'X-RateLimit-Remaining': String(limit.requests - bucket.used),
        'X-RateLimit-Reset': String(bucket.resetsAtMs / 1000),
        'X-RateLimit-Reset-After': String(resetAfterMs / 1000),
        'X-RateLimit-Bucket': createHash('md5').update(route).digest('hex'),
      },
    }
  }
}

/**
 * The answer to a request that has to wait.
 * Differs from source: Discord rounds Retry-After up to whole seconds; a fraction keeps tests short.
 */
export function rateLimited(retryAfterMs: number, scope: 'user' | 'shared' | 'global') {
  const seconds = retryAfterMs / 1000
  return {
    status: 429,
    headers: {
      'Retry-After': String(seconds),
      'X-RateLimit-Scope': scope,
      ...(scope === 'global' ? { 'X-RateLimit-Global': 'true' } : {}),
    },
    body: { message: 'You are being rate limited.', retry_after: seconds, global: scope === 'global' },
  }
}
