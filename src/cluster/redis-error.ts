// What Redis or its client says becomes one line for the operator.
import { AppError } from '../errors.ts'

/** Beginnings of what Redis answers when it is there and refuses: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
const REFUSALS: readonly (readonly [beginning: string, seen: string, remedy: string])[] = [
  ['OOM', 'its memory is full', 'Raise its maxmemory, or lower limits.threadIdleHours'],
  ['MISCONF', 'it cannot write to its disk', 'Free space on its disk and look at its log'],
  ['READONLY', 'it is a replica', 'Let VALLEY_REDIS_URL name the primary'],
  ['WRONGPASS', 'the name or password is wrong', 'Correct VALLEY_REDIS_URL'],
  ['NOAUTH', 'it wants a password', 'Put it into VALLEY_REDIS_URL, as redis://:password@host:6379'],
  ['NOPERM', 'its user may not do that', 'Give the user of VALLEY_REDIS_URL all commands on the keys of Valley'],
]

/**
 * Wraps what the client threw; an AppError stays as it is.
 * @param place host and port, without a password
 * @param action what was being done, after "Redis at … could not", e.g. `be reached`
 * @returns AppError STORAGE_FAILED when Redis refuses, else REDIS_UNREACHABLE, which may pass by itself
 */
export function redisError(place: string, action: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  const refusal = REFUSALS.find(([beginning]) => said.startsWith(beginning))
  if (refusal !== undefined) {
    const [beginning, seen, remedy] = refusal
    return new AppError('STORAGE_FAILED', `Redis at ${place} could not ${action}: ${seen} (${beginning}). ${remedy}.`, {
      details: { place },
      cause,
      retryable: beginning === 'OOM' || beginning === 'MISCONF',
    })
  }
  return new AppError(
    'REDIS_UNREACHABLE',
    `Redis at ${place} could not ${action} (${said || 'no reason given'}); bots and engines need it. Start Redis, or correct VALLEY_REDIS_URL.`,
    { details: { place }, cause, retryable: true },
  )
}
