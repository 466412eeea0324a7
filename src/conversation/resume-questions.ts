// Asks again what was accepted and never answered: after a crash, after a stop that could not wait, after a platform that
// could not be reached, and what another process left when it died.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import { inTrace } from '../trace.ts'
import type { OpenQuestion, QuestionLedger } from './question-ledger.ts'

/** What is asked again, and how. */
export interface ResumeOptions {
  readonly ledger: QuestionLedger
  readonly platform: string
  /** Asks a question that was taken; resolves when it has joined its thread's line. */
  readonly ask: (question: OpenQuestion) => Promise<void>
  readonly logger: Logger
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Often enough that nobody who waits after a restart gives up; a look is one read of the database. */
const LOOK_INTERVAL_MS = 3000

/** Looks for open questions until the signal; never rejects. */
export async function resumeQuestions(options: ResumeOptions): Promise<void> {
  const { ledger, platform, ask, logger, signal } = options
  while (!signal.aborted) {
    try {
      for (const id of await ledger.waiting(platform)) {
        if (signal.aborted) return
        const question = await ledger.begin(id)
        if (question !== null) await inTrace(() => askAgain(question, ask, ledger, logger))
      }
    } catch (error) {
      logger.error({ platform, err: error }, 'open questions could not be looked for')
    }
    await sleep(LOOK_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}

async function askAgain(
  question: OpenQuestion,
  ask: ResumeOptions['ask'],
  ledger: QuestionLedger,
  logger: Logger,
): Promise<void> {
  logger.info({ message: question.id }, 'question asked again')
  try {
    await ask({ ...question, isLate: true })
  } catch (error) {
    logger.warn({ message: question.id, err: error }, 'question could not be asked again; it is tried later')
    await ledger.putBack(question.id)
  }
}
