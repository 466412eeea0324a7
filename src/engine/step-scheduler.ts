// Divides the model's time among all that want it, run by run, since a run cannot be interrupted: answers take their decode
// steps together; between them prompts go forward chunk by chunk, in turns, and frames are looked at one by one. Work of the
// second kind may hold up running answers for about one chunk, and gets about half of the time while there are any.
import { AppError } from '../errors.ts'
import type { ModelEvent } from '../valley/answer-request.ts'
import type { AnswerRun } from '../valley/answer-run.ts'
import type { StepOutcome } from '../valley/answer-steps.ts'
import { PREFILL_CHUNK_TOKENS } from '../valley/decoder.ts'

/** What the scheduler needs of the model. */
export interface StepModel {
  stepTogether(runs: readonly AnswerRun[]): Promise<StepOutcome[]>
  endAnswer(run: AnswerRun): void
}

/** Readers do not notice a pause of this length between two words. */
const CHUNK_TARGET_MS = 60
/** Smaller chunks would make a prompt slower than the pause is worth. */
const LEAST_CHUNK_TOKENS = 16

/** An answer that takes decode steps. */
interface Decoding {
  readonly run: AnswerRun
  readonly signal: AbortSignal
  readonly emit: (event: ModelEvent) => void
  readonly settle: (error?: unknown) => void
}

/** Work that goes forward in chunks of tokens; true when nothing is left. */
type ChunkWork = (chunkTokens: number) => Promise<boolean>

/** Runs everything on one model, one run at a time. */
export class StepScheduler {
  readonly #model: StepModel
  readonly #jobs: (() => Promise<void>)[] = []
  /** Prompts, the next one first. */
  readonly #chunked: ChunkWork[] = []
  #decoding: Decoding[] = []
  #working = false
  /** Decode time that running answers have been held up by other work and not yet been given. */
  #owedMs = 0
  #tokensPerMs = PREFILL_CHUNK_TOKENS / CHUNK_TARGET_MS

  constructor(model: StepModel) {
    this.#model = model
  }

  /** Does something that is one run or a few; such jobs are done in the order of their coming. */
  do<Result>(job: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => job().then(resolve, reject))
      this.#wake()
    })
  }

  /** Does something chunk by chunk. @param step true when nothing is left; what it throws ends the work */
  inChunks(step: ChunkWork): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#chunked.push(async (chunkTokens) => {
        try {
          const done = await step(chunkTokens)
          if (done) resolve()
          return done
        } catch (error) {
          reject(error)
          return true
        }
      })
      this.#wake()
    })
  }

  /**
   * Brings an answer to its end, with an event for everything that happens; an abort ends it at its next step.
   * @throws AppError as the model gives it
   */
  async answer(run: AnswerRun, signal: AbortSignal, emit: (event: ModelEvent) => void): Promise<void> {
    const emitAll = (events: readonly ModelEvent[]) => {
      for (const event of events) emit(event)
    }
    emit(run.begun)
    await this.inChunks(async (chunkTokens) => {
      emitAll(signal.aborted ? run.cancel() : await run.prefill(chunkTokens))
      return !run.needsPrefill
    })
    if (run.ended) return
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error))
      this.#decoding.push({ run, signal, emit, settle })
      this.#wake()
    })
  }

  #wake(): void {
    if (this.#working) return
    this.#working = true
    void this.#work()
  }

  async #work(): Promise<void> {
    for (;;) {
      const others = this.#jobs.length + this.#chunked.length
      if (others === 0 && this.#decoding.length === 0) break
      if (this.#decoding.length === 0) this.#owedMs = 0
      else if (others === 0 || this.#owedMs > 0) await this.#decodeStep()
      if (this.#owedMs <= 0) await this.#otherWork()
    }
    this.#working = false
  }

  /** One job and one chunk, as far as there are any. */
  async #otherWork(): Promise<void> {
    const begun = performance.now()
    await this.#jobs.shift()?.()
    const work = this.#chunked.shift()
    if (work !== undefined) {
      const chunkTokens = this.#chunkTokens()
      const chunkBegun = performance.now()
      const done = await work(chunkTokens)
      if (!done) {
        // The last chunk of a prompt may be a short one, which tells nothing.
        this.#tokensPerMs = chunkTokens / Math.max(performance.now() - chunkBegun, 0.01)
        this.#chunked.push(work)
      }
    }
    this.#owedMs = performance.now() - begun
  }

  #chunkTokens(): number {
    if (this.#decoding.length === 0) return PREFILL_CHUNK_TOKENS
    const wanted = Math.round(this.#tokensPerMs * CHUNK_TARGET_MS)
    return Math.min(PREFILL_CHUNK_TOKENS, Math.max(LEAST_CHUNK_TOKENS, wanted))
  }

  async #decodeStep(): Promise<void> {
    const begun = performance.now()
    for (const one of this.#decoding) if (one.signal.aborted) this.#tell(one, { events: one.run.cancel() })
    const due = this.#decoding.filter(({ run }) => !run.ended)
    const outcomes = await this.#model
      .stepTogether(due.map(({ run }) => run))
      .catch((error: unknown) => due.map(() => ({ error })))
    for (const [index, one] of due.entries()) this.#tell(one, outcomes[index]!)
    this.#decoding = this.#decoding.filter(({ run }) => !run.ended)
    this.#owedMs -= performance.now() - begun
  }

  /** Passes on what came of an answer's step, and lets go of an answer that is over. */
  #tell({ run, emit, settle }: Decoding, outcome: StepOutcome): void {
    if ('error' in outcome)
      run.cancel() // its events are not shown: the error is
    else for (const event of outcome.events) emit(event)
    if (!run.ended) return
    this.#model.endAnswer(run)
    settle('error' in outcome ? (outcome.error ?? unknownFailure()) : undefined)
  }
}

function unknownFailure(): AppError {
  return new AppError('INFERENCE_FAILED', 'A decode step failed and gave no reason; expected logits. Ask again.')
}
