// The port to the book of accepted questions: what is in it is answered even when the program is killed meanwhile. It holds
// where a question stands, in words of its platform, and how far its answer came.

/** A question that was accepted and has no whole answer yet. */
export interface OpenQuestion {
  /** Its request's id. */
  readonly id: string
  /** What the adapter needs to ask it again, as the adapter wrote it. */
  readonly source: string
  /** Messages of its reply that are there already, in the order they were posted. */
  readonly replies: readonly string[]
  /** True when it is too old, or was tried too often, to be asked again: whoever takes it says so instead. */
  readonly isGivenUp?: boolean
  /** True for one that was asked a while ago: it is asked again, or nobody listened then. */
  readonly isLate?: boolean
}

/** What of a question in the ledger its request says too. */
export function lateness({ isLate }: OpenQuestion): { readonly isLate?: true } {
  return isLate === true ? { isLate } : {}
}

/** Keeps questions until they are answered. Several processes may share one. */
export interface QuestionLedger {
  /** Writes a question down; once this resolves, it is on the disk. One that is there already stays as it is. */
  accept(id: string, source: string): Promise<void>
  /**
   * Takes a question to answer it: one of all who try.
   * @returns null when it was answered or given up, or is being answered, here or by another process that lives
   */
  begin(id: string): Promise<OpenQuestion | null>
  /** Notes a message of the reply. */
  noteReply(id: string, replyId: string): Promise<void>
  /** Its answer stands, or none is wanted any more; it will not be taken again. */
  settle(id: string): Promise<void>
  /** It could not be answered now; it may be taken again after a while. */
  putBack(id: string): Promise<void>
  /** Questions of a platform that may be taken now, the oldest first. */
  waiting(platform: string): Promise<readonly string[]>
}

/** Keeps nothing: what is being answered when the program ends is lost. */
export const NO_LEDGER: QuestionLedger = {
  accept: async () => {},
  begin: async (id) => ({ id, source: '', replies: [] }),
  noteReply: async () => {},
  settle: async () => {},
  putBack: async () => {},
  waiting: async () => [],
}
