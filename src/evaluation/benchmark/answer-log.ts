// What the model said to each question of a set, a line each, written as soon as it is known: a run that was broken off goes
// on where it stopped, and another judge needs no new answers.
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { benchmarkError, fileErrorText } from './read-rows.ts'

const answeredSchema = z.object({
  key: z.string(),
  id: z.string(),
  /** In the order of the questions; empty where probabilities were asked. */
  said: z.array(z.string()),
  /** Place of the answer of the highest probability, where probabilities were asked. */
  chosen: z.int().nonnegative().optional(),
  model: z.string(),
  milliseconds: z.number(),
})

/** One question answered. */
export type Answered = z.infer<typeof answeredSchema>

/** The answers of runs into one folder. */
export class AnswerLog {
  readonly #file: string
  readonly #known: Map<string, Answered>
  /** Whatever was broken off in the middle of a line stays a line of its own. */
  #before: string

  private constructor(file: string, known: Map<string, Answered>, before: string) {
    this.#file = file
    this.#known = known
    this.#before = before
  }

  /** Reads what there is. @throws AppError BENCHMARK_INVALID when the file is there and cannot be read */
  static async open(file: string): Promise<AnswerLog> {
    let text = ''
    try {
      text = await readFile(file, 'utf8')
    } catch (cause) {
      if (fileErrorText(cause) !== 'ENOENT') throw cannotUse(file, cause)
    }
    const known = new Map<string, Answered>()
    for (const line of text.split('\n')) {
      const parsed = answeredSchema.safeParse(parseLine(line))
      if (parsed.success) known.set(parsed.data.key, parsed.data)
    }
    return new AnswerLog(file, known, text === '' || text.endsWith('\n') ? '' : '\n')
  }

  /** What was said to a question before; undefined for what was not asked. */
  get(key: string): Answered | undefined {
    return this.#known.get(key)
  }

  /** Keeps an answer. @throws AppError BENCHMARK_INVALID when it cannot be written */
  async add(answered: Answered): Promise<void> {
    try {
      await mkdir(dirname(this.#file), { recursive: true })
      await appendFile(this.#file, `${this.#before}${JSON.stringify(answered)}\n`)
    } catch (cause) {
      throw cannotUse(this.#file, cause)
    }
    this.#before = ''
    this.#known.set(answered.key, answered)
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

function cannotUse(file: string, cause: unknown) {
  return benchmarkError(
    `${file} cannot be read or written (${fileErrorText(cause)}); a file in a folder with room is needed. Name another folder by --out.`,
    cause,
  )
}
