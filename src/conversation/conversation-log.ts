// What the log says of conversations: one line a question, with ids, counts and times, and no word of anybody.
import { ERROR_CODES, type ErrorCode } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Answered } from './ask-answerer.ts'
import { codeOf } from './make-reply.ts'
import type { Request } from './message.ts'

/** Failures that are the asker's to mend or to wait for; all others are the operator's or ours. */
const NO_FAULT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...ERROR_CODES.clip.filter((code) => code !== 'CLIP_ACCESS_DENIED'),
  ...ERROR_CODES.question,
  'QUEUE_FULL',
  'RATE_LIMITED',
])

/** Writes the line of a question that was answered. */
export function logAnswer(logger: Logger, { id, threadId }: Request, answered: Answered): void {
  const { report, droppedTurns, droppedClips } = answered
  logger.info(
    {
      message: id,
      thread: threadId,
      model: report.model,
      finish: report.finish,
      frames: report.frames.length,
      promptTokens: report.promptTokenIds.length,
      reusedTokens: report.reusedTokens,
      answerTokens: report.tokenIds.length,
      droppedTurns,
      droppedClips,
      timingsMs: report.timingsMs,
    },
    'answered',
  )
}

/** Writes the line of a request that came to nothing. */
export function logFailure(logger: Logger, { id, threadId }: Request, error: unknown): void {
  const code = codeOf(error)
  const fields = { message: id, thread: threadId, code, err: error }
  if (NO_FAULT.has(code)) logger.info(fields, 'question refused')
  else logger.error(fields, 'question failed')
}
