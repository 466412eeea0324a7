// Valley on Discord: connects, listens, and ends orderly.
import { setTimeout as sleep } from 'node:timers/promises'
import { type APIApplication, type Client, REST, type RESTOptions, Routes } from 'discord.js'
import type { ChatAdapter, Conversation } from '../../src/conversation/adapter.ts'
import type { ClipLocator, IncomingClip } from '../../src/conversation/clip.ts'
import { type HeardPlaces, NO_HEARD_PLACES } from '../../src/conversation/heard-places.ts'
import type { Request } from '../../src/conversation/message.ts'
import { NO_LEDGER, type QuestionLedger } from '../../src/conversation/question-ledger.ts'
import type { Logger } from '../../src/logger.ts'
import type { BotContext } from './bot-context.ts'
import { maySeeClip } from './clip-access.ts'
import { commandsOf } from './commands.ts'
import { connect, createClient, toAppError } from './connection.ts'
import { failureFields } from './failures.ts'
import { hearsAll } from './gateway-state.ts'
import { chooseIntents } from './intents.ts'
import { KnownLocales } from './known-locales.ts'
import { ADDRESS_MEMORY_SIZE, CLIP_HOSTS, EDIT_INTERVAL_MS, LAST_TRY_DELAYS_MS, STOP_WAIT_MS } from './limits.ts'
import { listen } from './listen.ts'
import { createClipLocator } from './locate-clip.ts'
import { DiscordModeration } from './moderation/platform.ts'
import { PLATFORM } from './places.ts'
import { type EventClaims, RecentEvents } from './recent-events.ts'
import { RememberedAddresses } from './remembered-addresses.ts'
import { restOptions } from './rest-options.ts'
import { RunningQuestions } from './running-questions.ts'
import type { DiscordSettings } from './settings.ts'
import { syncCommands } from './sync-commands.ts'

/** What the adapter works with. */
export interface DiscordOptions {
  readonly token: string
  readonly settings: DiscordSettings
  readonly logger: Logger
  /** Remembers events beyond the process; default: in memory. */
  readonly events?: EventClaims
  /** Keeps questions beyond the process; default: they end with it. */
  readonly ledger?: QuestionLedger
  /** Remembers until when it listened; default: posts that are missed stay so. */
  readonly heard?: HeardPlaces
  /** How long running questions may go on once the signal is aborted; default 0: they are stopped. */
  readonly finishMs?: number
  /** True in a process that serves one shard of several. */
  readonly isShard?: boolean
  /** Where Discord is; default discord.com. */
  readonly rest?: Partial<RESTOptions>
  /** Hosts that clips may come from; default Discord's own. */
  readonly clipHosts?: readonly string[]
  /** Shortest time between two edits of a reply; default EDIT_INTERVAL_MS. */
  readonly editIntervalMs?: number
  /** Waits before a last text is tried again; default LAST_TRY_DELAYS_MS. */
  readonly lastTryDelaysMs?: readonly number[]
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number
}

/** The bot on Discord; run it once. */
export class DiscordAdapter implements ChatAdapter {
  readonly platform = PLATFORM
  readonly locateClip: ClipLocator
  readonly moderated: DiscordModeration
  readonly #options: DiscordOptions
  readonly #rest: REST
  readonly #clipHosts: readonly string[]
  readonly #remembered: RememberedAddresses
  readonly #questions = new RunningQuestions()
  /** Null while there is no connection. */
  #client: Client | null = null

  constructor(options: DiscordOptions) {
    const { rest, token, logger, clipHosts = CLIP_HOSTS, now = Date.now } = options
    this.#options = options
    this.moderated = new DiscordModeration(logger)
    this.#rest = new REST(restOptions(rest)).setToken(token)
    this.#clipHosts = clipHosts
    this.#remembered = new RememberedAddresses(ADDRESS_MEMORY_SIZE, now)
    this.locateClip = createClipLocator({ rest: this.#rest, remembered: this.#remembered, clipHosts })
  }

  /** True when whoever asks may read the post of a clip. */
  maySeeClip(clip: IncomingClip, request: Request): Promise<boolean> {
    return maySeeClip(this.#client, clip, request)
  }

  isConnected(): boolean {
    return this.#client !== null && hearsAll(this.#client)
  }

  /** @throws AppError PLATFORM_REFUSED, PLATFORM_UNREACHABLE */
  async run(conversation: Conversation, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { logger, settings, token, rest = {}, now = Date.now, events = new RecentEvents(now) } = this.#options
    let stopListening = () => {}
    try {
      const application = await this.#readApplication(signal)
      const moderation = this.moderated.desk
      const watches = moderation?.watchesOn(PLATFORM) ?? false
      const chosen = chooseIntents(settings, application.flags ?? 0, watches)
      const { readsAllPosts, missing, off, remedy } = chosen
      this.#client = createClient(chosen.intents, rest, this.#options.isShard)
      const connected = await connect(this.#client, token, logger, signal)
      const context: BotContext = {
        client: connected.client,
        conversation,
        settings,
        logger,
        events,
        ledger: this.#options.ledger ?? NO_LEDGER,
        heard: this.#options.heard ?? NO_HEARD_PLACES,
        questions: this.#questions,
        remembered: this.#remembered,
        locales: new KnownLocales(),
        clipHosts: this.#clipHosts,
        readsAllPosts,
        editIntervalMs: this.#options.editIntervalMs ?? EDIT_INTERVAL_MS,
        lastTryDelaysMs: this.#options.lastTryDelaysMs ?? LAST_TRY_DELAYS_MS,
        moderation,
      }
      this.moderated.use(connected.client)
      stopListening = listen(context)
      if (missing.length > 0) {
        const level = settings.messageContent || watches ? 'warn' : 'info'
        logger[level]({ missing, off, remedy }, 'Discord intents are missing; some things are off')
      }
      const { guilds, ws } = connected.client
      logger.info({ guilds: guilds.cache.size, shards: ws.shards.size }, 'connected to Discord')
      void this.#offerCommands(application.id, signal)
      await Promise.race([connected.lost, untilAborted(signal)])
    } catch (error) {
      if (!signal.aborted) throw toAppError(error)
    } finally {
      stopListening()
      if (this.#client !== null) {
        await Promise.race([this.#questions.finishAll(), sleep(this.#options.finishMs ?? 0, undefined, { ref: false })])
      }
      await Promise.race([this.#questions.stopAll(), sleep(STOP_WAIT_MS, undefined, { ref: false })])
      this.moderated.use(null)
      await this.#client?.destroy()
      this.#client = null
    }
  }

  async #readApplication(signal: AbortSignal): Promise<APIApplication> {
    return (await this.#rest.get(Routes.currentApplication(), { signal })) as APIApplication
  }

  /** Without commands the bot still answers mentions, so a failure here is only told. */
  async #offerCommands(applicationId: string, signal: AbortSignal): Promise<void> {
    const { logger } = this.#options
    const commands = commandsOf({ moderates: this.moderated.desk !== null })
    try {
      const { created, changed } = await syncCommands(this.#rest, applicationId, commands, signal)
      if (created.length + changed.length > 0) logger.info({ created, changed }, 'commands brought up to date')
    } catch (error) {
      if (signal.aborted) return
      logger.error(failureFields(error), 'the commands could not be brought up to date')
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
