// A language model that judges answers, as the paper's evaluation has it: whether an answer means what was expected, and how
// well, from 0 to 5. For answers that choose an option in words of their own it says which. The words are ours.
import { z } from 'zod'
import type { RememberingModel } from '../../language-model/ask-model.ts'
import type { AnswerForm, ChatPrompt } from '../../language-model/chat-request.ts'
import type { Axis, Option } from './benchmark-question.ts'
import { optionText } from './prompt-words.ts'

/** What a judge says on an axis; `isRight` on `match` alone. */
export interface Judgement {
  readonly isRight?: boolean
  /** 0 to 5. */
  readonly score: number
}

/** A question with what was expected and said; two of each where it was asked in two ways. */
export interface Judged {
  readonly questions: readonly string[]
  readonly expected: string
  readonly said: readonly string[]
}

const MAX_SCORE = 5
/** What a judge writes wrong once it mostly writes right when asked anew. */
const ATTEMPTS = 3

const WHAT_IS_SCORED: Readonly<Record<Axis, string>> = {
  match: 'whether the given answer means the same as the expected one',
  correctness:
    'how far the given answer is true to what the expected answer says happens in the video, and misstates nothing',
  detail: 'how many of the particulars of the expected answer the given answer has, and how exactly it states them',
  context: 'how far the given answer understands what the video as a whole is about, as the expected answer has it',
  temporal:
    'how far the given answer has events in the right order and at the right time, as the expected answer has them',
  consistency:
    'how far the two given answers, to the same question asked in two ways, agree with each other and with the expected answer',
}

const score = z.coerce.number().min(0).max(MAX_SCORE)
const scoreSchema = z.object({ score })
const matchSchema = z.object({ pred: z.enum(['yes', 'no']), score })
const choiceSchema = z.object({ option: z.string() })

const MATCH_FORM = formOf('match', {
  pred: { type: 'string', enum: ['yes', 'no'] },
  score: { type: 'integer', minimum: 0, maximum: MAX_SCORE },
})
const SCORE_FORM = formOf('score', { score: { type: 'integer', minimum: 0, maximum: MAX_SCORE } })

/**
 * Judges an answer on one axis.
 * @returns null when the judge never says it in the form asked for
 * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE
 */
export async function judgeAnswer(
  model: Pick<RememberingModel, 'ask'>,
  axis: Axis,
  judged: Judged,
): Promise<Judgement | null> {
  const isMatch = axis === 'match'
  const asked = isMatch
    ? 'Reply with one JSON object: {"pred": "yes" or "no", "score": whole number from 0 to 5}.'
    : 'Reply with one JSON object: {"score": whole number from 0 to 5}.'
  const prompt: ChatPrompt = {
    system:
      `You grade answers that a program gave to questions about a video you cannot see. Grade ${WHAT_IS_SCORED[axis]}. ` +
      `Other words for the same thing are as good. 0 is the lowest grade, 5 the highest. ${asked}`,
    user: describe(judged),
    form: isMatch ? MATCH_FORM : SCORE_FORM,
  }
  return isMatch ? askForMatch(model, prompt) : askForScore(model, prompt)
}

/**
 * Asks which option an answer in words of its own means.
 * @returns its place, `none` for none of them; null when the judge never says it in the form asked for
 * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE
 */
export async function judgeChoice(
  model: Pick<RememberingModel, 'ask'>,
  question: string,
  options: readonly Option[],
  said: string,
): Promise<number | 'none' | null> {
  const labels = [...options.map(({ label }) => label), 'none']
  const prompt: ChatPrompt = {
    system:
      'Someone answered a question with options in words of their own. Say which option the answer means, or "none" where ' +
      `it means none or more than one. Do not say which is right. Reply with one JSON object: {"option": one of ${labels.join(', ')}}.`,
    user: [`Question: ${question}`, ...options.map(optionText), `Answer: ${said}`].join('\n'),
    form: formOf('choice', { option: { type: 'string', enum: labels } }),
  }
  const chosen = await askUntilRead(model, prompt, (text) => {
    const option = readObject(text, choiceSchema)?.option.trim().toLowerCase()
    const place = labels.findIndex((label) => label.toLowerCase() === option)
    return place < 0 ? null : place
  })
  return chosen === options.length ? 'none' : chosen
}

function askForMatch(model: Pick<RememberingModel, 'ask'>, prompt: ChatPrompt): Promise<Judgement | null> {
  return askUntilRead(model, prompt, (text) => {
    const read = readObject(text, matchSchema)
    return read === null ? null : { isRight: read.pred === 'yes', score: Math.trunc(read.score) }
  })
}

function askForScore(model: Pick<RememberingModel, 'ask'>, prompt: ChatPrompt): Promise<Judgement | null> {
  return askUntilRead(model, prompt, (text) => {
    const read = readObject(text, scoreSchema)
    // As source: a fraction is cut off.
    return read === null ? null : { score: Math.trunc(read.score) }
  })
}

async function askUntilRead<Value>(
  model: Pick<RememberingModel, 'ask'>,
  prompt: ChatPrompt,
  read: (text: string) => Value | null,
): Promise<Value | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await model.ask(prompt, attempt)
    const value = answer.isRefused || answer.isCut ? null : read(answer.text)
    if (value !== null) return value
  }
  return null
}

/** The object in a reply: JSON, perhaps fenced or with words around, perhaps with the single quotes of Python. */
function readObject<Value>(text: string, schema: z.ZodType<Value>): Value | null {
  const found = /\{[^{}]*\}/.exec(text)?.[0]
  if (found === undefined) return null
  for (const form of [found, found.replaceAll("'", '"')]) {
    const parsed = schema.safeParse(parse(form))
    if (parsed.success) return parsed.data
  }
  return null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describe({ questions, expected, said }: Judged): string {
  if (questions.length === 1) return `Question: ${questions[0]}\nExpected answer: ${expected}\nGiven answer: ${said[0]}`
  const asked = questions.map((question, place) => `Question ${place + 1}: ${question}`)
  const given = said.map((answer, place) => `Given answer ${place + 1}: ${answer}`)
  return [...asked, `Expected answer: ${expected}`, ...given].join('\n')
}

function formOf(name: string, properties: Readonly<Record<string, unknown>>): AnswerForm {
  const schema = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
  return { name, schema }
}
