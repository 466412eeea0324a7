// One queue for all threads. Within a thread questions keep their order; between people it goes round, so that nobody who
// asks a lot holds up the others. Bounded: whoever comes when it is full is told so at once.
import { AppError } from '../errors.ts'
import { IdleWatch } from './idle-watch.ts'

/** What stands in the queue. */
export interface Work {
  readonly threadId: string
  readonly userId: string
}

/** A place in the queue. */
export interface Ticket {
  /**
   * Tells how many come first, now and each time it changes (the latest only, to a slow reader), and ends when it is this
   * one's turn.
   * @throws signal.reason when aborted before
   */
  places(signal?: AbortSignal): AsyncGenerator<number, void>
  /** Lets the next one in; must be called once, also when the turn never came. */
  release(): void
}

/** Bounds of the queue. */
export interface WorkQueueOptions {
  /** Questions that run at once; default 1, since there is one model. */
  readonly concurrency?: number
  /** Questions that wait at once; default 100. */
  readonly maxWaiting?: number
  /** Questions of one person that wait at once; default 10. */
  readonly maxWaitingPerUser?: number
}

/** How much there is to do. */
export interface QueueLoad {
  readonly running: number
  readonly waiting: number
}

interface Entry extends Work {
  /** Running number; who came first has the lower one. */
  readonly arrival: number
  /** False for what only keeps its thread's order and does not use the model. */
  readonly usesModel: boolean
  running: boolean
  ahead: number
  /** Wakes the reader of places. */
  wake: () => void
}

/** People whose last turn is remembered at most. */
const MAX_REMEMBERED = 1000

/** The queue. */
export class WorkQueue {
  readonly #concurrency: number
  readonly #maxWaiting: number
  readonly #maxWaitingPerUser: number
  /** Running and waiting, in the order they came. */
  readonly #entries = new Set<Entry>()
  /** When each person had a turn last, as a running number; the longest ago first. */
  readonly #lastTurns = new Map<string, number>()
  #arrivals = 0
  #turns = 0
  /** Wakes those who wait for a pause. */
  readonly #idle = new IdleWatch(() => [...this.#entries].some(({ usesModel }) => usesModel))

  constructor({ concurrency = 1, maxWaiting = 100, maxWaitingPerUser = 10 }: WorkQueueOptions = {}) {
    this.#concurrency = concurrency
    this.#maxWaiting = maxWaiting
    this.#maxWaitingPerUser = maxWaitingPerUser
  }

  /** Joins the queue for the model. @throws AppError QUEUE_FULL */
  join(work: Work): Ticket {
    const waiting = this.#waiting()
    refuseAbove(this.#maxWaiting, waiting.length, 'Questions')
    const own = waiting.filter(({ userId }) => userId === work.userId)
    refuseAbove(this.#maxWaitingPerUser, own.length, 'Questions of one person')
    return this.#enter(work, true)
  }

  /** Waits only for what came before in the same thread; for work that does not need the model. */
  follow(work: Work): Ticket {
    return this.#enter(work, false)
  }

  /** Questions for the model that run and wait now. */
  load(): QueueLoad {
    return { running: this.#running(), waiting: this.#waiting().length }
  }

  /** Resolves while no question for the model runs or waits. @throws signal.reason on abort */
  async whenIdle(signal?: AbortSignal): Promise<void> {
    await this.#idle.whenIdle(signal)
  }

  #enter({ threadId, userId }: Work, usesModel: boolean): Ticket {
    this.#arrivals += 1
    const arrival = this.#arrivals
    const entry: Entry = { threadId, userId, arrival, usesModel, running: false, ahead: 0, wake: () => {} }
    this.#entries.add(entry)
    this.#move()
    return {
      places: (signal) => placesOf(entry, signal),
      release: () => {
        this.#entries.delete(entry)
        this.#move()
      },
    }
  }

  /** Lets in whoever's turn it is, and tells the others their places. */
  #move(): void {
    for (const entry of this.#entries) if (!entry.usesModel && !entry.running && this.#isFirst(entry)) start(entry)
    for (;;) {
      if (this.#running() >= this.#concurrency) break
      const next = this.#order().find((entry) => this.#isFirst(entry))
      if (next === undefined) break
      this.#rememberTurn(next.userId)
      start(next)
    }
    const running = this.#running()
    for (const [index, entry] of this.#order().entries()) {
      if (entry.ahead === running + index) continue
      entry.ahead = running + index
      entry.wake()
    }
    this.#idle.look()
  }

  /** Waiting questions in the order in which they will run, as far as can be told now. */
  #order(): Entry[] {
    const lines = new Map<string, Entry[]>()
    for (const entry of this.#waiting()) {
      const line = lines.get(entry.threadId)
      if (line === undefined) lines.set(entry.threadId, [entry])
      else line.push(entry)
    }
    const lastTurns = new Map(this.#lastTurns)
    const goesBefore = (a: Entry, b: Entry): boolean => {
      const [turnOfA, turnOfB] = [lastTurns.get(a.userId) ?? 0, lastTurns.get(b.userId) ?? 0]
      return turnOfA === turnOfB ? a.arrival < b.arrival : turnOfA < turnOfB
    }
    const order: Entry[] = []
    for (let turn = this.#turns + 1; lines.size > 0; turn++) {
      let next: Entry | null = null
      for (const [head] of lines.values()) if (next === null || goesBefore(head!, next)) next = head!
      const { threadId, userId } = next!
      order.push(next!)
      lastTurns.set(userId, turn)
      lines.get(threadId)!.shift()
      if (lines.get(threadId)!.length === 0) lines.delete(threadId)
    }
    return order
  }

  #waiting(): Entry[] {
    return [...this.#entries].filter(({ running, usesModel }) => usesModel && !running)
  }

  #running(): number {
    return [...this.#entries].filter(({ running, usesModel }) => usesModel && running).length
  }

  /** True when nothing of the same thread came before. */
  #isFirst(entry: Entry): boolean {
    for (const other of this.#entries) if (other.threadId === entry.threadId) return other === entry
    return false
  }

  #rememberTurn(userId: string): void {
    this.#turns += 1
    this.#lastTurns.delete(userId)
    this.#lastTurns.set(userId, this.#turns)
    for (const oldest of this.#lastTurns.keys()) {
      if (this.#lastTurns.size <= MAX_REMEMBERED) break
      this.#lastTurns.delete(oldest)
    }
  }
}

function start(entry: Entry): void {
  entry.running = true
  entry.wake()
}

async function* placesOf(entry: Entry, signal: AbortSignal | undefined): AsyncGenerator<number, void> {
  const wake = () => entry.wake()
  signal?.addEventListener('abort', wake, { once: true })
  try {
    let told = 0
    for (;;) {
      signal?.throwIfAborted()
      if (entry.running) return
      if (entry.ahead !== told && entry.usesModel) {
        told = entry.ahead
        yield told
        continue
      }
      await new Promise<void>((resolve) => {
        entry.wake = resolve
      })
    }
  } finally {
    signal?.removeEventListener('abort', wake)
  }
}

function refuseAbove(limit: number, waiting: number, what: string): void {
  if (waiting < limit) return
  throw new AppError(
    'QUEUE_FULL',
    `${what} that wait: ${waiting}; at most ${limit} are allowed. Ask again later, or raise the limit.`,
    { details: { waiting, limit }, retryable: true },
  )
}
