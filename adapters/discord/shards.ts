// Discord for many servers: each shard is a process of its own, a bot that serves a part of the servers. This process starts
// them, starts those anew that end, and ends all of them with itself.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type APIGatewayBotInfo, REST, type RESTOptions, Routes, type Shard, ShardingManager } from 'discord.js'
import type { ChatAdapter, Conversation } from '../../src/conversation/adapter.ts'
import type { ClipLocator } from '../../src/conversation/clip.ts'
import type { Logger } from '../../src/logger.ts'
import { toAppError } from './connection.ts'
import { CLIP_HOSTS, IDENTIFY_PAUSE_MS } from './limits.ts'
import { createClipLocator } from './locate-clip.ts'
import { PLATFORM } from './places.ts'
import { RememberedAddresses } from './remembered-addresses.ts'
import { restOptions } from './rest-options.ts'

/** What the shards are made of. */
export interface DiscordShardsOptions {
  readonly token: string
  /** How many; auto: as many as Discord recommends. */
  readonly shards: number | 'auto'
  /** Variables that a shard's process gets beside those of this one; here these are gone by now. */
  readonly environment: Readonly<Record<string, string>>
  /** How long a shard may take to end. */
  readonly stopMs: number
  readonly logger: Logger
  /** Where Discord is; default discord.com. */
  readonly rest?: Partial<RESTOptions>
}

/** What a process of a shard runs: the built program, or the sources where those run. */
const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../src/main.ts' : '../../src/main.js', import.meta.url),
)
/** Pauses before a shard is started anew: doubled each time, from the first to the longest. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** A shard that has lived so long begins with the first pause again. */
const STEADY_MS = 5 * 60_000
/** Processes are not waited for: the pause between them is what Discord asks for. */
const NO_WAIT = -1

/** Discord by processes for shards; run it once. */
export class DiscordShards implements ChatAdapter {
  readonly platform = PLATFORM
  readonly locateClip: ClipLocator
  readonly #options: DiscordShardsOptions
  readonly #rest: REST
  #manager: ShardingManager | null = null
  #isStopping = false

  constructor(options: DiscordShardsOptions) {
    this.#options = options
    this.#rest = new REST(restOptions(options.rest)).setToken(options.token)
    const remembered = new RememberedAddresses(0, Date.now)
    this.locateClip = createClipLocator({ rest: this.#rest, remembered, clipHosts: CLIP_HOSTS })
  }

  /** True while every shard is connected. */
  isConnected(): boolean {
    const shards = this.#manager?.shards
    return shards !== undefined && shards.size > 0 && shards.every(({ ready }) => ready)
  }

  /** The shards converse by themselves. @throws AppError PLATFORM_REFUSED, PLATFORM_UNREACHABLE */
  async run(_: Conversation, signal: AbortSignal): Promise<void> {
    const { token, shards, logger } = this.#options
    const gateway = await this.#askGateway(signal)
    const amount = shards === 'auto' ? gateway.shards : shards
    const manager = new ShardingManager(MAIN, {
      token,
      totalShards: amount,
      // Ours waits longer from time to time.
      respawn: false,
      shardArgs: ['--role', 'bot'],
      execArgv: process.execArgv,
    })
    this.#manager = manager
    manager.on('shardCreate', (shard) => this.#watch(shard))
    signal.addEventListener('abort', () => this.#stop(), { once: true })
    const delay = gateway.session_start_limit.max_concurrency >= amount ? 0 : IDENTIFY_PAUSE_MS
    logger.info({ shards: amount }, 'starting shards of Discord')
    try {
      const spawned = manager.spawn({ amount, delay, timeout: NO_WAIT })
      spawned.catch(() => {})
      await Promise.race([spawned, untilAborted(signal)])
      await untilAborted(signal)
    } finally {
      await this.#ended()
    }
  }

  #watch(shard: Shard): void {
    const { environment, logger } = this.#options
    const variables = shard.env as Record<string, string | undefined>
    // A secret that came by a file is handed on as what it is.
    for (const [name, value] of Object.entries(environment)) {
      delete variables[`${name}_FILE`]
      variables[name] = value
    }
    let pauseMs = FIRST_PAUSE_MS
    let bornMs = performance.now()
    shard.on('ready', () => logger.info({ shard: shard.id }, 'shard connected'))
    shard.on('death', () => {
      if (this.#isStopping) return
      if (performance.now() - bornMs > STEADY_MS) pauseMs = FIRST_PAUSE_MS
      logger.warn({ shard: shard.id, pauseMs }, 'a shard has ended; it is started anew')
      setTimeout(() => {
        bornMs = performance.now()
        if (!this.#isStopping) void shard.spawn(NO_WAIT).catch(() => {})
      }, pauseMs).unref()
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    })
  }

  /** A shard ends in order when the line to it does, also when this process is killed. */
  #stop(): void {
    this.#isStopping = true
    for (const { process: child } of this.#manager?.shards.values() ?? []) if (child?.connected) child.disconnect()
  }

  async #ended(): Promise<void> {
    this.#stop()
    const children = [...(this.#manager?.shards.values() ?? [])].flatMap(({ process: child }) => child ?? [])
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    const inTime = sleep(this.#options.stopMs, undefined, { ref: false })
    await Promise.race([Promise.all(running.map((child) => once(child, 'exit'))), inTime])
    for (const child of running) if (child.exitCode === null) child.kill('SIGKILL')
  }

  async #askGateway(signal: AbortSignal): Promise<APIGatewayBotInfo> {
    try {
      return (await this.#rest.get(Routes.gatewayBot(), { signal })) as APIGatewayBotInfo
    } catch (error) {
      signal.throwIfAborted()
      throw toAppError(error)
    }
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
