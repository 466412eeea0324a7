// The book of accepted questions in SQLite. A row is open while its question has no answer; whoever answers it holds a
// lease, so that a process which dies leaves its questions to the next one and a living one keeps them.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { OpenQuestion, QuestionLedger } from '../conversation/question-ledger.ts'
import type { Logger } from '../logger.ts'
import { hasEnded } from '../process-end.ts'
import type { Row } from './connection.ts'
import type { Database } from './database.ts'

/** How long questions are kept, and how often they are tried. */
export interface JobLedgerOptions {
  readonly logger: Logger
  /** An answer that comes later than this helps nobody. Default 1 hour. */
  readonly maxAgeMs?: number
  /** A question that ended the program so often may be its cause. Default 3. */
  readonly maxRuns?: number
  /** How long a lease holds that nobody renews. Default 15 s. */
  readonly leaseMs?: number
}

const DEFAULT_MAX_AGE_MS = 60 * 60 * 1000
const DEFAULT_MAX_RUNS = 3
const DEFAULT_LEASE_MS = 15_000
/** A lease is renewed before it ends, also when one renewal comes late. */
const RENEWALS_A_LEASE = 3
/** Longer than the memory of events, so that an answered question stays known for as long as it may be delivered again. */
const SETTLED_KEPT_MS = 24 * 60 * 60 * 1000
/** Questions remembered at most that were answered while the database failed. */
const MAX_REMEMBERED = 10_000
/** A sentence about a question of before yesterday would only surprise. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000
/** First pause before a question is tried again that could not be answered; doubled each time. */
const FIRST_PAUSE_MS = 10_000

/** Open questions of all platforms. */
export class JobLedger implements QuestionLedger {
  readonly #database: Database
  readonly #logger: Logger
  readonly #maxAgeMs: number
  readonly #maxRuns: number
  readonly #leaseMs: number
  /** This process, told from every other, also from an earlier one with its number. */
  readonly #owner = `${hostname()}:${process.pid}:${randomUUID()}`
  readonly #running = new Set<string>()
  /** What came while the database failed, so that it does not know of it: answered once all the same, by this process. */
  readonly #unwritten = new Map<string, 'accepted' | 'begun'>()
  /** Answered while the database failed: it is told as soon as it works. */
  readonly #unsettled = new Map<string, true>()
  readonly #renewal: NodeJS.Timeout

  constructor(
    database: Database,
    { logger, maxAgeMs = DEFAULT_MAX_AGE_MS, maxRuns = DEFAULT_MAX_RUNS, leaseMs = DEFAULT_LEASE_MS }: JobLedgerOptions,
  ) {
    this.#database = database
    this.#logger = logger
    this.#maxAgeMs = maxAgeMs
    this.#maxRuns = maxRuns
    this.#leaseMs = leaseMs
    this.#renewal = setInterval(() => void this.#renew(), leaseMs / RENEWALS_A_LEASE).unref()
  }

  async accept(id: string, source: string): Promise<void> {
    if (this.#unwritten.has(id)) return
    await this.#insert(id, source).catch((error: unknown) => {
      remember(this.#unwritten, id, 'accepted')
      throw error
    })
  }

  async #insert(id: string, source: string): Promise<void> {
    await this.#database.write('write a question down', (connection) => {
      const nowMs = this.#database.now()
      connection.run("DELETE FROM jobs WHERE state <> 'open' AND changed_at_ms <= ?", nowMs - SETTLED_KEPT_MS)
      connection.run(
        `INSERT INTO jobs (id, platform, source, state, runs, accepted_at_ms, changed_at_ms, free_at_ms)
         VALUES (?, ?, ?, 'open', 0, ?, ?, ?) ON CONFLICT DO NOTHING`,
        id,
        platformOf(id),
        source,
        nowMs,
        nowMs,
        nowMs,
      )
    })
  }

  async begin(id: string): Promise<OpenQuestion | null> {
    const unwritten = this.#unwritten.get(id)
    if (unwritten === 'begun') {
      await this.settle(id)
      return null
    }
    if (unwritten === 'accepted') {
      this.#unwritten.set(id, 'begun')
      return { id, source: '', replies: [] }
    }
    const question = await this.#take(id).catch((error: unknown) => {
      remember(this.#unwritten, id, 'begun')
      throw error
    })
    if (question !== null) this.#running.add(id)
    return question
  }

  #take(id: string): Promise<OpenQuestion | null> {
    return this.#database.write('take a question', (connection) => {
      const nowMs = this.#database.now()
      const [row] = connection.all("SELECT * FROM jobs WHERE id = ? AND state = 'open'", id)
      if (row === undefined || !this.#isFree(row, nowMs)) return null
      const runs = Number(row.runs)
      const ageMs = nowMs - Number(row.accepted_at_ms)
      const isGivenUp = runs >= this.#maxRuns || ageMs > this.#maxAgeMs
      if (isGivenUp) this.#logger.warn({ message: id, runs }, 'question given up: too old, or tried too often')
      // Saying so gets one try, and nobody is told of what is forgotten by now.
      if (runs > this.#maxRuns || ageMs > FORGOTTEN_AFTER_MS) {
        connection.run('DELETE FROM job_replies WHERE job_id = ?', id)
        connection.run(`UPDATE jobs SET state = 'given-up', source = '', changed_at_ms = ? WHERE id = ?`, nowMs, id)
        return null
      }
      connection.run(
        'UPDATE jobs SET owner = ?, runs = runs + 1, free_at_ms = ?, changed_at_ms = ? WHERE id = ?',
        this.#owner,
        nowMs + this.#leaseMs,
        nowMs,
        id,
      )
      const replies = connection.all('SELECT reply_id FROM job_replies WHERE job_id = ? ORDER BY number', id)
      const taken = { id, source: String(row.source), replies: replies.map(({ reply_id: reply }) => String(reply)) }
      return isGivenUp ? { ...taken, isGivenUp } : taken
    })
  }

  async noteReply(id: string, replyId: string): Promise<void> {
    await this.#database.write('note a reply', (connection) => {
      const known = 'SELECT 1 FROM job_replies WHERE job_id = ? AND reply_id = ?'
      if (connection.all(known, id, replyId).length > 0) return
      connection.run(
        `INSERT INTO job_replies SELECT id, (SELECT count(*) FROM job_replies WHERE job_id = ?1), ?2
         FROM jobs WHERE id = ?1`,
        id,
        replyId,
      )
    })
  }

  async settle(id: string): Promise<void> {
    remember(this.#unsettled, id, true)
    await this.#database.write('settle a question', (connection) => {
      // What people wrote stays no longer than it is needed.
      const change = "UPDATE jobs SET state = 'settled', source = '', owner = NULL, changed_at_ms = ? WHERE id = ?"
      connection.run(change, this.#database.now(), id)
      connection.run('DELETE FROM job_replies WHERE job_id = ?', id)
    })
    this.#unsettled.delete(id)
    this.#running.delete(id)
  }

  async putBack(id: string): Promise<void> {
    await this.#database.write('put a question back', (connection) => {
      const nowMs = this.#database.now()
      const [row] = connection.all('SELECT runs FROM jobs WHERE id = ?', id)
      const pauseMs = FIRST_PAUSE_MS * 2 ** Math.max(0, Number(row?.runs ?? 1) - 1)
      const change = 'UPDATE jobs SET owner = NULL, free_at_ms = ?, changed_at_ms = ? WHERE id = ?'
      connection.run(change, nowMs + pauseMs, nowMs, id)
    })
    this.#running.delete(id)
  }

  async waiting(platform: string): Promise<readonly string[]> {
    const sql = "SELECT * FROM jobs WHERE platform = ? AND state = 'open' ORDER BY accepted_at_ms, id"
    const rows = await this.#database.read('be read', sql, platform)
    const nowMs = this.#database.now()
    return rows.filter((row) => this.#isFree(row, nowMs)).map(({ id }) => String(id))
  }

  /** Renews no more, and leaves what was not answered to whoever comes next. */
  async close(): Promise<void> {
    clearInterval(this.#renewal)
    if (this.#running.size === 0) return
    this.#running.clear()
    await this.#database.write('put questions back', (connection) => {
      // A stop is no fault of the question, so it does not count as a try.
      const change = 'UPDATE jobs SET owner = NULL, free_at_ms = 0, runs = max(0, runs - 1) WHERE owner = ?'
      connection.run(change, this.#owner)
    })
  }

  /** True when nobody who lives answers it. */
  #isFree({ owner, free_at_ms: freeAtMs }: Row, nowMs: number): boolean {
    const untilMs = Number(freeAtMs) - nowMs
    // A clock that was set back must not hold a question for longer than a lease.
    if (typeof owner !== 'string') return untilMs <= 0 || untilMs > this.#maxAgeMs
    if (owner === this.#owner) return false
    return untilMs <= 0 || untilMs > this.#leaseMs || isGone(owner)
  }

  async #renew(): Promise<void> {
    if (this.#running.size + this.#unsettled.size === 0) return
    try {
      for (const id of this.#unsettled.keys()) await this.settle(id)
      await this.#database.write('renew leases', (connection) => {
        const change = "UPDATE jobs SET free_at_ms = ? WHERE owner = ? AND state = 'open'"
        connection.run(change, this.#database.now() + this.#leaseMs, this.#owner)
      })
    } catch (error) {
      this.#logger.warn({ err: error }, 'leases of questions could not be renewed')
    }
  }
}

/** Adds an id; the oldest one goes when there are too many. */
function remember<Value>(ids: Map<string, Value>, id: string, value: Value): void {
  ids.set(id, value)
  for (const oldest of ids.keys()) {
    if (ids.size <= MAX_REMEMBERED) break
    ids.delete(oldest)
  }
}

/** Every id begins with its platform. */
function platformOf(id: string): string {
  return id.split(':', 1)[0] ?? ''
}

/** True for a process of this machine that has ended; of another machine only its lease tells. */
function isGone(owner: string): boolean {
  const [host, pid] = owner.split(':')
  if (host !== hostname()) return false
  // Its number is ours now.
  if (Number(pid) === process.pid) return true
  return hasEnded(Number(pid))
}
