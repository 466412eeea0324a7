// A table is read several times, each time to the end. A reading that was broken off goes on behind the last row whose work was
// saved; readings before it are not done again.
import { LeftOut } from '../left-out.ts'
import type { SavedArrays } from '../saved-arrays.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { readClipTable } from '../tables/open-table.ts'
import type { RunState, StateKeeper } from './keep-state.ts'

/** The readings that save what they learn, in their order. */
export const READINGS = ['look', 'exclude', 'rare', 'count', 'write'] as const
/** Name of a reading. */
export type Reading = (typeof READINGS)[number]

/** What is read, and who looks on. */
export interface ReadingsRequest {
  readonly table: string
  readonly onProgress?: (reading: number, rows: number) => void
  readonly signal?: AbortSignal
}

/** What a reading does with the rows: it gives the number of each row, counted from 0 in the table, that is done. */
export type RowWork = (rows: AsyncIterable<ClipRow>, first: number) => AsyncIterable<number>

const TELL_EVERY = 5_000

/** The readings of one run. */
export class TableReadings {
  readonly #request: ReadingsRequest
  readonly #keeper: StateKeeper
  readonly #earlier: RunState | null
  readonly #counted: () => Pick<RunState, 'counts' | 'leftOut'>
  #number = 0

  /** @param earlier where an earlier run stood, its tables restored; @param counted what is saved besides */
  constructor(
    request: ReadingsRequest,
    keeper: StateKeeper,
    earlier: RunState | null,
    counted: () => Pick<RunState, 'counts' | 'leftOut'>,
  ) {
    this.#request = request
    this.#keeper = keeper
    this.#earlier = earlier
    this.#counted = counted
  }

  /** Whether an earlier run has done with a reading. */
  isDone(reading: Reading): boolean {
    return this.#earlier !== null && READINGS.indexOf(reading) < READINGS.indexOf(this.#earlier.reading as Reading)
  }

  /**
   * Reads the table unless an earlier run has.
   * @param arrays what is known so far, to be saved now and then
   * @param leftOut told wrong rows, the others readings tell nobody; those that an earlier run told are only counted
   */
  async read(reading: Reading, work: RowWork, arrays: () => SavedArrays, leftOut?: LeftOut): Promise<void> {
    this.#number += 1
    if (this.isDone(reading)) return
    const { signal } = this.#request
    const first = this.#earlier?.reading === reading ? this.#earlier.rows : 0
    let done = first
    const save = () => this.#keeper.save({ reading, rows: done, ...this.#counted() }, arrays())
    try {
      for await (const index of work(this.#rows(first, leftOut), first)) {
        done = index + 1
        signal?.throwIfAborted()
        if (this.#keeper.isDue) await save()
      }
    } catch (error) {
      if (signal?.aborted === true) await save()
      throw error
    }
  }

  /** Saves that the readings before one are done. */
  async begin(reading: Reading, arrays: () => SavedArrays): Promise<void> {
    if (this.#keeper.isDue) await this.#keeper.save({ reading, rows: 0, ...this.#counted() }, arrays())
  }

  /** All rows once more, in a reading that is never saved. */
  again(): AsyncGenerator<ClipRow> {
    this.#number += 1
    return this.#rows(0)
  }

  async *#rows(first: number, leftOut?: LeftOut): AsyncGenerator<ClipRow> {
    const { table, signal, onProgress } = this.#request
    let index = 0
    const teller = new LeftOut((problem) => {
      if (index < first) leftOut?.addCounts({ [problem.reason]: 1 })
      else leftOut?.add(problem)
    })
    for await (const row of readClipTable(table, teller)) {
      if (index >= first) yield row
      index += 1
      if (index % TELL_EVERY === 0) {
        signal?.throwIfAborted()
        onProgress?.(this.#number, index)
      }
    }
  }
}
