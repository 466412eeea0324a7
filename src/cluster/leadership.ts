// What only one of several processes may do at a time, such as telling alerts: whoever comes first leads; when it ends, cannot
// reach Redis or says nothing for a while, another does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import type { ClusterKeys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'

/** Who would lead, and in what. */
export interface Leadership {
  readonly redis: RedisConnection
  readonly keys: ClusterKeys
  /** Name of the work; of those who name the same, one leads. */
  readonly work: string
  /** Name of this process that no other has; see newMemberId. */
  readonly memberId: string
  /** False while it could not do the work; then another leads. */
  readonly isAble: () => boolean
  readonly logger: Logger
  /** A leader that says nothing for so long is gone; default 9 s. */
  readonly lifetimeMs?: number
}

const DEFAULT_LIFETIME_MS = 9000
/** Three signs fit in, so that one that comes late does not end the lead. */
const SIGNS_A_LIFETIME = 3

const CLAIM = `
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/**
 * Does the work whenever this process leads, until the signal; never rejects.
 * @param lead does it until its own signal, which comes when the lead is lost or the whole ends
 */
export async function leadInTurn(
  leadership: Leadership,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { work, logger, lifetimeMs = DEFAULT_LIFETIME_MS } = leadership
  while (!signal.aborted) {
    const claimedAtMs = performance.now()
    if (await claim(leadership, lifetimeMs)) {
      logger.info({ work }, 'this process leads')
      const lost = new AbortController()
      const done = lead(AbortSignal.any([signal, lost.signal]))
      const isEnded = await keep(leadership, lifetimeMs, done, claimedAtMs + lifetimeMs)
      if (!isEnded) logger.warn({ work }, 'this process leads no more; another one may')
      lost.abort()
      await done
      await release(leadership)
    }
    await sleep(lifetimeMs / SIGNS_A_LIFETIME, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** Says again and again that it leads. @returns false when the lead is lost, true when the work has ended */
async function keep(
  leadership: Leadership,
  lifetimeMs: number,
  done: Promise<void>,
  heldUntilMs: number,
): Promise<boolean> {
  const ended = done.then(() => true)
  let untilMs = heldUntilMs
  for (;;) {
    if (await firstOf(ended, lifetimeMs / SIGNS_A_LIFETIME)) return true
    const askedAtMs = performance.now()
    if (!(await firstOf(claim(leadership, lifetimeMs), untilMs - askedAtMs))) return false
    untilMs = askedAtMs + lifetimeMs
  }
}

/** @returns false when the time is over first */
async function firstOf(answer: Promise<boolean>, limitMs: number): Promise<boolean> {
  const over = new AbortController()
  const late = sleep(Math.max(0, limitMs), false, { ref: false, signal: over.signal }).catch(() => false)
  const first = await Promise.race([answer, late])
  over.abort()
  return first
}

/** @returns false when another leads, or when it cannot be found out */
async function claim(leadership: Leadership, lifetimeMs: number): Promise<boolean> {
  const { redis, keys, work, memberId, isAble, logger } = leadership
  // While Redis is away nobody can lead, and what waits in line for it would be old news.
  if (!isAble() || !redis.isConnected()) return false
  try {
    return (await redis.client.eval(CLAIM, 1, keys.lead(work), memberId, lifetimeMs)) === 1
  } catch (error) {
    logger.warn({ work, err: error }, 'it is not known who leads')
    return false
  }
}

async function release({ redis, keys, work, memberId }: Leadership): Promise<void> {
  if (redis.isConnected()) await redis.client.eval(RELEASE, 1, keys.lead(work), memberId).catch(() => {})
}
