// What people do: write, reply, react, use commands and press buttons. Each method is one thing that a person would say
// they did; its result is what they would see on their screen.
import { type APIEmbed, type APIMessage, GatewayDispatchEvents } from 'discord.js'
import { announceMessage } from '../messages/announce-message.ts'
import { type FileUpload, storeAttachment } from '../messages/attachments.ts'
import { addReaction, deleteMessage, editMessage, removeReaction } from '../messages/change-message.ts'
import { postMessage } from '../messages/post-message.ts'
import { renderMessage } from '../messages/render-message.ts'
import { startThread } from '../messages/start-thread.ts'
import { openDm } from '../world/dms.ts'
import { may, type PermissionName } from '../world/permissions.ts'
import type { ChannelState, MessageState } from '../world/state.ts'
import { joinThread, openThread } from '../world/threads.ts'
import { newUser, type World } from '../world/world.ts'
import { Channel } from './channel.ts'
import type { CommandOptions } from './command-options.ts'
import { autocompleteCommand, useCommand, useContextMenu } from './commands.ts'
import { pressButton, selectOptions, submitModal } from './components.ts'
import type { UsedInteraction } from './used-interaction.ts'

/** Anything that names a message. */
export type MessageReference = Pick<APIMessage, 'id' | 'channel_id'>

/** What goes with a post. */
export interface PostOptions {
  readonly files?: readonly FileUpload[]
  readonly replyTo?: MessageReference
  /** False takes the notification off a reply; on, as Discord's app has it, when left out. */
  readonly pingReply?: boolean
  /** What Discord makes of a link, e.g. a video of another site. */
  readonly embeds?: APIEmbed[]
}

/** A person with an account. */
export class Person {
  readonly id: string
  readonly name: string
  /** As it is written in a message, `<@id>`. */
  readonly mention: string
  readonly #world: World

  private constructor(world: World, id: string, name: string) {
    this.id = id
    this.name = name
    this.mention = `<@${id}>`
    this.#world = world
  }

  /** A new account. */
  static join(world: World, name: string, options: { locale?: string } = {}): Person {
    const id = world.ids.next()
    world.users.set(id, newUser(id, name))
    world.people.set(id, { locale: options.locale ?? 'en-US', refusesDms: false, hasApp: false })
    return new Person(world, id, name)
  }

  /** Writes a message. */
  posts(channel: Channel, text: string, options: PostOptions = {}): APIMessage {
    return this.#post(channel, text, options)
  }

  /** Opens a post of a forum. @returns its first message, in a thread whose id it has */
  postsInForum(forum: Channel, title: string, text: string, options: PostOptions = {}): APIMessage {
    const parent = this.#may(forum, 'SendMessages')
    const thread = openThread(this.#world, { parent, name: title, ownerId: this.id, isForumPost: true })
    return this.#post(new Channel(this.#world, thread), text, options, thread.id)
  }

  #post(channel: Channel, text: string, options: PostOptions, id?: string): APIMessage {
    const state = this.#may(channel, 'SendMessages')
    const files = options.files ?? []
    const message = postMessage(this.#world, {
      ...(id === undefined ? {} : { id }),
      channel: state,
      authorId: this.id,
      content: text,
      attachments: files.map((file) => storeAttachment(this.#world, channel.id, file)),
      embeds: options.embeds ?? [],
      allowedMentions: { parse: ALL_MENTIONS, replied_user: options.pingReply ?? true },
      ...(options.replyTo === undefined ? {} : { replyTo: { messageId: options.replyTo.id, failIfMissing: true } }),
    })
    return this.#show(message)
  }

  /** Forwards a message to a channel. */
  forwards(message: MessageReference, channel: Channel): APIMessage {
    const forward = { ...this.#find(message) }
    const state = this.#may(channel, 'SendMessages')
    return this.#show(postMessage(this.#world, { channel: state, authorId: this.id, forward }))
  }

  /** Changes the text of a message of their own. */
  edits(message: MessageReference, text: string): void {
    editMessage(this.#world, this.#find(message), { content: text })
  }

  /** Deletes a message. */
  deletes(message: MessageReference): void {
    deleteMessage(this.#world, this.#find(message))
  }

  /** Puts an emoji under a message. */
  reacts(message: MessageReference, emoji: string): void {
    addReaction(this.#world, this.#find(message), emoji, this.id)
  }

  /** Takes an emoji off again. */
  unreacts(message: MessageReference, emoji: string): void {
    removeReaction(this.#world, this.#find(message), emoji, this.id)
  }

  /** A link of a message has turned into an embed a moment later, as Discord does it. */
  seesLinkUnfold(message: MessageReference, embeds: APIEmbed[]): void {
    const state = this.#find(message)
    state.embeds = embeds
    announceMessage(this.#world, state, GatewayDispatchEvents.MessageUpdate)
  }

  /** Opens a thread from a message. */
  startsThread(message: MessageReference, name: string): Channel {
    const state = this.#find(message)
    const parent = this.#world.channel(state.channelId)
    return new Channel(this.#world, startThread(this.#world, { parent, name, message: state, ownerId: this.id }))
  }

  /** Opens a private thread and takes others into it. */
  startsPrivateThread(channel: Channel, name: string, others: readonly { readonly id: string }[] = []): Channel {
    const parent = this.#may(channel, 'CreatePrivateThreads')
    const thread = openThread(this.#world, { parent, name, ownerId: this.id, isPrivate: true })
    for (const { id } of others) joinThread(this.#world, thread, id)
    return new Channel(this.#world, thread)
  }

  /** The DM with the bot. */
  get dm(): Channel {
    return new Channel(this.#world, openDm(this.#world, this.id))
  }

  /** Refuses DMs of the bot from now on. */
  refusesDms(): void {
    this.#world.people.get(this.id)!.refusesDms = true
  }

  /** Installs the app for themselves, so that its commands go with them everywhere. */
  installsApp(): void {
    this.#world.people.get(this.id)!.hasApp = true
  }

  /**
   * Uses a slash command.
   * @param command its name with its subcommand, e.g. `valley ask`
   * @param options by name; a file is one with `name` and `bytes`
   * @throws Error when the person could not do it: no such command here, an option is missing or unknown
   */
  usesCommand(channel: Channel, command: string, options: CommandOptions = {}): UsedInteraction {
    return useCommand(this.#world, this.#acting(channel), command, options)
  }

  /** Types into an option that completes itself; the choices are in the result. */
  completes(channel: Channel, command: string, option: string, typed: string): UsedInteraction {
    return autocompleteCommand(this.#world, this.#acting(channel), command, { option, typed })
  }

  /** Uses a command of a message's menu, e.g. `Describe clip`. */
  usesContextMenu(message: MessageReference, command: string): UsedInteraction {
    const channel = new Channel(this.#world, this.#world.channel(message.channel_id))
    return useContextMenu(this.#world, this.#acting(channel), command, this.#find(message))
  }

  /** Presses a button. @param button its label or custom id */
  presses(message: MessageReference, button: string): UsedInteraction {
    return pressButton(this.#world, this.id, this.#find(message), button)
  }

  /** Chooses in a menu. @param menu its placeholder or custom id */
  selects(message: MessageReference, menu: string, values: string[]): UsedInteraction {
    return selectOptions(this.#world, this.id, this.#find(message), { menu, values })
  }

  /** Fills in the modal that an interaction opened. @param fields by custom id */
  submitsModal(opened: UsedInteraction, fields: Readonly<Record<string, string>>): UsedInteraction {
    return submitModal(this.#world, this.id, opened, fields)
  }

  #acting(channel: Channel) {
    return { userId: this.id, channel: this.#world.channel(channel.id) }
  }

  #may(channel: Channel, permission: PermissionName): ChannelState {
    const state = this.#world.channel(channel.id)
    if (may(this.#world, state, this.id, permission)) return state
    throw new Error(`${this.name} may not do that in ${channel.name || 'this DM'}: it needs ${permission}.`)
  }

  #find(message: MessageReference): MessageState {
    return this.#world.message(message.channel_id, message.id)
  }

  #show(message: MessageState): APIMessage {
    return renderMessage(this.#world, message, true)
  }
}

const ALL_MENTIONS = ['users', 'roles', 'everyone'] as never[]
