// Decode steps of answers: of several in one run, of one alone with guesses checked on the way. Neither changes what is said.
import type { ModelEvent } from './answer-request.ts'
import type { AnswerRun } from './answer-run.ts'
import type { Decoder } from './decoder.ts'
import { GuessGate } from './guess-gate.ts'
import { KvArena } from './kv-arena.ts'
import { guessNextIds } from './prompt-lookup.ts'
import type { Shapes } from './shapes.ts'

/** Tokens guessed at a time: with four rows in a run, a check takes about twice as long as a step. */
const MOST_GUESSED = 3

/** What came of a decode step: events of the answer, or why it failed. */
export type StepOutcome = { readonly events: readonly ModelEvent[] } | { readonly error: unknown }

/** Takes the steps of one model's answers. */
export class AnswerSteps {
  readonly #decoder: Decoder
  /** Where answers lie whose steps are taken together. */
  readonly #arena: KvArena
  readonly #gate = new GuessGate()

  constructor(decoder: Decoder, shapes: Shapes) {
    this.#decoder = decoder
    this.#arena = new KvArena(shapes)
  }

  /**
   * Takes the steps that are due, in one run where rows are written in place.
   * @param runs each with a nextId
   * @returns what came of each; one that fails does not stop the others
   */
  async step(runs: readonly AnswerRun[]): Promise<StepOutcome[]> {
    const begun = performance.now()
    const together = runs.length > 1 && this.#decoder.mode === 'in-place'
    const logits = together ? await this.#sharedStep(runs).catch(() => null) : null
    if (logits === null) return this.#oneByOne(runs)
    const tookMs = performance.now() - begun
    return runs.map((run, index) => outcomeOf(() => run.receive(logits[index]!, tookMs)))
  }

  /** Frees what shared steps keep for an answer. */
  end(run: AnswerRun): void {
    this.#arena.leave(run.cache)
  }

  /** [V] logits for each. */
  async #sharedStep(runs: readonly AnswerRun[]): Promise<Float32Array[]> {
    this.#arena.seat(
      runs.map(({ cache }) => cache),
      Math.max(...runs.map(({ mostRows }) => mostRows)),
    )
    const inSlots = this.#arena.seated.map((cache) => runs.findIndex((run) => run.cache === cache))
    const logits = await this.#decoder.decodeTogether(
      inSlots.map((index) => runs[index]!.nextId!),
      this.#arena,
    )
    return runs.map((_, index) => logits[inSlots.indexOf(index)]!)
  }

  async #oneByOne(runs: readonly AnswerRun[]): Promise<StepOutcome[]> {
    const outcomes: StepOutcome[] = []
    for (const run of runs) {
      const stepping = this.#guessOrStep(run).then((events) => ({ events }))
      outcomes.push(await stepping.catch((error: unknown) => ({ error })))
    }
    return outcomes
  }

  async #guessOrStep(run: AnswerRun): Promise<readonly ModelEvent[]> {
    const guessed =
      run.isGreedy && this.#decoder.givesAllLogits && this.#gate.isOpen
        ? guessNextIds(run.ids, Math.min(MOST_GUESSED, run.mostTokensLeft - 1))
        : []
    if (guessed.length > 0) return this.#check(run, guessed)
    const begun = performance.now()
    const logits = await this.#decoder.decodeStep(run.nextId!, run.cache) // [V]
    const tookMs = performance.now() - begun
    if (run.isGreedy) this.#gate.plain(tookMs)
    return run.receive(logits, tookMs)
  }

  /** Runs the due token and the guessed ones behind it at once, and says as many as the model would have said itself. */
  async #check(run: AnswerRun, guessed: readonly number[]): Promise<readonly ModelEvent[]> {
    const { cache } = run
    const before = cache.length
    const begun = performance.now()
    const logits = await this.#decoder.decodeAll([run.nextId!, ...guessed], cache) // [1 + guessed, V]
    const tookMs = performance.now() - begun
    const events: ModelEvent[] = []
    let said = 0
    do {
      events.push(...run.receive(logits[said]!, said === 0 ? tookMs : 0))
      said += 1
    } while (!run.ended && said <= guessed.length && run.nextId === guessed[said - 1])
    cache.truncate(before + said)
    this.#gate.checked(tookMs, said)
    return events
  }
}

function outcomeOf(receive: () => readonly ModelEvent[]): StepOutcome {
  try {
    return { events: receive() }
  } catch (error) {
    return { error }
  }
}
