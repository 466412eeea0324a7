// The platform that the bots of a long run talk on: it hands out questions, keeps what is posted, and does what Discord and
// Slack do with an event that nobody acknowledged, and with a second post of the same nonce.
import type { ClusterChild } from './child.ts'
import { type BotMessage, PLATFORM, type PlatformQuestion } from './process-settings.ts'

/** One question with what became of it. */
export interface StagedQuestion extends PlatformQuestion {
  /** Its place among the questions of its thread, from 1. */
  readonly number: number
}

/** What was posted. */
export interface Post {
  readonly question: StagedQuestion
  readonly kind: string
  readonly text: string
  readonly isReused: boolean
  /** Since the first question. */
  readonly atMs: number
}

/** Questions in their order: the first of every thread, then the second of each that has one, and so on. */
export function makeQuestions(count: number, threads: number): StagedQuestion[] {
  return Array.from({ length: count }, (_, index) => {
    const thread = index % threads
    const number = Math.floor(index / threads) + 1
    return {
      id: `${PLATFORM}:${index}`,
      threadId: `${PLATFORM}:thread-${thread}`,
      userId: `${PLATFORM}:person-${thread % 100}`,
      text: `Question ${number} of thread ${thread}?`,
      number,
    }
  })
}

/** The platform. */
export class Stage {
  readonly posts: Post[] = []
  /** Posts that were not shown since one of the same nonce was. */
  repeated = 0
  readonly #questions: ReadonlyMap<string, StagedQuestion>
  readonly #accepted = new Set<string>()
  readonly #shown = new Set<string>()
  readonly #bots: ClusterChild[] = []
  readonly #startedMs = performance.now()
  #wake: () => void = () => {}

  constructor(questions: readonly StagedQuestion[]) {
    this.#questions = new Map(questions.map((question) => [question.id, question]))
  }

  /** A bot connects. */
  add(bot: ClusterChild): void {
    this.#bots.push(bot)
    bot.onMessage((message) => this.#take(message as BotMessage))
  }

  /** Every question goes to a bot; those of one thread to the same one, as on a shard of Discord. */
  handOut(): void {
    for (const question of this.#questions.values()) this.#botOf(question).tell(question)
  }

  /** A bot's connection ends: what it has not acknowledged is delivered to the others. */
  remove(bot: ClusterChild): void {
    this.#bots.splice(this.#bots.indexOf(bot), 1)
    for (const question of this.#questions.values()) {
      if (!this.#accepted.has(question.id)) this.#botOf(question).tell(question)
    }
  }

  /** Resolves when so many were answered. */
  async answered(count: number, limitMs: number): Promise<void> {
    const limit = setTimeout(() => this.#wake(), limitMs)
    const untilMs = performance.now() + limitMs
    while (this.posts.length < count) {
      if (performance.now() > untilMs) {
        throw new Error(`${this.posts.length} of ${count} questions were answered within ${limitMs / 1000} s`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    clearTimeout(limit)
  }

  #botOf({ threadId }: StagedQuestion): ClusterChild {
    return this.#bots[Number(threadId.split('-').at(-1)) % this.#bots.length]!
  }

  #take(message: BotMessage): void {
    if (message.type === 'accepted') {
      this.#accepted.add(message.id)
    } else if (message.type === 'posted') {
      if (this.#shown.has(message.id)) {
        this.repeated += 1
        return
      }
      this.#shown.add(message.id)
      const { kind, text, isReused } = message
      const question = this.#questions.get(message.id)!
      this.posts.push({ question, kind, text, isReused, atMs: performance.now() - this.#startedMs })
      this.#wake()
    }
  }
}

/** What is wrong with what was posted, in words; empty when every question has its one answer, in the order of its thread. */
export function findFaults(questions: readonly StagedQuestion[], posts: readonly Post[]): string[] {
  const faults: string[] = []
  const unanswered = new Set(questions.map(({ id }) => id))
  const last = new Map<string, number>()
  for (const { question, kind, text } of posts) {
    const { id, threadId, number } = question
    unanswered.delete(id)
    const wanted = `As question ${number} I was asked: ${question.text}`
    if (kind !== 'answer' || text !== wanted) faults.push(`${id}: ${kind}, "${text}" instead of "${wanted}"`)
    if ((last.get(threadId) ?? 0) !== number - 1) faults.push(`${id}: ${number} came after ${last.get(threadId) ?? 0}`)
    last.set(threadId, number)
  }
  return [...faults, ...[...unanswered].map((id) => `${id}: no answer`)]
}
