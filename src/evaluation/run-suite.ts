// Asks every question of a suite through an Answerer, the same port that the chat platforms use, one after another.
import { join } from 'node:path'
import type { Answerer } from '../conversation/answerer.ts'
import { localClip } from '../conversation/locate-clip.ts'
import { AppError } from '../errors.ts'
import { isRight } from './score-answer.ts'
import type { QuestionKind, Suite, SuiteQuestion } from './suite.ts'

/** One question asked and judged. */
export interface QuestionResult {
  readonly id: string
  readonly kind: QuestionKind
  /** File of the clip, relative to the suite. */
  readonly clip: string
  readonly question: string
  readonly expected: SuiteQuestion['expected']
  /** What the model answered. */
  readonly said: string
  readonly isRight: boolean
  /** From question to the end of the answer; a clip's first question carries its decoding and encoding. */
  readonly milliseconds: number
  /** Name of the model package that answered. */
  readonly model: string
}

/** How a suite is run. */
export interface RunOptions {
  /** Ask only the first so many questions; default all. */
  readonly limit?: number
  readonly signal?: AbortSignal
  /** Milliseconds of a steady clock; default performance.now. */
  readonly now?: () => number
}

/** A question with the clip it is about. */
export interface PlannedQuestion {
  readonly clip: string
  readonly asked: SuiteQuestion
}

/** The questions that a run asks, in the suite's order; with a limit, the first so many. */
export function planQuestions(suite: Suite, limit = Number.POSITIVE_INFINITY): PlannedQuestion[] {
  return suite.clips.flatMap(({ file, questions }) => questions.map((asked) => ({ clip: file, asked }))).slice(0, limit)
}

/**
 * Runs a suite and yields each result as it comes. Every question is a conversation of its own; answers are greedy.
 * @throws what the answerer throws (a clip that cannot be read ends the run: its suite is broken); signal.reason
 */
export async function* runSuite(
  suite: Suite,
  answerer: Answerer,
  { limit, signal, now = () => performance.now() }: RunOptions = {},
): AsyncGenerator<QuestionResult> {
  for (const { clip, asked } of planQuestions(suite, limit)) {
    signal?.throwIfAborted()
    const start = now()
    const { answer, model } = await ask(answerer, join(suite.directory, clip), asked, signal)
    signal?.throwIfAborted()
    yield {
      id: asked.id,
      kind: asked.kind,
      clip,
      question: asked.question,
      expected: asked.expected,
      said: answer,
      isRight: isRight(asked, answer, suite),
      milliseconds: now() - start,
      model,
    }
  }
}

async function ask(answerer: Answerer, path: string, { id, question }: SuiteQuestion, signal: AbortSignal | undefined) {
  const threadId = `evaluation:${id}`
  const content = [
    { type: 'clip', clip: { id: 'clip-1', ...localClip(path) } },
    { type: 'text', text: question },
  ] as const
  try {
    const events = answerer.answer({ threadId, messages: [{ role: 'user', content }], options: {} }, signal)
    for await (const event of events) if (event.type === 'end') return event.report
  } finally {
    await answerer.forget(threadId)
  }
  throw new AppError('INFERENCE_FAILED', `The answer to question ${id} never ended. This is a fault of Valley.`)
}
