// Which channels are watched: those of the settings, and those that commands named. Kept in memory, since every post asks.

import { names } from './rule-scope.ts'
import type { ModerationSettings } from './settings.ts'
import type { ModerationStore, WatchedChannel } from './store.ts'

/** The list. */
export class WatchedChannels {
  readonly #store: ModerationStore
  readonly #ofSettings: ModerationSettings['watch']
  #ofCommands: readonly WatchedChannel[] = []

  constructor(store: ModerationStore, ofSettings: ModerationSettings['watch']) {
    this.#store = store
    this.#ofSettings = ofSettings
  }

  /** Reads what commands named before. @throws AppError STORAGE_FAILED */
  async load(): Promise<void> {
    this.#ofCommands = await this.#store.watched()
  }

  /** Where reports about a channel go; null when it is not watched. The first id that is watched decides. */
  reportTo(channelIds: readonly string[]): string | null {
    for (const channelId of channelIds) {
      const found =
        this.#ofCommands.find((one) => one.channelId === channelId) ??
        this.#ofSettings.find((one) => names([one.channelId], channelId))
      if (found !== undefined) return withWorkspace(found.reportTo, channelId)
    }
    return null
  }

  /** True for a channel of the settings, which commands do not change. */
  isOfSettings(channelId: string): boolean {
    return this.#ofSettings.some((one) => names([one.channelId], channelId))
  }

  /** Those that commands named. */
  get ofCommands(): readonly WatchedChannel[] {
    return this.#ofCommands
  }

  /** True for a channel that a command named. */
  isOfCommands(channelId: string): boolean {
    return this.#ofCommands.some((one) => one.channelId === channelId)
  }

  /** True when something is watched on a platform. */
  watchesOn(platform: string): boolean {
    return this.channelsOn(platform).length > 0
  }

  /** Ids of those on a platform, as commands and the settings name them. */
  channelsOn(platform: string): string[] {
    const ids = [...this.#ofCommands, ...this.#ofSettings].map(({ channelId }) => channelId)
    return [...new Set(ids)].filter((id) => id.startsWith(`${platform}:`))
  }

  /** All, with where their reports go. */
  all(): readonly { readonly channelId: string; readonly reportTo: string; readonly groupId?: string }[] {
    return [...this.#ofSettings, ...this.#ofCommands]
  }

  /** @throws AppError STORAGE_FAILED */
  async watch(channel: WatchedChannel): Promise<void> {
    await this.#store.watch(channel)
    await this.load()
  }

  /** @throws AppError STORAGE_FAILED */
  async unwatch(channelId: string): Promise<void> {
    await this.#store.unwatch(channelId)
    await this.load()
  }

  /** Drops the channels of a server, or one channel, that is gone. @returns how many. @throws AppError STORAGE_FAILED */
  async drop(id: string): Promise<number> {
    const gone = this.#ofCommands.filter(({ channelId, groupId }) => channelId === id || groupId === id)
    for (const { channelId } of gone) await this.#store.unwatch(channelId)
    await this.load()
    return gone.length
  }
}

/** A channel of Slack that the settings name without its workspace is in that of the watched one. */
function withWorkspace(reportTo: string, channelId: string): string {
  const [platform, ...rest] = reportTo.split(':')
  const watched = channelId.split(':')
  return rest.length === 1 && watched.length === 3 ? [platform, watched[1], rest[0]].join(':') : reportTo
}
