// Asks every question of a suite through an Answerer, the same port that the chat platforms use, one after another.
import { join } from 'node:path'
import type { Answerer, ConversationMessage, Question } from '../conversation/answerer.ts'
import { localClip } from '../conversation/locate-clip.ts'
import { AppError } from '../errors.ts'
import { Reader } from './lexicon.ts'
import type { QuestionKind, SuiteQuestion } from './question.ts'
import { isRight } from './score-answer.ts'
import { countThings, isRightIn } from './score-by-lexicon.ts'
import type { Suite } from './suite.ts'

/** One question asked and judged. */
export interface QuestionResult {
  readonly id: string
  readonly kind: QuestionKind
  /** File of the clip, relative to the suite. */
  readonly clip: string
  readonly question: string
  readonly expected: SuiteQuestion['expected']
  /** What the model answered; empty where its probabilities were asked. */
  readonly said: string
  readonly isRight: boolean
  /** From question to the end of the answer; a clip's first question carries its decoding and encoding. */
  readonly milliseconds: number
  /** Name of the model package that answered. */
  readonly model: string
  readonly language?: string
  /** Whether it was asked after other turns. */
  readonly isFollowUp?: true
  readonly pair?: string
  readonly unseenPhrasing?: true
  /** Of a question for things in a suite with languages: how many were expected, said, and both. */
  readonly things?: { readonly expected: number; readonly said: number; readonly both: number }
  /** Share of yes among yes and no, where probabilities were asked. */
  readonly probability?: number
}

/** How sure a model is of yes. */
export interface YesNo {
  /** Share of yes among yes and no, in [0, 1]. */
  readonly score: number
  /** Name of the model package. */
  readonly model: string
}

/** Asks for the probabilities of answers that begin with some words. */
export type YesNoAsker = (
  question: Question,
  words: { readonly yes: readonly string[]; readonly no: readonly string[] },
  signal: AbortSignal | undefined,
) => Promise<YesNo>

/** How a suite is run. */
export interface RunOptions {
  /** Ask only the first so many questions; default all. */
  readonly limit?: number
  readonly signal?: AbortSignal
  /** Milliseconds of a steady clock; default performance.now. */
  readonly now?: () => number
  /** Needed where the suite has moderation questions. */
  readonly askYesNo?: YesNoAsker
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
 * Runs a suite and yields each result as it comes. Every question is a conversation of its own, with the turns that stand
 * before it; answers are greedy.
 * @throws what the answerer throws (a clip that cannot be read ends the run: its suite is broken); signal.reason
 */
export async function* runSuite(
  suite: Suite,
  answerer: Answerer,
  { limit, signal, now = () => performance.now(), askYesNo }: RunOptions = {},
): AsyncGenerator<QuestionResult> {
  const readers = new Map(Object.entries(suite.languages ?? {}).map(([code, lexicon]) => [code, new Reader(lexicon)]))
  for (const { clip, asked } of planQuestions(suite, limit)) {
    signal?.throwIfAborted()
    const reader = asked.language === undefined ? undefined : readers.get(asked.language)
    const question = questionOf(asked, join(suite.directory, clip))
    const start = now()
    const answered =
      asked.kind === 'moderation' && reader !== undefined && askYesNo !== undefined
        ? await weigh(asked, question, reader, askYesNo, answerer, signal)
        : await ask(asked, question, reader, suite, answerer, signal)
    signal?.throwIfAborted()
    yield {
      id: asked.id,
      kind: asked.kind,
      clip,
      question: asked.question,
      expected: asked.expected,
      milliseconds: now() - start,
      ...answered,
      ...(asked.language === undefined ? {} : { language: asked.language }),
      ...(asked.before === undefined ? {} : { isFollowUp: true }),
      ...(asked.pair === undefined ? {} : { pair: asked.pair }),
      ...(asked.unseenPhrasing ? { unseenPhrasing: true } : {}),
    }
  }
}

type Answered = Pick<QuestionResult, 'said' | 'isRight' | 'model' | 'things' | 'probability'>

/** The conversation up to the question; its clip comes with the first turn. */
function questionOf({ id, question, before = [] }: SuiteQuestion, path: string): Question {
  const clip = { type: 'clip', clip: { id: 'clip-1', ...localClip(path) } } as const
  const turns = [...before.flatMap((turn) => [turn.question, turn.answer]), question]
  const messages = turns.map((text, place): ConversationMessage => {
    const words = { type: 'text', text } as const
    return { role: place % 2 === 0 ? 'user' : 'assistant', content: place === 0 ? [clip, words] : [words] }
  })
  return { threadId: `evaluation:${id}`, messages, options: {} }
}

async function ask(
  asked: SuiteQuestion,
  question: Question,
  reader: Reader | undefined,
  suite: Suite,
  answerer: Answerer,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  try {
    for await (const event of answerer.answer(question, signal)) {
      if (event.type !== 'end') continue
      const { answer: said, model } = event.report
      if (reader === undefined) return { said, model, isRight: isRight(asked, said, suite) }
      const things = asked.kind === 'things' ? { things: countThings(reader, asked.expected.things, said) } : {}
      return { said, model, isRight: isRightIn(reader, asked, said), ...things }
    }
  } finally {
    await answerer.forget(question.threadId)
  }
  throw new AppError('INFERENCE_FAILED', `The answer to question ${asked.id} never ended. This is a fault of Valley.`)
}

/** A moderation question, answered by how likely yes is. */
async function weigh(
  asked: Extract<SuiteQuestion, { kind: 'moderation' }>,
  question: Question,
  { lexicon }: Reader,
  askYesNo: YesNoAsker,
  answerer: Answerer,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  try {
    const { score, model } = await askYesNo(question, lexicon, signal)
    return { said: '', model, isRight: score >= 0.5 === asked.expected.present, probability: score }
  } finally {
    await answerer.forget(question.threadId)
  }
}
