// Channels, threads and DMs as tests hold them.
import { OverwriteType } from 'discord.js'
import { overwritePermissions, removeChannel } from '../world/guilds.ts'
import type { PermissionName } from '../world/permissions.ts'
import type { ChannelState } from '../world/state.ts'
import { changeThread } from '../world/threads.ts'
import type { World } from '../world/world.ts'

/** A channel of a guild, a thread, or a DM. */
export class Channel {
  readonly id: string
  readonly #world: World
  readonly #state: ChannelState

  constructor(world: World, state: ChannelState) {
    this.id = state.id
    this.#world = world
    this.#state = state
  }

  get name(): string {
    return this.#state.name
  }

  /** As it is written in a message, `<#id>`. */
  get mention(): string {
    return `<#${this.id}>`
  }

  /** The channel that a thread belongs to; null when this is none. */
  get parentId(): string | null {
    return this.#state.parentId
  }

  /** True for a thread that is archived. */
  get isArchived(): boolean {
    return this.#state.thread?.archived ?? false
  }

  /** Who is in a thread, by id. */
  get memberIds(): string[] {
    return [...(this.#state.thread?.memberIds ?? this.#state.recipientIds)]
  }

  /** Allows permissions here for a person, the bot or a role. */
  allows(whom: { readonly id: string }, ...permissions: PermissionName[]): void {
    overwritePermissions(this.#world, this.#state, this.#target(whom), { allow: permissions })
  }

  /** Denies permissions here to a person, the bot or a role. */
  denies(whom: { readonly id: string }, ...permissions: PermissionName[]): void {
    overwritePermissions(this.#world, this.#state, this.#target(whom), { deny: permissions })
  }

  /** Archives a thread, as time or a moderator does. */
  archive(options: { locked?: boolean } = {}): void {
    changeThread(this.#world, this.#state, { archived: true, locked: options.locked ?? false })
  }

  /** Locks a thread that stays active: only moderators write in it. */
  lock(): void {
    changeThread(this.#world, this.#state, { archived: false, locked: true })
  }

  /** Deletes the channel. */
  delete(): void {
    removeChannel(this.#world, this.#state)
  }

  #target({ id }: { readonly id: string }): { id: string; type: OverwriteType } {
    const isRole = this.#world.guildOf(this.#state)?.roles.has(id) ?? false
    return { id, type: isRole ? OverwriteType.Role : OverwriteType.Member }
  }
}
