// A suite: held-out clips with questions whose right answers are known, read from suite.json beside its clips.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { type Facet, lexiconSchema } from './lexicon.ts'
import { LEXICON_KINDS, questionSchema, type SuiteQuestion, thingsExpected } from './question.ts'

/** Name of the file that describes a suite. */
export const SUITE_FILE = 'suite.json'

const text = z.string().min(1)

const clipSchema = z.object({
  file: text.refine((file) => !/^\/|\\|(^|\/)\.\.(\/|$)/.test(file), 'must lie in the suite’s folder'),
  questions: z.array(questionSchema).min(1),
})

const suiteSchema = z
  .object({
    name: text,
    description: z.string(),
    things: z.array(text).min(1),
    settings: z.array(text).default([]),
    /** Words of each language; without, answers are English and read by the rules of score-answer.ts. */
    languages: z.record(text, lexiconSchema).optional(),
    /** What a model is meant to reach, by the name of the measure; see measures.ts. */
    goals: z.record(text, z.number().min(0).max(1)).optional(),
    clips: z.array(clipSchema).min(1),
  })
  .superRefine((suite, context) => {
    const ids = new Set<string>()
    for (const question of suite.clips.flatMap(({ questions }) => questions)) {
      const { id } = question
      const problems = [...(ids.has(id) ? ['the id is used twice'] : []), ...problemsOf(question, suite)]
      ids.add(id)
      for (const problem of problems) context.addIssue({ code: 'custom', message: `question ${id}: ${problem}` })
    }
  })

type Words = Pick<Suite, 'things' | 'settings' | 'languages'>

/** What of a question the suite's words do not cover. */
function problemsOf(question: SuiteQuestion, { things, settings, languages }: Words): string[] {
  const { kind, language, expected } = question
  const missing = thingsExpected(question).filter((name) => !things.includes(name))
  const problems = missing.map((name) => `${name} is not among the suite's things`)
  if (kind === 'setting' && !settings.includes(expected.setting)) {
    problems.push(`${expected.setting} is not among the suite's settings`)
  }
  if (languages === undefined) {
    const needsWords = LEXICON_KINDS.includes(kind) || (kind === 'order' && !('first' in expected))
    if (needsWords || language !== undefined) problems.push('the suite has no languages, which it needs')
    return problems
  }
  const lexicon = language === undefined ? undefined : languages[language]
  if (lexicon === undefined) {
    return [...problems, `its language is ${language ?? 'not named'}; ${Object.keys(languages).join(', ')} are known`]
  }
  const named: readonly (readonly [Facet, string | undefined])[] = [
    ['colours', kind === 'colour' ? expected.colour : undefined],
    ['cells', kind === 'where' ? expected.cell : undefined],
    ['directions', kind === 'motion' ? expected.direction : undefined],
    ['numbers', kind === 'count' ? String(expected.count) : undefined],
    ['settings', kind === 'setting' ? expected.setting : undefined],
    ...thingsExpected(question).map((name) => ['things', name] as const),
  ]
  for (const [facet, name] of named) {
    if (name !== undefined && lexicon[facet][name] === undefined) problems.push(`${name} is not among the ${facet}`)
  }
  if (kind === 'order' && 'event' in expected && lexicon.events[expected.event] === undefined) {
    problems.push(`${expected.event} is not among the events`)
  }
  return problems
}

/** Clips and questions, and the words that answers are searched for. */
export type Suite = z.infer<typeof suiteSchema> & {
  /** Absolute path of the folder that the clips' names are relative to. */
  readonly directory: string
}

const MAX_PROBLEMS_SHOWN = 5

/**
 * Reads and checks a suite. Whether the clips are there is seen when they are asked about.
 * @param directory folder that holds suite.json
 * @throws AppError CONFIG_INVALID when there is no suite or it is wrong, with each problem and its place
 */
export async function readSuite(directory: string): Promise<Suite> {
  const path = join(resolve(directory), SUITE_FILE)
  const parsed = suiteSchema.safeParse(await readJson(path))
  if (parsed.success) return { ...parsed.data, directory: resolve(directory) }
  const problems = parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': '))
  const more = problems.length > MAX_PROBLEMS_SHOWN ? `; and ${problems.length - MAX_PROBLEMS_SHOWN} more` : ''
  throw invalid(path, `is wrong: ${problems.slice(0, MAX_PROBLEMS_SHOWN).join('; ')}${more}`)
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw invalid(path, `cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause)
  }
}

function invalid(path: string, what: string, cause?: unknown): AppError {
  const message = `The suite ${path} ${what}. Name a folder with a right ${SUITE_FILE} by --suite; models/README.md gives the format.`
  return new AppError('CONFIG_INVALID', message, { details: { path }, cause })
}
