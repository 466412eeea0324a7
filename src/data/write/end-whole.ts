// How everything that is written ends: whole under its name when the writing went well, else removed.

/** What either finish() or abandon() ends. */
export interface Unfinished {
  /** Makes it whole. */
  finish(): Promise<void>
  /** Removes what was written so far. */
  abandon(): Promise<void>
}

/**
 * Writes, and ends what was written to.
 * @param targets opened; they are finished in their order
 * @throws what the writing or the finishing threw, after everything was removed
 */
export async function endWhole<Result>(targets: readonly Unfinished[], write: () => Promise<Result>): Promise<Result> {
  try {
    const result = await write()
    for (const target of targets) await target.finish()
    return result
  } catch (error) {
    // The first error is what is told, also where something cannot be removed.
    await Promise.allSettled(targets.map((target) => target.abandon()))
    throw error
  }
}
