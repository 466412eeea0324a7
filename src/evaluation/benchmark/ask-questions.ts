// Asks the questions of a set, each in a conversation of its own, through the port that the chat platforms use; or asks how
// likely each of the possible answers is.
import { createHash } from 'node:crypto'
import type { Answerer, Question } from '../../conversation/answerer.ts'
import { localClip } from '../../conversation/locate-clip.ts'
import { AppError, type ErrorCode, isAboutClipOrItsTime } from '../../errors.ts'
import type { Answered, AnswerLog } from './answer-log.ts'
import type { BenchmarkQuestion, ClipSpan } from './benchmark-question.ts'
import type { Method } from './benchmarks.ts'
import type { PlannedQuestion } from './plan-run.ts'
import { beginningsOf, canBeWeighed, promptOf } from './prompt-words.ts'

/** How likely an answer is that begins with one of some spellings. */
export interface Weight {
  readonly probability: number
  /** Natural logarithm of the probability of the likeliest spelling, for each of its tokens. */
  readonly perToken: number
}

/** Weighs beginnings of answers against each other. @returns one weight for each group of spellings */
export type BeginningWeigher = (
  question: Question,
  groups: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
) => Promise<{ readonly weights: readonly Weight[]; readonly model: string }>

/** What a run needs. */
export interface AskRequest {
  readonly set: string
  readonly method: Method
  /** Asks the question alone, without options and form of the answer. */
  readonly isPlain: boolean
  /** Tells one model package from another, and one way to show clips. */
  readonly fingerprint: string
  readonly answerer: Pick<Answerer, 'answer' | 'forget'>
  readonly weigh: BeginningWeigher
  readonly log: Pick<AnswerLog, 'get' | 'add'>
  readonly signal?: AbortSignal
  /** Milliseconds of a steady clock; default performance.now. */
  readonly now?: () => number
}

/** What became of a question. */
export type Outcome =
  | { readonly asked: BenchmarkQuestion; readonly answered: Answered; readonly wasKnown: boolean }
  /** The clip is there and cannot be looked at. */
  | { readonly asked: BenchmarkQuestion; readonly failure: ErrorCode }

/** The handle of a part of a clip: its path with the fragment of Media Fragments URI, `#t=2.5,7`. */
export function clipHandle(path: string, span: ClipSpan | undefined): string {
  return span === undefined ? path : `${path}#t=${span.fromSeconds},${span.toSeconds}`
}

/**
 * Asks questions one after another; what the log has of before is not asked again.
 * @throws what the answerer throws that is not about a clip; BENCHMARK_INVALID when an answer cannot be kept; signal.reason
 */
export async function* askQuestions(planned: readonly PlannedQuestion[], request: AskRequest): AsyncGenerator<Outcome> {
  for (const { asked, path } of planned) {
    request.signal?.throwIfAborted()
    const key = keyOf(asked, path, request)
    const known = request.log.get(key)
    if (known !== undefined) {
      yield { asked, answered: known, wasKnown: true }
      continue
    }
    try {
      const answered = await ask(asked, path, key, request)
      await request.log.add(answered)
      yield { asked, answered, wasKnown: false }
    } catch (error) {
      if (!isAboutClipOrItsTime(error)) throw error
      yield { asked, failure: error.code }
    }
  }
}

/** Everything that decides an answer; a changed prompt or model asks anew. */
function keyOf(asked: BenchmarkQuestion, path: string, { set, method, fingerprint, isPlain }: AskRequest): string {
  const prompts = asked.questions.map((question) => promptOf(question, asked.expected, isPlain))
  const all = { set, id: asked.id, prompts, method, fingerprint, path, span: asked.clip.span }
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

async function ask(asked: BenchmarkQuestion, path: string, key: string, request: AskRequest): Promise<Answered> {
  const { now = () => performance.now(), method, isPlain } = request
  const start = now()
  const said: string[] = []
  let model = ''
  let chosen: number | undefined
  for (const [place, words] of asked.questions.entries()) {
    const clip = { id: 'clip-1', ...localClip(clipHandle(path, asked.clip.span)) }
    const content = [
      { type: 'clip', clip },
      { type: 'text', text: promptOf(words, asked.expected, isPlain) },
    ] as const
    const threadId = `evaluation:${asked.id}:${place}`
    const question: Question = { threadId, messages: [{ role: 'user', content }], options: {} }
    try {
      if (method === 'answer' || !canBeWeighed(asked)) {
        const report = await answerOf(question, request)
        said.push(report.answer)
        model = report.model
      } else {
        const weighed = await weigh(asked, question, request)
        chosen = weighed.chosen
        model = weighed.model
      }
    } finally {
      await request.answerer.forget(threadId)
    }
  }
  const milliseconds = Math.round(now() - start)
  return { key, id: asked.id, said, model, milliseconds, ...(chosen === undefined ? {} : { chosen }) }
}

async function answerOf(question: Question, { answerer, signal }: AskRequest) {
  for await (const event of answerer.answer(question, signal)) {
    // What was cancelled is no answer.
    signal?.throwIfAborted()
    if (event.type === 'end') return event.report
  }
  signal?.throwIfAborted()
  throw new AppError('INFERENCE_FAILED', `The answer to ${question.threadId} never ended. This is a fault of Valley.`)
}

async function weigh({ expected }: BenchmarkQuestion, question: Question, { method, weigh, signal }: AskRequest) {
  if (expected.kind === 'open') throw new TypeError('only answers that can be listed are weighed')
  const byWords = method === 'likelihood'
  const { weights, model } = await weigh(question, beginningsOf(expected, byWords ? 'words' : 'label'), signal)
  // Long options are less likely as a whole just for being long.
  const values = weights.map(({ probability, perToken }) => (byWords ? perToken : probability))
  return { chosen: values.indexOf(Math.max(...values)), model }
}
