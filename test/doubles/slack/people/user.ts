import type { Delivery } from '../delivery/delivery.ts'
import { publishEvent } from '../events/publish.ts'
import { isJson, type Json } from '../json.ts'
import { changeMessage, deleteMessage, postMessage } from '../posting.ts'
import type { ResponseUrls } from '../response-urls.ts'
import type { Stage } from '../stage.ts'
import { storeFile } from '../uploading.ts'
import { checkView, replaceView, showView } from '../web-api/view-methods.ts'
import { attachedMessage } from '../wire/attached-message.ts'
import { messageJson } from '../wire/message-json.ts'
import { viewJson } from '../wire/view-json.ts'
import type { Channel, EphemeralMessage } from '../world/channel.ts'
import { directMessageWith } from '../world/direct-message.ts'
import type { Member, Standing } from '../world/member.ts'
import { type Message, setText } from '../world/message.ts'
import type { FileToShare, StoredFile } from '../world/stored-file.ts'
import type { OpenView } from '../world/view.ts'
import type { Workspace } from '../world/workspace.ts'
import { actionOf, findPressable } from './block-elements.ts'
import { interactionBase } from './interaction-base.ts'
import { filledState, type ModalInput } from './modal.ts'
import { typedText } from './typed-text.ts'

/** Where and with what a person posts. */
export interface PostOptions {
  readonly files?: readonly FileToShare[]
  /** The message whose thread it goes into. */
  readonly thread?: Message | undefined
}

/** A person in a workspace, with the things that a person does in Slack. */
export class User implements Member {
  readonly id: string
  readonly teamId: string
  readonly name: string
  readonly isBot = false
  readonly standing: Standing
  readonly locale: string
  readonly timezone: string
  readonly #stage: Stage
  readonly #workspace: Workspace
  readonly #responseUrls: ResponseUrls

  constructor(
    stage: Stage,
    workspace: Workspace,
    responseUrls: ResponseUrls,
    profile: Omit<Member, 'isBot' | 'teamId'>,
  ) {
    this.#stage = stage
    this.#workspace = workspace
    this.#responseUrls = responseUrls
    this.id = profile.id
    this.teamId = workspace.id
    this.name = profile.name
    this.standing = profile.standing
    this.locale = profile.locale
    this.timezone = profile.timezone
  }

  /** The direct message with the bot. */
  get directMessage(): Channel {
    return directMessageWith(this.#stage.world, this.#workspace, this.id)
  }

  /** Posts words as typed (`@valley look`), with files; the app hears of it at once. */
  posts(channel: Channel, typed: string, { files = [], thread }: PostOptions = {}): Message {
    this.#mustBeIn(channel)
    const stored = files.map((file) => storeFile(this.#stage.world, this.teamId, this.id, file))
    return this.#post(channel, typed, stored, thread)
  }

  /** Shares a file again that is in Slack already. */
  sharesAgain(channel: Channel, file: StoredFile, typed = ''): Message {
    this.#mustBeIn(channel)
    return this.#post(channel, typed, [file], undefined)
  }

  /** Forwards a message, with the files that it has; words may stand above it. */
  forwards(message: Message, channel: Channel, typed = ''): Message {
    this.#mustBeIn(channel)
    const { world } = this.#stage
    const shown = { ...attachedMessage(world, this.#channelOf(message), message), is_share: true }
    const { text, blocks } = typedText(this.#workspace, typed)
    return postMessage(this.#stage, this.#workspace, channel, this, { text, blocks, attachments: [shown] })
  }

  /** Changes a message of theirs. @param files uploaded with the edit, beside those that were there */
  edits(message: Message, typed: string, { files = [] }: Pick<PostOptions, 'files'> = {}): void {
    const { text, blocks } = typedText(this.#workspace, typed)
    changeMessage(this.#stage, this.#workspace, this.#channelOf(message), message, () => {
      setText(message, text)
      message.blocks = blocks
      for (const file of files) {
        const stored = storeFile(this.#stage.world, this.teamId, this.id, file)
        stored.sharedIn.add(message.channelId)
        message.files.push(stored)
      }
      message.editedTs = this.#stage.world.identifiers.timestamp()
    })
  }

  deletes(message: Message): void {
    deleteMessage(this.#stage, this.#workspace, this.#channelOf(message), message)
  }

  /** Runs a slash command; Slack allows it in channels and direct messages, never in a thread. */
  runs(command: string, text: string, channel: Channel): Delivery {
    this.#mustBeIn(channel)
    const { world } = this.#stage
    if (!world.app.commands.has(command))
      throw new Error(`${command} is not a command of the app: ${[...world.app.commands]}`)
    const responseUrl = this.#responseUrl('commands', channel, null)
    const payload = {
      token: world.app.verificationToken,
      team_id: this.teamId,
      team_domain: this.#workspace.domain,
      channel_id: channel.id,
      channel_name: channel.name,
      user_id: this.id,
      user_name: this.name,
      command,
      text,
      api_app_id: world.app.id,
      is_enterprise_install: 'false',
      response_url: responseUrl,
      trigger_id: world.newTrigger(this.id),
    }
    return this.#stage.deliveries.send('slash_commands', this.teamId, payload, {
      acknowledged: (answer) => this.#responseUrls.showAcknowledgement(responseUrl, answer),
    })
  }

  /** Uses a message shortcut of the app, e.g. `describe_clip`. */
  usesShortcut(callbackId: string, message: Message): Delivery {
    const channel = this.#channelOf(message)
    return this.#interacts({
      type: 'message_action',
      callback_id: callbackId,
      action_ts: this.#stage.world.identifiers.timestamp(),
      message_ts: message.ts,
      message: messageJson(this.#stage.world, channel, message),
      channel: { id: channel.id, name: channel.name },
      response_url: this.#responseUrl('actions', channel, message),
    })
  }

  /** Uses a global shortcut of the app, which is in no channel. */
  usesGlobalShortcut(callbackId: string): Delivery {
    const actionTs = this.#stage.world.identifiers.timestamp()
    return this.#interacts({ type: 'shortcut', callback_id: callbackId, action_ts: actionTs })
  }

  /**
   * Presses a button or chooses an option under a message.
   * @param value the option's value, or which of two feedback buttons
   */
  presses(message: Message | EphemeralMessage, actionId: string, value?: string): Delivery {
    const channel = this.#channelOf(message)
    const pressable = findPressable(message.blocks, actionId, value)
    if (pressable === null) throw new Error(`The message has nothing to press with the action id ${actionId}.`)
    const isEphemeral = !('versions' in message)
    const shown = isEphemeral
      ? { type: 'message', subtype: 'bot_message', ts: message.ts, text: message.text, blocks: message.blocks }
      : messageJson(this.#stage.world, channel, message)
    const thread = message.threadTs === null ? {} : { thread_ts: message.threadTs }
    return this.#interacts({
      type: 'block_actions',
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: isEphemeral,
        ...thread,
      },
      channel: { id: channel.id, name: channel.name },
      ...(isEphemeral ? {} : { message: shown }),
      state: { values: {} },
      response_url: this.#responseUrl('actions', channel, message),
      actions: [actionOf(pressable, this.#stage.world.identifiers.timestamp(), value)],
    })
  }

  /** The modal that this person sees; undefined when none is open. */
  get openModal(): OpenView | undefined {
    return [...this.#stage.world.views.values()]
      .filter((view) => view.type === 'modal' && view.userId === this.id && view.isOpen)
      .at(-1)
  }

  /** Fills in a modal and submits it. What the app acknowledges with is carried out: errors, update, push or clear. */
  submits(view: OpenView, input: ModalInput = {}): Delivery {
    if (!view.isOpen || view.userId !== this.id) throw new Error('The modal is not open for this person.')
    const values = filledState(this.#stage.world, view, input)
    const payload = { type: 'view_submission', view: viewJson(this.#stage.world, view, values), response_urls: [] }
    return this.#interacts(payload, (answer) => this.#afterSubmission(view, answer))
  }

  /** Closes a modal; the app hears of it only when the view asks for that. */
  closes(view: OpenView): Delivery | null {
    view.isOpen = false
    this.#stage.world.changed()
    if (view.content.notify_on_close !== true) return null
    return this.#interacts({ type: 'view_closed', view: viewJson(this.#stage.world, view), is_cleared: false })
  }

  /** Opens the app's assistant pane, which starts a thread. @returns the thread's first message */
  opensAssistant(context: Channel | null = null): Message {
    const channel = this.directMessage
    const root = postMessage(this.#stage, this.#workspace, channel, this.#workspace.botUser, {
      text: 'New Assistant Thread',
    })
    this.#stage.world.assistantThread(channel.id, root.ts)
    this.#tellAssistant('assistant_thread_started', root, context)
    return root
  }

  /** Looks at another channel while the assistant pane is open. */
  movesAssistantTo(root: Message, context: Channel): void {
    this.#tellAssistant('assistant_thread_context_changed', root, context)
  }

  /** Opens the app's home tab. */
  opensHome(): void {
    const event = {
      type: 'app_home_opened',
      user: this.id,
      channel: this.directMessage.id,
      tab: 'home',
      event_ts: this.#stage.world.identifiers.timestamp(),
    }
    publishEvent(this.#stage, this.#workspace, event, { event: 'app_home_opened', scope: null })
  }

  /** Presses Stop on a message that is being streamed. */
  stopsStream(message: Message): void {
    const stream = this.#stage.world.streamAt(message.channelId, message.ts)
    if (stream?.state !== 'in_progress') throw new Error('The message is not being streamed.')
    stream.state = 'stopped_by_user'
    message.streamingState = 'completed'
    this.#stage.world.changed()
  }

  reactsTo(message: Message, emoji: string): void {
    const users = message.reactions.get(emoji) ?? new Set()
    message.reactions.set(emoji, users.add(this.id))
    this.#stage.world.changed()
  }

  /** What only this person sees in a channel. */
  ephemeralsIn(channel: Channel): EphemeralMessage[] {
    return channel.ephemerals.filter(({ userId }) => userId === this.id)
  }

  #post(channel: Channel, typed: string, files: readonly StoredFile[], thread: Message | undefined): Message {
    const { text, blocks } = typedText(this.#workspace, typed)
    const threadTs = thread === undefined ? null : (thread.threadTs ?? thread.ts)
    return postMessage(this.#stage, this.#workspace, channel, this, { text, blocks, files, threadTs })
  }

  #interacts(payload: Json, acknowledged?: (answer: Json) => void): Delivery {
    const base = interactionBase(this.#stage.world, this.#workspace, this)
    const aftermath = acknowledged === undefined ? {} : { acknowledged }
    return this.#stage.deliveries.send('interactive', this.teamId, { ...base, ...payload }, aftermath)
  }

  #afterSubmission(view: OpenView, answer: Json): void {
    if (answer.response_action === 'errors') {
      view.errors = isJson(answer.errors) ? answer.errors : {}
    } else if (isJson(answer.view)) {
      checkView(answer.view)
      if (answer.response_action === 'push') showView(this.#stage, this.#workspace, this.id, 'modal', answer.view)
      else replaceView(this.#stage, view, answer.view)
    } else view.isOpen = false
    this.#stage.world.changed()
  }

  #tellAssistant(
    type: 'assistant_thread_started' | 'assistant_thread_context_changed',
    root: Message,
    context: Channel | null,
  ): void {
    const eventTs = this.#stage.world.identifiers.timestamp()
    const seen = context === null ? {} : { channel_id: context.id, team_id: this.teamId, enterprise_id: null }
    const thread = { user_id: this.id, context: seen, channel_id: root.channelId, thread_ts: root.ts }
    const event = { type, assistant_thread: thread, event_ts: eventTs }
    publishEvent(this.#stage, this.#workspace, event, { event: type, scope: 'assistant:write' })
  }

  #responseUrl(kind: 'commands' | 'actions', channel: Channel, source: Message | EphemeralMessage | null): string {
    return this.#responseUrls.create(kind, { workspace: this.#workspace, channel, userId: this.id }, source)
  }

  #channelOf({ channelId }: { readonly channelId: string }): Channel {
    const channel = this.#workspace.channels.get(channelId)
    if (channel === undefined) throw new Error(`The message is in no channel of ${this.#workspace.name}.`)
    return channel
  }

  #mustBeIn(channel: Channel): void {
    if (!channel.members.has(this.id)) throw new Error(`${this.name} is not in ${channel.name}; invite them first.`)
  }
}
