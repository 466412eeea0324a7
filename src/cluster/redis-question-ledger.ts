// The book of accepted questions in Redis, for bots that share their platforms. Whoever answers a question holds it as long
// as it lives; of one that has died, any other takes it. Each change is one script, so that no two bots take the same.
import { randomUUID } from 'node:crypto'
import type { OpenQuestion, QuestionLedger } from '../conversation/question-ledger.ts'
import type { Logger } from '../logger.ts'
import type { ClusterKeys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'

/** How long questions are kept, and how often they are tried. */
export interface RedisLedgerOptions {
  /** An answer that comes later than this helps nobody. Default 1 hour. */
  readonly maxAgeMs?: number
  /** A question that ended a bot so often may be its cause. Default 3. */
  readonly maxRuns?: number
  /** Which part of a platform the bot serves, e.g. a shard; open questions are for bots of the same part. Default all of it. */
  readonly part?: string
}

const DEFAULT_MAX_AGE_MS = 60 * 60 * 1000
const DEFAULT_MAX_RUNS = 3
/** An answered question stays known for as long as it may be delivered again. */
const SETTLED_KEPT_MS = 24 * 60 * 60 * 1000
/** A sentence about a question of before yesterday would only surprise. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000
/** First pause before a question is tried again that could not be answered; doubled each time. */
const FIRST_PAUSE_MS = 10_000

/** Redis's own clock, so that bots whose clocks differ agree. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** True when nobody who lives answers it. ARGV: own id, prefix of the keys of the living. */
const IS_FREE = `
local function isFree(question)
  local owner = redis.call('HGET', question, 'owner')
  if owner and owner ~= '' then
    return owner ~= ARGV[1] and redis.call('EXISTS', ARGV[2] .. owner) == 0
  end
  return tonumber(redis.call('HGET', question, 'free') or '0') <= now
end`

const ACCEPT = `${NOW}
if redis.call('EXISTS', KEYS[1]) == 1 then return end
redis.call('HSET', KEYS[1], 'state', 'open', 'source', ARGV[1], 'runs', 0, 'accepted', now, 'free', 0, 'owner', '')
-- In microseconds, since many questions may come within one of the clock's milliseconds.
redis.call('ZADD', KEYS[2], time[1] * 1000000 + time[2], ARGV[2])`

/** One try to take it may reach Redis twice, when a connection broke before its answer: ARGV[8] tells tries apart. */
const BEGIN = `${NOW}${IS_FREE}
if redis.call('HGET', KEYS[1], 'state') ~= 'open' then return nil end
local isAgain = redis.call('HGET', KEYS[1], 'try') == ARGV[8]
if not isAgain and not isFree(KEYS[1]) then return nil end
local runs = tonumber(redis.call('HGET', KEYS[1], 'runs'))
local age = now - redis.call('HGET', KEYS[1], 'accepted')
if isAgain then runs = runs - 1 end
local isGivenUp = runs >= tonumber(ARGV[3]) or age > tonumber(ARGV[4])
if runs > tonumber(ARGV[3]) or age > tonumber(ARGV[7]) then
  redis.call('HSET', KEYS[1], 'state', 'given-up', 'source', '')
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('DEL', KEYS[3])
  redis.call('ZREM', KEYS[2], ARGV[6])
  return { 'forgotten', runs }
end
if not isAgain then redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'runs', runs + 1, 'try', ARGV[8]) end
return { isGivenUp and 'given-up' or 'taken', runs, redis.call('HGET', KEYS[1], 'source'), redis.call('LRANGE', KEYS[3], 0, -1) }`

const NOTE_REPLY = `
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('LPOS', KEYS[2], ARGV[1]) then return end
redis.call('RPUSH', KEYS[2], ARGV[1])`

const SETTLE = `
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSET', KEYS[1], 'state', 'settled', 'source', '', 'owner', '')
redis.call('PEXPIRE', KEYS[1], ARGV[2])`

const PUT_BACK = `${NOW}
if redis.call('EXISTS', KEYS[1]) == 0 then return end
local runs = tonumber(redis.call('HGET', KEYS[1], 'runs'))
redis.call('HSET', KEYS[1], 'owner', '', 'free', now + tonumber(ARGV[1]) * 2 ^ math.max(0, runs - 1))`

/** A stop is no fault of the question, so it does not count as a try. */
const LEAVE = `
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return end
redis.call('HSET', KEYS[1], 'owner', '', 'free', 0)
redis.call('HINCRBY', KEYS[1], 'runs', -1)`

const WAITING = `${NOW}${IS_FREE}
local free = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if isFree(ARGV[3] .. id) then free[#free + 1] = id end
end
return free`

/** Open questions of all platforms. */
export class RedisQuestionLedger implements QuestionLedger {
  readonly #redis: RedisConnection
  readonly #keys: ClusterKeys
  readonly #botId: string
  readonly #logger: Logger
  readonly #maxAgeMs: number
  readonly #maxRuns: number
  readonly #part: string
  readonly #running = new Set<string>()

  /** @param botId of a bot that gives signs of life; its questions are its own as long as it does */
  constructor(
    redis: RedisConnection,
    keys: ClusterKeys,
    botId: string,
    logger: Logger,
    { maxAgeMs = DEFAULT_MAX_AGE_MS, maxRuns = DEFAULT_MAX_RUNS, part = '' }: RedisLedgerOptions = {},
  ) {
    this.#redis = redis
    this.#keys = keys
    this.#botId = botId
    this.#logger = logger
    this.#maxAgeMs = maxAgeMs
    this.#maxRuns = maxRuns
    this.#part = part
  }

  async accept(id: string, source: string): Promise<void> {
    const keys = [this.#keys.question(id), this.#openOf(platformOf(id))]
    await this.#redis.run('write a question down', (client) => client.eval(ACCEPT, keys.length, ...keys, source, id))
  }

  async begin(id: string): Promise<OpenQuestion | null> {
    const keys = this.#keysOf(id)
    const limits = [this.#maxRuns, this.#maxAgeMs, SETTLED_KEPT_MS]
    const found = (await this.#redis.run('take a question', (client) =>
      client.eval(
        BEGIN,
        keys.length,
        ...keys,
        this.#botId,
        this.#keys.alive(''),
        ...limits,
        id,
        FORGOTTEN_AFTER_MS,
        randomUUID(),
      ),
    )) as readonly ['forgotten', number] | readonly ['given-up' | 'taken', number, string, string[]] | null
    if (found === null) return null
    const [how, runs, source = '', replies = []] = found
    if (how !== 'taken') this.#logger.warn({ message: id, runs }, 'question given up: too old, or tried too often')
    // Saying so gets one try, and nobody is told of what is forgotten by now.
    if (how === 'forgotten') return null
    this.#running.add(id)
    const taken = { id, source, replies }
    return how === 'given-up' ? { ...taken, isGivenUp: true } : taken
  }

  async noteReply(id: string, replyId: string): Promise<void> {
    const [question = '', , replies = ''] = this.#keysOf(id)
    await this.#redis.run('note a reply', (client) => client.eval(NOTE_REPLY, 2, question, replies, replyId))
  }

  async settle(id: string): Promise<void> {
    const keys = this.#keysOf(id)
    await this.#redis.run('settle a question', (client) =>
      client.eval(SETTLE, keys.length, ...keys, id, SETTLED_KEPT_MS),
    )
    this.#running.delete(id)
  }

  async putBack(id: string): Promise<void> {
    await this.#redis.run('put a question back', (client) =>
      client.eval(PUT_BACK, 1, this.#keys.question(id), FIRST_PAUSE_MS),
    )
    this.#running.delete(id)
  }

  async waiting(platform: string): Promise<readonly string[]> {
    // Bots that have not said yet that they live keep what they answer.
    if (!this.#redis.isSettled()) return []
    const found = await this.#redis.run('tell open questions', (client) =>
      client.eval(WAITING, 1, this.#openOf(platform), this.#botId, this.#keys.alive(''), this.#keys.question('')),
    )
    return found as string[]
  }

  /** Leaves what was not answered to whoever comes next. */
  async close(): Promise<void> {
    const { client } = this.#redis
    const running = [...this.#running]
    this.#running.clear()
    if (!this.#redis.isConnected()) return
    await Promise.all(running.map((id) => client.eval(LEAVE, 1, this.#keys.question(id), this.#botId)))
  }

  #keysOf(id: string): string[] {
    const question = this.#keys.question(id)
    return [question, this.#openOf(platformOf(id)), `${question}:replies`]
  }

  #openOf(platform: string): string {
    return this.#keys.openQuestions(`${platform}${this.#part}`)
  }
}

/** Every id begins with its platform. */
function platformOf(id: string): string {
  return id.split(':', 1)[0] ?? ''
}
