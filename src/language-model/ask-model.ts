// Asks a language model until it answers, at most so many times, and remembers what it said: asked the same again, it costs
// nothing, and a run that was broken off goes on where it stopped.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { askOnce, type ChatAnswer, type ChatPrompt, type Generator, parseJson, requestBody } from './chat-request.ts'

/** Waits; may end early when the signal is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>

/** What the answers of a run took. Answers that were remembered count apart. */
export interface Spent {
  asked: number
  remembered: number
  retries: number
  inputTokens: number
  outputTokens: number
}

const MAX_ATTEMPTS = 6
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 60_000

/** An abort ends the wait; what it was aborted with is thrown by whoever waited. */
const sleepByClock: Sleep = (milliseconds, signal) =>
  sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {})

/** A model with its memory in a folder. */
export class RememberingModel {
  readonly spent: Spent = { asked: 0, remembered: 0, retries: 0, inputTokens: 0, outputTokens: 0 }
  readonly #generator: Generator
  readonly #folder: string
  readonly #sleep: Sleep
  readonly #signal: AbortSignal | undefined

  /** @param folder where answers are kept, each under the hash of its question */
  constructor(generator: Generator, folder: string, signal?: AbortSignal, sleep: Sleep = sleepByClock) {
    this.#generator = generator
    this.#folder = folder
    this.#signal = signal
    this.#sleep = sleep
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
    const answer = await this.#askUntilAnswered(body)
    this.spent.asked += 1
    this.spent.inputTokens += answer.inputTokens
    this.spent.outputTokens += answer.outputTokens
    await this.#remember(path, answer)
    return answer
  }

  async #askUntilAnswered(body: ReturnType<typeof requestBody>): Promise<ChatAnswer> {
    for (let failures = 0; ; ) {
      try {
        return await askOnce(this.#generator, body, this.#signal)
      } catch (error) {
        failures += 1
        if (!(error instanceof AppError) || !error.retryable || failures >= MAX_ATTEMPTS) throw error
        this.spent.retries += 1
        const { waitSeconds } = error.details
        const waitMs = typeof waitSeconds === 'number' ? waitSeconds * 1000 : FIRST_WAIT_MS * 2 ** (failures - 1)
        await this.#sleep(Math.min(waitMs, MAX_WAIT_MS), this.#signal)
        this.#signal?.throwIfAborted()
      }
    }
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
