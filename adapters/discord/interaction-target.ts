// The answer to an interaction: the loading message is edited, more messages follow it. Its token lives for 15 minutes;
// after that the channel takes over, where the bot is in it.
import { type Client, DiscordAPIError, InteractionWebhook, RESTJSONErrorCodes, Routes } from 'discord.js'
import { failureOf } from './failures.ts'
import { MAX_FOLLOW_UPS_WHEN_USER_INSTALLED } from './limits.ts'
import type { RenderedPart } from './render.ts'
import { type ChannelTarget, type PostedPart, payloadOf, type ReplyTarget } from './reply-target.ts'

/** Name of the first answer, whose id nobody needs to know. */
const ORIGINAL = '@original'

/** What an interaction's target works with. */
export interface InteractionTargetOptions {
  readonly client: Client<true>
  /** Of an interaction that was deferred, its answer still loading. */
  readonly token: string
  readonly mayAttach: boolean
  /** Where to post when the token is used up; null where the bot may not. */
  readonly channel: ChannelTarget | null
  /** Messages of an earlier try at this answer: the first is written over, the others go. */
  readonly postedIds: readonly string[]
}

/** Posts as the answer to a deferred interaction. */
export class InteractionTarget implements ReplyTarget {
  readonly maxParts: number
  readonly mayAttach: boolean
  readonly #options: InteractionTargetOptions
  readonly #webhook: InteractionWebhook

  constructor(options: InteractionTargetOptions) {
    const { client, token, channel, mayAttach } = options
    this.#options = options
    this.#webhook = new InteractionWebhook(client, client.application.id, token)
    this.mayAttach = mayAttach
    this.maxParts = channel === null ? 1 + MAX_FOLLOW_UPS_WHEN_USER_INSTALLED : Number.POSITIVE_INFINITY
  }

  async post(part: RenderedPart, index: number): Promise<PostedPart> {
    return this.#orInChannel(part, index, async () => {
      const payload = payloadOf(part)
      if (index > 0) return this.#posted((await this.#webhook.send(payload)).id, part, index)
      const { id } = await this.#webhook.editMessage(ORIGINAL, payload)
      for (const earlier of this.#options.postedIds) if (earlier !== id) await this.#removeEarlier(earlier)
      return this.#posted(id, part, index)
    })
  }

  async showTyping(): Promise<void> {
    // The loading message shows it.
  }

  #posted(id: string, first: RenderedPart, index: number): PostedPart {
    let shown = first
    let movedTo: PostedPart | null = null
    return {
      id,
      edit: async (part) => {
        if (movedTo !== null) return movedTo.edit(part)
        const byToken = async () => {
          await this.#webhook.editMessage(id, payloadOf(part, shown.storyboard))
          shown = part
          return null
        }
        movedTo = await this.#orInChannel(part, index, byToken, id)
      },
      remove: async () => {
        await (movedTo?.remove() ?? this.#remove(id))
      },
    }
  }

  async #remove(id: string): Promise<void> {
    const { client, token } = this.#options
    await client.rest.delete(Routes.webhookMessage(client.application.id, token, id), { auth: false })
  }

  /** What the token does not reach was posted in the channel. */
  async #removeEarlier(id: string): Promise<void> {
    try {
      await this.#remove(id)
    } catch (error) {
      if (!(error instanceof DiscordAPIError) || error.code !== RESTJSONErrorCodes.UnknownMessage) throw error
      await this.#options.channel?.remove(id)
    }
  }

  /**
   * Does it by the token; when that is used up, goes on with the message as with any other of the channel.
   * @param id the message, once there is one
   */
  async #orInChannel<T>(
    part: RenderedPart,
    index: number,
    byToken: () => Promise<T>,
    id?: string,
  ): Promise<T | PostedPart> {
    const { channel } = this.#options
    try {
      return await byToken()
    } catch (error) {
      if (channel === null || failureOf(error) !== 'expired') throw error
      const there = id === undefined ? null : await channel.goOnWith([id], part)
      return there ?? (await channel.post(part, index))
    }
  }
}
