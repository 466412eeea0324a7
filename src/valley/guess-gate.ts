// Whether guessing pays, from what it took and gave so far: checking a guess is slower than a plain step, and how much
// slower differs from machine to machine and from model to model.

/** Weight of the latest measurement in a mean. */
const LATEST = 0.2
/** Plain steps after guesses that did not pay, before another is tried. */
const PAUSE_STEPS = 16

/** Decides about guesses by measured time. What is said does not depend on it. */
export class GuessGate {
  #plainMs: number | null = null
  #checkMs: number | null = null
  /** Tokens that a check gave, its own included. */
  #tokensACheck: number | null = null
  #pause = 0

  /** True when a guess should be tried now. */
  get isOpen(): boolean {
    return this.#plainMs !== null && this.#pause === 0
  }

  /** Notes a plain step. */
  plain(tookMs: number): void {
    this.#plainMs = mean(this.#plainMs, tookMs)
    if (this.#pause > 0) this.#pause -= 1
  }

  /** Notes a check and how many tokens it gave. */
  checked(tookMs: number, tokens: number): void {
    this.#checkMs = mean(this.#checkMs, tookMs)
    this.#tokensACheck = mean(this.#tokensACheck, tokens)
    if (this.#checkMs > this.#tokensACheck * (this.#plainMs ?? 0)) this.#pause = PAUSE_STEPS
  }
}

function mean(before: number | null, latest: number): number {
  return before === null ? latest : before + (latest - before) * LATEST
}
