// The questions that are being answered now, so that they can be stopped.

import { PARKED } from '../../src/conversation/parked.ts'

/** A question on its way. */
export interface RunningQuestion {
  /** The post or interaction that asked. */
  readonly requestId: string
  readonly userId: string
  /** The channel and the guild it is asked in, in the ids of requests. */
  readonly places: readonly string[]
  readonly signal: AbortSignal
  /** Stops it. @param reason PARKED when it is asked again later */
  stop(reason?: unknown): void
}

/** All of them. */
export class RunningQuestions {
  readonly #questions = new Map<string, RunningQuestion>()
  /** Which question a post of ours belongs to. */
  readonly #replies = new Map<string, string>()
  readonly #work = new Set<Promise<void>>()
  #isClosed = false

  /**
   * Notes a question until its work has ended. After stopAll no work is begun.
   * @param work gets the question; its failure is the caller's
   */
  async run(
    requestId: string,
    { userId, places }: Pick<RunningQuestion, 'userId' | 'places'>,
    work: (question: RunningQuestion) => Promise<void>,
  ): Promise<void> {
    if (this.#isClosed) return
    const controller = new AbortController()
    const question = {
      requestId,
      userId,
      places,
      signal: controller.signal,
      stop: (reason?: unknown) => controller.abort(reason),
    }
    this.#questions.set(requestId, question)
    const running = work(question).finally(() => {
      this.#work.delete(running)
      this.#questions.delete(requestId)
      for (const [replyId, owner] of this.#replies) if (owner === requestId) this.#replies.delete(replyId)
    })
    this.#work.add(running)
    await running
  }

  /** True once no work is begun any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Begins no more work; resolves when what runs has ended by itself. */
  async finishAll(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#work)
  }

  /** Notes a post of ours that shows the answer. */
  addReply(requestId: string, replyId: string): void {
    this.#replies.set(replyId, requestId)
  }

  /** The question by its own id or by that of a post of its answer. */
  find(id: string): RunningQuestion | undefined {
    return this.#questions.get(id) ?? this.#questions.get(this.#replies.get(id) ?? '')
  }

  /** True while a question of a channel or a guild is being answered. */
  isRunningIn(place: string): boolean {
    return [...this.#questions.values()].some(({ places }) => places.includes(place))
  }

  /** Stops the questions of a channel or a guild. */
  stopIn(place: string): void {
    for (const question of this.#questions.values()) if (question.places.includes(place)) question.stop()
  }

  /** Stops all questions, also those to come; resolves when their work has ended. */
  async stopAll(): Promise<void> {
    this.#isClosed = true
    for (const question of this.#questions.values()) question.stop(PARKED)
    await Promise.allSettled(this.#work)
  }
}
