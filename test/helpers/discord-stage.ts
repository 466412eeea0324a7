// Valley on a pretended Discord: the adapter with the real discord.js client, the real conversation, a scripted answerer.
import { type APIMessage, RESTJSONErrorCodes } from 'discord.js'
import { DiscordAdapter, type DiscordOptions } from '../../adapters/discord/adapter.ts'
import { DEFAULT_DISCORD_SETTINGS, type DiscordSettings } from '../../adapters/discord/settings.ts'
import type { Answerer } from '../../src/conversation/answerer.ts'
import { Bot } from '../../src/conversation/bot.ts'
import type { ClipLocator } from '../../src/conversation/clip.ts'
import { accessByPlatform } from '../../src/conversation/clip-access.ts'
import type { ChannelSettings, SettingsLookup } from '../../src/conversation/settings.ts'
import { MemoryThreadStore, type ThreadStore } from '../../src/conversation/thread-store.ts'
import { createLogger } from '../../src/logger.ts'
import {
  type DiscordDouble,
  type DiscordOptions as DoubleOptions,
  openDiscordDouble,
} from '../doubles/discord/discord-double.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import type { Guild } from '../doubles/discord/people/guild.ts'
import type { Person } from '../doubles/discord/people/person.ts'
import { FakeAnswerer } from './fake-answerer.ts'

/** A file that no test reads as a video. */
export const CAT = { name: 'cat.mp4', bytes: Buffer.from('not really a clip') }

/** How a stage is set. */
export interface StageOptions {
  readonly answerer?: FakeAnswerer
  /** Makes an answerer that really fetches clips, in the place of the scripted one; the test closes it. */
  readonly answererOf?: (locateClip: ClipLocator, discord: DiscordDouble) => Answerer
  /** Where threads are kept; default in memory, for long. */
  readonly store?: ThreadStore
  readonly settings?: Partial<DiscordSettings>
  readonly channel?: ChannelSettings | SettingsLookup
  readonly double?: DoubleOptions
  readonly adapter?: Partial<DiscordOptions>
  /** Called with each adapter before it runs. */
  readonly prepare?: (adapter: DiscordAdapter, discord: DiscordDouble) => Promise<void>
}

/** One guild with a channel, a person in it, and Valley connected. */
export interface DiscordStage {
  readonly discord: DiscordDouble
  readonly guild: Guild
  readonly general: Channel
  readonly ana: Person
  readonly answerer: FakeAnswerer
  readonly adapter: DiscordAdapter
  readonly store: ThreadStore
  /** Lines of the log, as objects. */
  readonly log: Record<string, unknown>[]
  /** Posts with a mention of the bot. */
  mention(text: string, options?: Parameters<Person['posts']>[2], channel?: Channel): APIMessage
  /** Waits for a text of the bot in a channel; default general. */
  sees(text: string, channel?: Pick<Channel, 'id'>): Promise<APIMessage>
  /** A thread of the channel, by its number in the order they were opened, when it is there; default the first, 0. */
  thread(number?: number): Promise<Channel>
  /** Ends Valley as a signal would. */
  stop(): Promise<void>
  /** Settles when the adapter's run does. */
  readonly ended: Promise<void>
  /**
   * Ends Valley and starts it anew with the same store.
   * @param options.abruptly without the last edits of running answers
   */
  restart(options?: { abruptly?: boolean; settings?: Partial<DiscordSettings> }): Promise<void>
  /** Starts a second process, so to speak: another adapter with the same store and answerer. */
  startSecond(): Promise<{ stop(): Promise<void> }>
  close(): Promise<void>
}

/** Opens a stage and waits until Valley is connected. The caller closes it. */
export async function openStage(options: StageOptions = {}): Promise<DiscordStage> {
  const { answerer = new FakeAnswerer() } = options
  const discord = await openDiscordDouble(options.double)
  const guild = discord.guild()
  const general = guild.channel()
  const ana = guild.person('Ana')
  const log: Record<string, unknown>[] = []
  const write = (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>)
  // As npm start makes it.
  const logger = createLogger('debug', { write }, [discord.token])
  const { store = new MemoryThreadStore() } = options
  const adapterOptions: DiscordOptions = {
    token: discord.token,
    settings: { ...DEFAULT_DISCORD_SETTINGS, messageContent: true, ...options.settings },
    logger,
    rest: discord.rest,
    clipHosts: [discord.host],
    editIntervalMs: 20,
    lastTryDelaysMs: [20, 20],
    ...options.adapter,
  }
  const used = options.answererOf?.((clip, signal) => running.adapter.locateClip(clip, signal), discord) ?? answerer
  const start = async (changes: Partial<DiscordSettings>) => {
    const adapter = new DiscordAdapter({ ...adapterOptions, settings: { ...adapterOptions.settings, ...changes } })
    await options.prepare?.(adapter, discord)
    const { channel = {} } = options
    const settings = typeof channel === 'function' ? channel : () => channel
    const bot = new Bot({ answerer: used, store, logger, settings, maySeeClip: accessByPlatform([adapter]) })
    const end = new AbortController()
    const ended = adapter.run(bot, end.signal)
    const before = log.length
    const connected = async () => {
      await untilLogged(log, 'connected to Discord', before)
      await discord.waitUntil(() => discord.commands.length === 2)
    }
    await Promise.race([ended, connected()])
    return { adapter, end, ended }
  }
  let running = await start({})
  const stop = async () => {
    running.end.abort()
    await running.ended
  }
  return {
    discord,
    guild,
    general,
    ana,
    answerer,
    adapter: running.adapter,
    ended: running.ended,
    store,
    log,
    mention: (text, post = {}, channel = general) => ana.posts(channel, `${discord.bot.mention} ${text}`, post),
    sees: (text, channel = general) => discord.waitForMessage(channel, ({ content }) => content.includes(text)),
    async thread(number = 0) {
      await discord.waitUntil(() => discord.threadsOf(general).length > number)
      return discord.threadsOf(general)[number]!
    },
    stop,
    async restart({ abruptly = false, settings = {} } = {}) {
      const refusal = { kind: 'refused', code: RESTJSONErrorCodes.UnknownMessage } as const
      if (abruptly) discord.faults.add('PATCH /channels/:channel/messages/:message', refusal, Number.POSITIVE_INFINITY)
      await stop()
      discord.faults.clear()
      running = await start(settings)
    },
    async startSecond() {
      const { end, ended } = await start({})
      return {
        async stop() {
          end.abort()
          await ended
        },
      }
    },
    async close() {
      // A run that has failed is the matter of its test.
      await stop().catch(() => {})
      await discord.close()
    },
  }
}

/** Waits for a line of the log. @param from lines before are not looked at */
export async function untilLogged(log: readonly Record<string, unknown>[], message: string, from = 0): Promise<void> {
  while (!log.slice(from).some(({ msg }) => msg === message)) await new Promise((resolve) => setTimeout(resolve, 5))
}
