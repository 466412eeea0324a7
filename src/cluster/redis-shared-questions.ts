// Who answers which question, in Redis: a bot finds the one that holds a question, and has it stopped by way of its inbox.
import type { ChainableCommander } from 'ioredis'
import type { HeldQuestion, QuestionElsewhere, SharedQuestions } from '../conversation/shared-questions.ts'
import type { Logger } from '../logger.ts'
import { post } from './inbox.ts'
import type { ClusterKeys } from './keys.ts'
import { areAlive } from './membership.ts'
import type { RedisConnection } from './redis-connection.ts'
import { botsInLine } from './shared-line.ts'

/** No answer takes longer; what a bot has left that died goes by itself. */
const KEPT_MS = 60 * 60 * 1000

/** What stands in Redis under each name of a question. */
interface Holder {
  readonly botId: string
  readonly userId: string
}

/** Questions of all bots. */
export class RedisSharedQuestions implements SharedQuestions {
  readonly #redis: RedisConnection
  readonly #keys: ClusterKeys
  readonly #botId: string
  readonly #logger: Logger
  /** Those of this bot, by each of their names. */
  readonly #own = new Map<string, HeldQuestion>()

  /** @param botId of a bot that gives signs of life, and hands what its inbox says of stops to `stop` */
  constructor(redis: RedisConnection, keys: ClusterKeys, botId: string, logger: Logger) {
    this.#redis = redis
    this.#keys = keys
    this.#botId = botId
    this.#logger = logger
  }

  hold(question: HeldQuestion): () => void {
    const { names, userId } = question
    const keys = names.map((name) => this.#keys.held(name))
    const holder: Holder = { botId: this.#botId, userId }
    for (const name of names) this.#own.set(name, question)
    this.#write((pipeline) => {
      for (const key of keys) pipeline.set(key, JSON.stringify(holder), 'PX', KEPT_MS)
    })
    return () => {
      for (const name of names) this.#own.delete(name)
      this.#write((pipeline) => pipeline.del(keys))
    }
  }

  async find(name: string): Promise<QuestionElsewhere | null> {
    const text = await this.#redis.run('tell who answers a question', (client) => client.get(this.#keys.held(name)))
    if (text === null) return null
    const { botId, userId } = JSON.parse(text) as Holder
    if (botId === this.#botId || !(await this.#someLive([botId]))) return null
    return { userId, stop: () => post(this.#redis, this.#keys, botId, { type: 'stop', name }) }
  }

  async isAnsweredIn(threadId: string): Promise<boolean> {
    return await this.#someLive(await botsInLine(this.#redis, this.#keys, threadId))
  }

  /** Stops a question of this bot, since another one asks for it. */
  stop(name: string): void {
    this.#own.get(name)?.stop()
  }

  async #someLive(botIds: readonly string[]): Promise<boolean> {
    if (botIds.length === 0) return false
    // After Redis was away nobody is taken for dead before they could say that they live.
    if (!this.#redis.isSettled()) return true
    return (await areAlive(this.#redis, this.#keys, botIds)).includes(true)
  }

  /** Commands of one connection are done in their order, so nobody waits for these. */
  #write(commands: (pipeline: ChainableCommander) => void): void {
    const pipeline = this.#redis.client.pipeline()
    commands(pipeline)
    pipeline.exec().catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'other bots could not be told which questions are answered here')
    })
  }
}
