// Where the messages of a reply go: a channel, or the answer to an interaction. Nobody is notified by any of them, however
// they came about: what the model says is data.
import {
  DiscordAPIError,
  type Message,
  type MessageCreateOptions,
  MessageFlags,
  RESTJSONErrorCodes,
  type SendableChannels,
} from 'discord.js'
import type { RenderedPart } from './render.ts'

/** Takes the messages of one reply. Methods throw what discord.js throws. */
export interface ReplyTarget {
  /** Messages that it takes at most. */
  readonly maxParts: number
  /** False where no files may be attached. */
  readonly mayAttach: boolean
  /** Posts message number `index`, from 0. */
  post(part: RenderedPart, index: number): Promise<PostedPart>
  /** Shows that a reply is coming, where the platform has no message yet. */
  showTyping(): Promise<void>
}

/** A message of a reply that is there. */
export interface PostedPart {
  readonly id: string
  edit(part: RenderedPart): Promise<void>
  remove(): Promise<void>
}

/** Notifies nobody, not even who is replied to. */
export const NO_MENTIONS = { parse: [], repliedUser: false } as const

const STORYBOARD_NAME = 'storyboard.png'

/**
 * A message as discord.js takes it. Links that the model writes do not unfold.
 * @param known the storyboard that the message carries already
 */
export function payloadOf(part: RenderedPart, known: RenderedPart['storyboard'] = null) {
  const { content, components, storyboard } = part
  const isNew = storyboard !== null && storyboard !== known
  return {
    content,
    components: [...components],
    allowedMentions: NO_MENTIONS,
    flags: MessageFlags.SuppressEmbeds as const,
    ...(isNew
      ? {
          files: [
            { attachment: Buffer.from(storyboard.png), name: STORYBOARD_NAME, description: storyboard.description },
          ],
        }
      : {}),
  }
}

/** What a channel target works with. */
export interface ChannelTargetOptions {
  readonly channel: SendableChannels
  /** Snowflake of what is answered: makes each message's nonce, so that none is posted twice. */
  readonly sourceId: string
  /** The post to reply to; must be in the channel. */
  readonly replyToId?: string
  readonly mayAttach: boolean
  /** Messages of an earlier try at this reply: the first is written over, the others go. */
  readonly postedIds?: readonly string[]
}

/** Posts in a channel, a thread or a direct channel. */
export class ChannelTarget implements ReplyTarget {
  readonly maxParts = Number.POSITIVE_INFINITY
  readonly mayAttach: boolean
  readonly #options: ChannelTargetOptions

  constructor(options: ChannelTargetOptions) {
    this.#options = options
    this.mayAttach = options.mayAttach
  }

  async post(part: RenderedPart, index: number): Promise<PostedPart> {
    const { channel, sourceId, replyToId, postedIds = [] } = this.#options
    const taken = index === 0 ? await this.goOnWith(postedIds, part) : null
    if (taken !== null) return taken
    const message: MessageCreateOptions = {
      ...payloadOf(part),
      // Discord gives the first message of a nonce instead of posting a second one, also when it lost the first answer.
      nonce: `${sourceId}-${index}`,
      enforceNonce: true,
      ...(replyToId === undefined || index > 0
        ? {}
        : { reply: { messageReference: replyToId, failIfNotExists: false } }),
    }
    return new PostedMessage(await channel.send(message), part)
  }

  /**
   * Writes over the first of some messages of ours and takes the others away.
   * @returns null when the first is there no longer
   */
  async goOnWith(ids: readonly string[], part: RenderedPart): Promise<PostedPart | null> {
    const { channel } = this.#options
    const [first, ...others] = ids
    if (first === undefined) return null
    for (const id of others) await this.remove(id)
    const edited = await channel.messages.edit(first, payloadOf(part)).catch(ignoreUnknown)
    return edited === null ? null : new PostedMessage(edited, part)
  }

  async showTyping(): Promise<void> {
    await this.#options.channel.sendTyping()
  }

  /** Takes away a message of an earlier try, unless somebody has. */
  async remove(id: string): Promise<void> {
    await this.#options.channel.messages.delete(id).catch(ignoreUnknown)
  }
}

/** null for a message that somebody has deleted. @throws any other failure */
function ignoreUnknown(error: unknown): null {
  if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownMessage) return null
  throw error
}

class PostedMessage implements PostedPart {
  readonly id: string
  readonly #message: Message
  #shown: RenderedPart

  constructor(message: Message, shown: RenderedPart) {
    this.id = message.id
    this.#message = message
    this.#shown = shown
  }

  async edit(part: RenderedPart): Promise<void> {
    await this.#message.edit(payloadOf(part, this.#shown.storyboard))
    this.#shown = part
  }

  async remove(): Promise<void> {
    await this.#message.delete()
  }
}
