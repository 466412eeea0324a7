// The port to the order of questions in a thread where several processes answer for the same people. Within one process the
// work queue keeps it.

/** Lines of all threads, shared between processes. */
export interface SharedOrder {
  /** Joins the end of a thread's line, at once. */
  join(threadId: string): SharedPlace
}

/** A place in a thread's line. */
export interface SharedPlace {
  /** Resolves when all questions before have ended. @throws signal.reason; AppError when the line cannot be seen */
  ready(signal?: AbortSignal): Promise<void>
  /** Lets the next one in; to be called once, also when the turn never came. Never rejects. */
  release(): Promise<void>
}
