// A language model that is busy, fails or breaks off is asked again, ever more patiently, and at last given up.
import { type RetryOptions, withRetries } from '../retry.ts'
import { askOnce, type ChatAnswer, type Generator, type RequestBody } from './chat-request.ts'

const MAX_ATTEMPTS = 6
const MAX_WAIT_MS = 60_000

/**
 * Asks until there is an answer.
 * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE after the last attempt; what the signal was aborted with
 */
export async function askUntilAnswered(
  generator: Generator,
  body: RequestBody,
  patience: Pick<RetryOptions, 'signal' | 'sleep' | 'onRetry'>,
): Promise<ChatAnswer> {
  const limits = { maxAttempts: MAX_ATTEMPTS, maxWaitMs: MAX_WAIT_MS }
  return withRetries(() => askOnce(generator, body, patience.signal), { ...patience, ...limits })
}
