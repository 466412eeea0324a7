import { publishEvent } from '../events/publish.ts'
import { changeMessage } from '../posting.ts'
import type { ResponseUrls } from '../response-urls.ts'
import type { Stage } from '../stage.ts'
import { attachedMessage } from '../wire/attached-message.ts'
import { type Channel, scopeFor } from '../world/channel.ts'
import type { Standing } from '../world/member.ts'
import type { Message } from '../world/message.ts'
import type { Workspace } from '../world/workspace.ts'
import { User } from './user.ts'

/** How a channel is made; by default public, with the bot and everybody in it. */
export interface ChannelOptions {
  readonly isPrivate?: boolean
  readonly withBot?: boolean
  /** Everybody in the workspace when left out. */
  readonly members?: readonly User[]
  readonly isExternallyShared?: boolean
}

/** What a person is beside their name. */
export interface Profile {
  readonly locale?: string
  readonly timezone?: string
  readonly standing?: Standing
}

/** A workspace in the hands of a test: makes people and channels, and does what an administrator does. */
export class Team {
  readonly workspace: Workspace
  readonly #stage: Stage
  readonly #responseUrls: ResponseUrls

  constructor(stage: Stage, workspace: Workspace, responseUrls: ResponseUrls) {
    this.#stage = stage
    this.workspace = workspace
    this.#responseUrls = responseUrls
  }

  get id(): string {
    return this.workspace.id
  }

  get botToken(): string {
    return this.workspace.botToken.value
  }

  get botUserId(): string {
    return this.workspace.botUser.id
  }

  get botId(): string {
    return this.workspace.botId
  }

  /** Scopes of the bot token; add to or delete from it while the app runs. */
  get scopes(): Set<string> {
    return this.workspace.botToken.scopes
  }

  addUser(name: string, { locale = 'en-US', timezone = 'Etc/UTC', standing = 'full' }: Profile = {}): User {
    const id = this.#stage.world.identifiers.next('U')
    const user = new User(this.#stage, this.workspace, this.#responseUrls, { id, name, standing, locale, timezone })
    this.workspace.members.set(id, user)
    return user
  }

  addChannel(name: string, options: ChannelOptions = {}): Channel {
    const people = options.members?.map(({ id }) => id) ?? [...this.workspace.members.keys()]
    const members = new Set(people)
    if (options.withBot === false) members.delete(this.botUserId)
    else members.add(this.botUserId)
    const channel: Channel = {
      id: this.#stage.world.identifiers.next('C'),
      teamId: this.id,
      name,
      kind: options.isPrivate === true ? 'group' : 'channel',
      members,
      messages: [],
      ephemerals: [],
      isExternallyShared: options.isExternallyShared ?? false,
      isArchived: false,
    }
    this.workspace.channels.set(channel.id, channel)
    return channel
  }

  /** Takes the bot out of a channel; it hears of that. */
  removesBotFrom(channel: Channel): void {
    channel.members.delete(this.botUserId)
    this.#tellOf(channel, 'left')
  }

  /** Archives a channel, which nobody can post in any more; the members hear of it. */
  archivesChannel(channel: Channel): void {
    channel.isArchived = true
    if (channel.members.has(this.botUserId)) this.#tellOf(channel, 'archive')
  }

  /** Deletes a channel with all that is in it; the members hear of it. */
  deletesChannel(channel: Channel): void {
    this.workspace.channels.delete(channel.id)
    if (channel.members.has(this.botUserId)) this.#tellOf(channel, 'deleted')
    this.#stage.world.changed()
  }

  /** Unfolds a link in a message to another message, as Slack does by itself shortly after the post. */
  unfoldsLink(message: Message, linked: Message): void {
    const [channel, other] = [message, linked].map(({ channelId }) => this.workspace.channels.get(channelId))
    if (channel === undefined || other === undefined) throw new Error('A message is in no channel.')
    const shown = attachedMessage(this.#stage.world, other, linked)
    changeMessage(this.#stage, this.workspace, channel, message, () => {
      message.attachments = [...(message.attachments ?? []), shown]
    })
  }

  /** Uninstalls the app: its token ends, then it hears of it, as Slack's order of these two is not fixed. */
  uninstallsApp(): void {
    this.#revoke('account_inactive')
    publishEvent(this.#stage, this.workspace, { type: 'app_uninstalled' }, { event: 'app_uninstalled', scope: null })
    this.workspace.isInstalled = false
  }

  /** Revokes the bot token. */
  revokesTokens(): void {
    this.#revoke('token_revoked')
    const event = { type: 'tokens_revoked', tokens: { oauth: [], bot: [this.botUserId] } }
    publishEvent(this.#stage, this.workspace, event, { event: 'tokens_revoked', scope: null })
  }

  #tellOf(channel: Channel, what: 'archive' | 'deleted' | 'left'): void {
    const type = `${channel.kind === 'group' ? 'group' : 'channel'}_${what}`
    const event = { type, channel: channel.id, event_ts: this.#stage.world.identifiers.timestamp() }
    publishEvent(this.#stage, this.workspace, event, { event: type, scope: scopeFor(channel.kind, 'read') })
  }

  #revoke(reason: 'token_revoked' | 'account_inactive'): void {
    this.workspace.botToken.revoked = reason
    this.#stage.world.changed()
  }
}
