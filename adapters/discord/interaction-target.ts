// The answer to an interaction: the loading message is edited, more messages follow it. Its token lives for 15 minutes;
// after that the channel takes over, where the bot is in it.
import {
  type ChatInputCommandInteraction,
  type MessageComponentInteraction,
  type MessageContextMenuCommandInteraction,
  PermissionFlagsBits,
} from 'discord.js'
import { failureOf } from './failures.ts'
import { MAX_FOLLOW_UPS_WHEN_USER_INSTALLED } from './limits.ts'
import type { RenderedPart } from './render.ts'
import { type ChannelTarget, type PostedPart, payloadOf, type ReplyTarget } from './reply-target.ts'

/** Interactions that a reply may answer. */
export type AnswerableInteraction =
  | ChatInputCommandInteraction
  | MessageComponentInteraction
  | MessageContextMenuCommandInteraction

/** Posts as the answer to a deferred interaction. */
export class InteractionTarget implements ReplyTarget {
  readonly maxParts: number
  readonly mayAttach: boolean
  readonly #interaction: AnswerableInteraction
  readonly #channel: ChannelTarget | null

  /**
   * @param interaction deferred, its answer still loading
   * @param channel where to post when the token is used up; null where the bot may not
   */
  constructor(interaction: AnswerableInteraction, channel: ChannelTarget | null) {
    this.#interaction = interaction
    this.#channel = channel
    this.mayAttach = interaction.appPermissions.has(PermissionFlagsBits.AttachFiles)
    this.maxParts = channel === null ? 1 + MAX_FOLLOW_UPS_WHEN_USER_INSTALLED : Number.POSITIVE_INFINITY
  }

  async post(part: RenderedPart, index: number): Promise<PostedPart> {
    return this.#orInChannel(part, index, async () => {
      const payload = payloadOf(part)
      const message =
        index === 0 ? await this.#interaction.editReply(payload) : await this.#interaction.followUp(payload)
      return this.#posted(message.id, part, index)
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
        movedTo = await this.#orInChannel(part, index, async () => {
          await this.#interaction.editReply({ ...payloadOf(part, shown.storyboard), message: id })
          shown = part
          return null
        })
      },
      remove: async () => {
        await (movedTo?.remove() ?? this.#interaction.deleteReply(id))
      },
    }
  }

  /** Does it by the token, or posts the message in the channel when the token is used up. */
  async #orInChannel<T>(part: RenderedPart, index: number, byToken: () => Promise<T>): Promise<T | PostedPart> {
    try {
      return await byToken()
    } catch (error) {
      if (this.#channel === null || failureOf(error) !== 'expired') throw error
      return await this.#channel.post(part, index)
    }
  }
}
