// Which outcomes count among the looks of a day.
import type { ErrorCode } from '../../errors.ts'
import type { Outcome } from './store.ts'

/** Failures before a clip is here: nothing was decoded, and an outage of a platform is not to use up a day. */
const NOT_FETCHED: ReadonlySet<ErrorCode> = new Set([
  'CLIP_MISSING',
  'CLIP_UNREACHABLE',
  'CLIP_ACCESS_DENIED',
  'CLIP_TOO_LARGE',
])

/** True for looks and for clips that failed while they were looked at; a cited look cost nothing. */
export function countsAsLook(outcome: Outcome): boolean {
  if (outcome.kind === 'failed') return !NOT_FETCHED.has(outcome.code)
  return outcome.kind === 'looked' && outcome.sameAs === undefined
}
