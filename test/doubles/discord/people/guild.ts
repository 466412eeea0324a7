// Guilds and roles as tests hold them.
import { ChannelType } from 'discord.js'
import { deleteMessagesOf } from '../messages/change-message.ts'
import { addChannel, addMember, addRole, installBot, removeBot } from '../world/guilds.ts'
import { type PermissionName, permissionBits } from '../world/permissions.ts'
import type { GuildState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { Channel } from './channel.ts'
import { Person } from './person.ts'

/** A role. */
export interface Role {
  readonly id: string
  /** As it is written in a message, `<@&id>`. */
  readonly mention: string
}

/** A guild. */
export class Guild {
  readonly id: string
  readonly #world: World
  readonly #state: GuildState

  constructor(world: World, state: GuildState) {
    this.id = state.id
    this.#world = world
    this.#state = state
  }

  /** The role that everybody has. */
  get everyone(): Role {
    return { id: this.id, mention: '@everyone' }
  }

  /** Adds a text channel. */
  channel(name = 'general', type: ChannelType = ChannelType.GuildText): Channel {
    return new Channel(this.#world, addChannel(this.#world, this.#state, name, type))
  }

  /** Adds a role and gives it to people. */
  role(name: string, options: { permissions?: PermissionName[]; mentionable?: boolean; people?: Person[] } = {}): Role {
    const id = this.#world.ids.next()
    const permissions = permissionBits(...(options.permissions ?? []))
    addRole(this.#world, this.#state, { id, name, permissions, mentionable: options.mentionable ?? false })
    for (const person of options.people ?? []) this.#state.members.get(person.id)!.roleIds.push(id)
    return { id, mention: `<@&${id}>` }
  }

  /** A new person who is a member. */
  person(name: string, options: { locale?: string } = {}): Person {
    const person = Person.join(this.#world, name, options)
    addMember(this.#world, this.#state, person.id)
    return person
  }

  /** Makes people members who are there already. */
  welcomes(...people: readonly Person[]): void {
    for (const { id } of people) addMember(this.#world, this.#state, id)
  }

  /** Bans a member, and deletes what they posted. */
  bans({ id }: Person): void {
    this.#state.members.delete(id)
    const channels = [...this.#world.channels.values()].filter(({ guildId }) => guildId === this.id)
    deleteMessagesOf(
      this.#world,
      id,
      channels.map((channel) => channel.id),
    )
  }

  /** Installs the app, with the permissions that its invitation asked for. */
  invitesBot(...permissions: PermissionName[]): void {
    installBot(this.#world, this.#state, permissions.length === 0 ? undefined : permissions)
  }

  /** Kicks the bot. */
  removesBot(): void {
    removeBot(this.#world, this.#state)
  }
}
