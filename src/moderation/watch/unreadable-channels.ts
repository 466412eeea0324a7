// Watched channels that Valley cannot read: it was not let in, was shut out, or they are gone. Told in the log once, since what
// is posted there passes unseen.
import type { Logger } from '../../logger.ts'
import type { ModeratedPlatform } from '../platform/platform.ts'
import type { WatchedChannels } from './watched-channels.ts'

/** What telling them works with. */
export interface UnreadableChannelsOptions {
  readonly watched: WatchedChannels
  readonly platformOf: (id: string) => ModeratedPlatform | null
  readonly logger: Logger
}

/** Those that are known to be unreadable. */
export class UnreadableChannels {
  readonly #options: UnreadableChannelsOptions
  readonly #told = new Set<string>()

  constructor(options: UnreadableChannelsOptions) {
    this.#options = options
  }

  /** True when the platform says that a channel cannot be read; false also when it cannot tell. Never rejects. */
  async has(channelId: string): Promise<boolean> {
    return (await this.#options.platformOf(channelId)?.mayRead?.(channelId)) === 'gone'
  }

  /** Asks for each watched channel, and logs those that cannot be read any more, or again. Never rejects. */
  async check(): Promise<void> {
    const { watched, platformOf, logger } = this.#options
    const channels = new Set(watched.all().map(({ channelId }) => channelId))
    for (const id of this.#told) if (!channels.has(id)) this.#told.delete(id)
    for (const channel of channels) {
      const presence = await platformOf(channel)?.mayRead?.(channel)
      if (presence === 'gone' && !this.#told.has(channel)) {
        this.#told.add(channel)
        logger.warn({ channel }, 'a watched channel cannot be read; what is posted there is not looked at')
      }
      if (presence === 'there' && this.#told.delete(channel))
        logger.info({ channel }, 'a watched channel is read again')
    }
  }
}
