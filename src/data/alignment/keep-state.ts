// Where a long run stands, kept beside what it writes, so that the same command goes on after the program was killed.
import { rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'
import type { LeftOut } from '../left-out.ts'
import { readSaved, type SavedArrays, writeSaved } from '../saved-arrays.ts'

/** How a state is kept. */
export interface StatePlace {
  readonly path: string
  /** Asked after each row whether to save, which takes some tenths of a second. @param ms since it was saved, or began */
  readonly isDue: (ms: number) => boolean
}

/** Where a run stands: the reading it is in, and how many rows of it are done. */
export interface RunState {
  readonly reading: string
  readonly rows: number
  readonly counts: Readonly<Record<string, number>>
  readonly leftOut: LeftOut['counts']
}

interface KeptState extends RunState {
  readonly run: string
}

/** Keeps the state of one run. */
export class StateKeeper {
  readonly #place: StatePlace | null
  readonly #run: string
  #savedAt = performance.now()

  /** @param run what the state is good for: another table or other options begin anew */
  constructor(place: StatePlace | null, run: string) {
    this.#place = place
    this.#run = run
  }

  /** Whether it is time to save. */
  get isDue(): boolean {
    return this.#place?.isDue(performance.now() - this.#savedAt) === true
  }

  /** What an earlier run kept; null when there is nothing that fits. */
  async recall(): Promise<{ readonly state: RunState; readonly arrays: SavedArrays } | null> {
    const saved = this.#place === null ? null : await readSaved(this.#place.path)
    const state = saved?.state as KeptState | undefined
    return saved === null || state?.run !== this.#run ? null : { state, arrays: saved.arrays }
  }

  /** Writes the state. @throws AppError DATASET_INVALID */
  async save(state: RunState, arrays: SavedArrays): Promise<void> {
    if (this.#place === null) return
    await writeSaved(this.#place.path, { run: this.#run, ...state } satisfies KeptState, arrays)
    this.#savedAt = performance.now()
  }

  /** Removes the state: the run is done. */
  async remove(): Promise<void> {
    if (this.#place !== null) await rm(this.#place.path, { force: true })
  }
}

/** Tells a table from others, and from what it was before it was changed. @throws AppError DATASET_INVALID */
export async function tableVersion(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path)
    return `${resolve(path)} ${size} ${mtimeMs}`
  } catch (cause) {
    throw dataError(
      `${path} cannot be read (${fileErrorText(cause)}); a table is needed. Correct its name or permissions.`,
      cause,
    )
  }
}
