// The port to questions that other processes answer for the same people: who stops one, deletes its post or goes on in its
// thread may be heard by another process than the one that answers it.

/** A question that this process answers. */
export interface HeldQuestion {
  /** What it is known by, e.g. an id and the post that asks; each begins with its platform. */
  readonly names: readonly string[]
  /** Who asked. */
  readonly userId: string
  stop(): void
}

/** A question that another process answers. */
export interface QuestionElsewhere {
  /** Who asked. */
  readonly userId: string
  /** Has that process stop it. @throws AppError when it cannot be told */
  stop(): Promise<void>
}

/** Questions that are being answered, shared between processes. */
export interface SharedQuestions {
  /** Lets others find a question. @returns to be called once it has ended */
  hold(question: HeldQuestion): () => void
  /**
   * The question of a name, as far as another process that lives answers it.
   * @throws AppError when it cannot be told
   */
  find(name: string): Promise<QuestionElsewhere | null>
  /** True while a process that lives answers in a thread. @throws AppError when it cannot be told */
  isAnsweredIn(threadId: string): Promise<boolean>
}

/** Where this is the only process. */
export const NO_SHARED_QUESTIONS: SharedQuestions = {
  hold: () => () => {},
  find: async () => null,
  isAnsweredIn: async () => false,
}
