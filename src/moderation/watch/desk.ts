// The desk of moderation: takes what platforms report, lets the watcher look, tells alerts, writes digests, and keeps
// records no longer than it may.
import { setInterval as every, setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import { Digests } from '../digest/digests.ts'
import type {
  AlertLook,
  AlertPicture,
  AlertPress,
  CommandPlace,
  ModerationDesk,
  ModerationWish,
  PressAnswer,
  WatchedPost,
} from '../platform/desk.ts'
import type { Notice } from '../platform/notice.ts'
import type { ModeratedPlatform } from '../platform/platform.ts'
import type { Policy } from '../policy.ts'
import { moderationTextsFor } from '../texts/locale.ts'
import { Alerts } from './alerts.ts'
import { Closings, type ClosingsOptions } from './closings.ts'
import { type CommandPorts, obeyCommand, say } from './desk-commands.ts'
import { MissedDeletions, type MissedDeletionsOptions } from './missed-deletions.ts'
import { names } from './rule-scope.ts'
import type { ModerationSettings } from './settings.ts'
import type { ForgetScope, ModerationStore } from './store.ts'
import { UnreadableChannels } from './unreadable-channels.ts'
import { WatchedChannels } from './watched-channels.ts'
import { Watcher, type WatcherOptions } from './watcher.ts'

/** What the desk works with. */
export interface DeskOptions
  extends Pick<WatcherOptions, 'look' | 'ledger' | 'retryDelaysMs' | 'pollMs' | 'serversAtOnce'>,
    Pick<ClosingsOptions, 'firstTryMs'>,
    Pick<MissedDeletionsOptions, 'askPauseMs'> {
  readonly policy: Policy
  readonly store: ModerationStore
  readonly settings: ModerationSettings
  /** Those that are watched. */
  readonly platforms: readonly ModeratedPlatform[]
  /** Others, on which somebody may be told. */
  readonly others?: readonly ModeratedPlatform[]
  readonly logger: Logger
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number
  /** How often it is looked whether a digest is due; default a minute. */
  readonly tickMs?: number
  /** Pause before what a store could not take is handed to it again; default 5 s. */
  readonly storePauseMs?: number
}

const TICK_MS = 60_000
const DAY_MS = 24 * 60 * 60 * 1000
const STORE_PAUSE_MS = 5000
/** What a store could not take for so long is given up. */
const MOST_PATIENCE_MS = 60 * 60 * 1000

/** The desk; open it, run it once. */
export class Desk implements ModerationDesk {
  readonly #options: DeskOptions
  readonly #now: () => number
  readonly #watched: WatchedChannels
  readonly #unreadable: UnreadableChannels
  readonly #watcher: Watcher
  readonly #missedDeletions: MissedDeletions
  readonly #closings: Closings
  readonly #alerts: Alerts
  readonly #digests: Digests
  readonly #commands: CommandPorts

  private constructor(options: DeskOptions) {
    const { store, settings, platforms, others = [], now = Date.now } = options
    this.#options = options
    this.#now = now
    const reachable = [...platforms, ...others]
    const platformOf = (id: string) => reachable.find(({ platform }) => id.startsWith(`${platform}:`)) ?? null
    const ports = { ...options, platformOf, now }
    this.#watched = new WatchedChannels(store, settings.watch)
    this.#unreadable = new UnreadableChannels({ ...ports, watched: this.#watched })
    this.#missedDeletions = new MissedDeletions({ ...ports, watched: this.#watched })
    this.#closings = new Closings(ports)
    this.#alerts = new Alerts({ ...ports, closings: this.#closings })
    this.#digests = new Digests(ports)
    this.#watcher = new Watcher({ ...ports, onFinished: () => void this.#alerts.tellAll() })
    this.#commands = {
      ...ports,
      watched: this.#watched,
      unreadable: this.#unreadable,
      closings: this.#closings,
      digests: this.#digests,
    }
  }

  /** Opens the desk and connects the platforms to it. @throws AppError STORAGE_FAILED */
  static async open(options: DeskOptions): Promise<Desk> {
    const desk = new Desk(options)
    await desk.#watched.load()
    for (const platform of options.platforms) platform.connect(desk)
    return desk
  }

  /**
   * Looks at what waits and comes, and keeps the schedule, until the signal is aborted. Never rejects. Of several desks over
   * one store one runs at a time; the others take posts, commands and presses.
   */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#watcher.run(signal), this.#keepSchedule(signal)])
    await this.#alerts.told()
  }

  /** Learns again and again which channels are watched, where other processes are told so too. Never rejects. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#guarded('watched channels could not be read', () => this.#watched.load())
      await sleep(this.#options.pollMs ?? TICK_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  isWatched(channelIds: readonly (string | null | undefined)[]): boolean {
    return this.#watched.reportTo(channelIds.filter((id) => typeof id === 'string')) !== null
  }

  watchesOn(platform: string): boolean {
    return this.#watched.watchesOn(platform)
  }

  watchedChannels(platform: string): readonly string[] {
    return this.#watched.channelsOn(platform)
  }

  async take({ clips, ...post }: WatchedPost): Promise<void> {
    await this.#insisting('clips of a watched post could not be kept', async () => {
      const { channelId, parentChannelId } = post
      const reportTo = this.#watched.reportTo([channelId, ...(parentChannelId === undefined ? [] : [parentChannelId])])
      const moving = clips.filter(({ mediaType = 'video/' }) => /^(video\/|image\/gif$)/.test(mediaType))
      if (reportTo === null || moving.length === 0) return
      const added = await this.#options.store.addClips(moving.map((clip) => ({ post, clip, reportTo })))
      if (added > 0) this.#watcher.wake()
    })
  }

  async messagesDeleted(channelId: string, messageIds: readonly string[]): Promise<void> {
    const isGone = (id: string, message: string) => id === channelId && messageIds.includes(message)
    this.#watcher.stopIf(({ post }) => isGone(post.channelId, post.messageId))
    const count = await this.#forget({ channelId, messageIds, why: 'messageDeleted' })
    if (count > 0)
      this.#options.logger.info({ channel: channelId, clips: count }, 'deleted messages took their records along')
  }

  async placeGone(id: string): Promise<void> {
    const { logger } = this.#options
    this.#watcher.stopIf(({ post }) => [post.channelId, post.groupId].includes(id))
    await this.#insisting('a place that is gone could not be forgotten', async () => {
      const dropped = await this.#watched.drop(id)
      const why = 'placeGone' as const
      const clips = (await this.#forget({ channelId: id, why })) + (await this.#forget({ groupId: id, why }))
      if (dropped + clips > 0) logger.info({ place: id, clips }, 'a watched place is gone; its records went along')
    })
  }

  async listensAgain(platform: string): Promise<void> {
    const again = this.#options.platforms.find((one) => one.platform === platform)
    if (again === undefined) return
    await this.#unreadable.check()
    await this.#missedDeletions.ask(again, this)
  }

  async command(place: CommandPlace, wish: ModerationWish): Promise<Notice> {
    const { settings, logger } = this.#options
    const texts = moderationTextsFor(place.locale, settings.locale)
    if (!place.isModerator && !settings.moderators.includes(place.userId)) return say(texts, [texts.mayNot])
    try {
      return await obeyCommand(this.#commands, place, wish, texts)
    } catch (error) {
      logger.error({ command: wish.name, err: error }, 'a command of moderation failed')
      return say(texts, [texts.failed])
    }
  }

  async press(press: AlertPress): Promise<PressAnswer> {
    try {
      return await this.#alerts.press(press)
    } catch (error) {
      this.#options.logger.error({ alert: press.alertId, err: error }, 'a press of moderation failed')
      return { text: moderationTextsFor(press.locale, this.#options.settings.locale).failed }
    }
  }

  async pictureOf(look: AlertLook): Promise<AlertPicture | PressAnswer> {
    try {
      return await this.#alerts.pictureOf(look)
    } catch (error) {
      const { logger, settings } = this.#options
      logger.error({ alert: look.alertId, err: error }, 'a picture could not be read')
      return { text: moderationTextsFor(look.locale, settings.locale).failed }
    }
  }

  async #keepSchedule(signal: AbortSignal): Promise<void> {
    try {
      await this.#tick()
      for await (const _ of every(this.#options.tickMs ?? TICK_MS, undefined, { signal, ref: false }))
        await this.#tick()
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #tick(): Promise<void> {
    const { store, settings } = this.#options
    await this.#alerts.tellAll()
    await this.#guarded('old records could not be dropped', async () => {
      // Pictures of alerts stand on a platform and are kept no longer there either.
      const { closings } = await store.prune(this.#now() - settings.retentionDays * DAY_MS)
      await this.#closings.change(closings)
    })
    await this.#closings.workOff()
    await this.#guarded('digests could not be written', async () => {
      const { channels, former } = await this.#reportChannels()
      await this.#digests.writeDue(channels, former)
    })
    await this.#unreadable.check()
  }

  /** Channels that take reports, and others that reports were meant for before. */
  async #reportChannels(): Promise<{ readonly channels: readonly string[]; readonly former: readonly string[] }> {
    const known = await this.#options.store.reportChannels()
    const channels = this.#watched.all().flatMap(({ reportTo }) => {
      // Settings may name a channel without its workspace, which the first clip tells.
      const whole = known.filter((id) => names([reportTo], id))
      return whole.length > 0 ? whole : [reportTo]
    })
    return { channels, former: known.filter((id) => !channels.includes(id)) }
  }

  /** @returns how many records went */
  async #forget(scope: ForgetScope): Promise<number> {
    let count = 0
    await this.#insisting('records could not be removed', async () => {
      const { clips, closings } = await this.#options.store.forget(scope)
      count = clips
      await this.#closings.change(closings)
    })
    return count
  }

  /** The platform tells it once: it is tried again for as long as the store may come back. */
  async #insisting(what: string, work: () => Promise<void>): Promise<void> {
    const { storePauseMs = STORE_PAUSE_MS, logger } = this.#options
    const untilMs = performance.now() + MOST_PATIENCE_MS
    for (;;) {
      try {
        return await work()
      } catch (error) {
        const isHopeless = !(error instanceof AppError && error.retryable) || performance.now() > untilMs
        if (isHopeless) return await this.#guarded(what, () => Promise.reject(error))
        logger.warn({ code: error.code }, `${what}; it is tried again`)
        await sleep(storePauseMs, undefined, { ref: false })
      }
    }
  }

  async #guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.logger.error({ code: error instanceof AppError ? error.code : null, err: error }, what)
    }
  }
}
