// Asks a language model until it answers, at most so many times, and remembers what it said: asked the same again, it costs
// nothing, and a run that was broken off goes on where it stopped.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../errors.ts'
import { type Sleep, sleepByClock } from '../retry.ts'
import { askUntilAnswered } from './ask-until-answered.ts'
import {
  type ChatAnswer,
  type ChatPrompt,
  type Generator,
  parseJson,
  type RequestBody,
  requestBody,
} from './chat-request.ts'

/** What the answers of a run took. Answers that were remembered count apart. */
export interface Spent {
  asked: number
  remembered: number
  retries: number
  inputTokens: number
  outputTokens: number
}

/** Asks until there is an answer. @param onRetry told of each time that it has to be asked again */
export type Asker = (body: RequestBody, onRetry: () => void) => Promise<ChatAnswer>

/** A model with its memory in a folder. */
export class RememberingModel {
  readonly spent: Spent = { asked: 0, remembered: 0, retries: 0, inputTokens: 0, outputTokens: 0 }
  readonly #generator: Generator
  readonly #folder: string
  readonly #asker: Asker

  /**
   * @param folder where answers are kept, each under the hash of its question
   * @param asker who asks what is not remembered; default this process itself
   */
  constructor(
    generator: Generator,
    folder: string,
    signal?: AbortSignal,
    sleep: Sleep = sleepByClock,
    asker: Asker = (body, onRetry) => askUntilAnswered(generator, body, { signal, sleep, onRetry }),
  ) {
    this.#generator = generator
    this.#folder = folder
    this.#asker = asker
  }

  /**
   * Asks, or remembers.
   * @param attempt 0, or more to have the same question answered anew
   * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE after the last attempt, CONFIG_INVALID without a place to remember
   */
  async ask(prompt: ChatPrompt, attempt: number): Promise<ChatAnswer> {
    const body = requestBody(this.#generator, prompt)
    const hash = createHash('sha256').update(JSON.stringify({ body, attempt })).digest('hex')
    const path = join(this.#folder, hash.slice(0, 2), `${hash}.json`)
    const remembered = await this.#recall(path)
    if (remembered !== null) {
      this.spent.remembered += 1
      return remembered
    }
    const answer = await this.#asker(body, () => {
      this.spent.retries += 1
    })
    this.spent.asked += 1
    this.spent.inputTokens += answer.inputTokens
    this.spent.outputTokens += answer.outputTokens
    await this.#remember(path, answer)
    return answer
  }

  async #recall(path: string): Promise<ChatAnswer | null> {
    try {
      return (parseJson(await readFile(path, 'utf8')) as ChatAnswer | undefined) ?? null
    } catch (error) {
      if (errorText(error) === 'ENOENT') return null
      throw cacheError(
        `The remembered answer ${path} cannot be read (${errorText(error)}). Correct its permissions.`,
        error,
      )
    }
  }

  async #remember(path: string, answer: ChatAnswer): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true })
      // A file that is there is whole, also after a power cut.
      await writeFile(`${path}.part`, JSON.stringify(answer))
      await rename(`${path}.part`, path)
    } catch (cause) {
      throw cacheError(
        `The answer ${path} cannot be kept (${errorText(cause)}). Name a folder with room by --cache.`,
        cause,
      )
    }
  }
}

function cacheError(message: string, cause: unknown): AppError {
  return new AppError('CONFIG_INVALID', message, { cause })
}

/** What a failed call of the file system says in short, e.g. ENOENT. */
function errorText(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
