// A suite: held-out clips with questions whose right answers are known, read from suite.json beside its clips.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'

/** Name of the file that describes a suite. */
export const SUITE_FILE = 'suite.json'

/** Directions of a motion; `still` for none. */
export const DIRECTIONS = [
  'left',
  'right',
  'up',
  'down',
  'up and to the left',
  'up and to the right',
  'down and to the left',
  'down and to the right',
  'still',
] as const

const text = z.string().min(1)
const asked = { id: text, question: text }

const questionSchema = z.discriminatedUnion('kind', [
  z.object({ ...asked, kind: z.literal('things'), expected: z.object({ things: z.array(text).min(1) }) }),
  z.object({ ...asked, kind: z.literal('motion'), expected: z.object({ direction: z.enum(DIRECTIONS) }) }),
  z.object({ ...asked, kind: z.literal('count'), expected: z.object({ count: z.int().nonnegative() }) }),
  z.object({ ...asked, kind: z.literal('order'), expected: z.object({ first: text }) }),
  z.object({ ...asked, kind: z.literal('presence'), expected: z.object({ present: z.boolean() }) }),
  z.object({ ...asked, kind: z.literal('setting'), expected: z.object({ setting: text }) }),
])

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
    clips: z.array(clipSchema).min(1),
  })
  .superRefine(({ things, settings, clips }, context) => {
    const ids = new Set<string>()
    for (const { id, kind, expected } of clips.flatMap(({ questions }) => questions)) {
      const complain = (message: string) => context.addIssue({ code: 'custom', message: `question ${id}: ${message}` })
      if (ids.has(id)) complain('the id is used twice')
      ids.add(id)
      const named = kind === 'things' ? expected.things : kind === 'order' ? [expected.first] : []
      for (const name of named) if (!things.includes(name)) complain(`${name} is not among the suite's things`)
      if (kind === 'setting' && !settings.includes(expected.setting)) {
        complain(`${expected.setting} is not among the suite's settings`)
      }
    }
  })

/** One question with the facts that a right answer states. */
export type SuiteQuestion = z.infer<typeof questionSchema>
/** What a question is about. */
export type QuestionKind = SuiteQuestion['kind']
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
