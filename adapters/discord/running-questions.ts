// The questions that are being answered now, so that they can be stopped.

/** A question on its way. */
export interface RunningQuestion {
  /** The post or interaction that asked. */
  readonly requestId: string
  readonly userId: string
  readonly signal: AbortSignal
  /** Stops it. */
  stop(): void
}

/** All of them. */
export class RunningQuestions {
  readonly #questions = new Map<string, RunningQuestion>()
  /** Which question a post of ours belongs to. */
  readonly #replies = new Map<string, string>()
  #all: Promise<unknown> = Promise.resolve()

  /**
   * Notes a question until its work has ended.
   * @param work gets the question; its failure is the caller's
   */
  async run(requestId: string, userId: string, work: (question: RunningQuestion) => Promise<void>): Promise<void> {
    const controller = new AbortController()
    const question = { requestId, userId, signal: controller.signal, stop: () => controller.abort() }
    this.#questions.set(requestId, question)
    const running = work(question).finally(() => {
      this.#questions.delete(requestId)
      for (const [replyId, owner] of this.#replies) if (owner === requestId) this.#replies.delete(replyId)
    })
    this.#all = Promise.allSettled([this.#all, running])
    await running
  }

  /** Notes a post of ours that shows the answer. */
  addReply(requestId: string, replyId: string): void {
    this.#replies.set(replyId, requestId)
  }

  /** The question by its own id or by that of a post of its answer. */
  find(id: string): RunningQuestion | undefined {
    return this.#questions.get(id) ?? this.#questions.get(this.#replies.get(id) ?? '')
  }

  /** Stops all questions; resolves when their work has ended. */
  async stopAll(): Promise<void> {
    for (const question of this.#questions.values()) question.stop()
    await this.#all
  }
}
