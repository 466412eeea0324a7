// Options of slash commands: what a person gave, by the command's own definition, in the form that interactions have.
import { type APIApplicationCommandOption, ApplicationCommandOptionType } from 'discord.js'
import { type FileUpload, renderAttachment, storeAttachment } from '../messages/attachments.ts'
import { renderChannel, renderMember } from '../world/render.ts'
import type { ChannelState } from '../world/state.ts'
import type { World } from '../world/world.ts'

/** What a person gives a command: text, number, yes or no, a file, or a person, role or channel by its `id`. */
export type CommandOptions = Readonly<Record<string, string | number | boolean | FileUpload | { readonly id: string }>>

type Resolved = Record<'attachments' | 'users' | 'members' | 'channels' | 'roles', Record<string, object>>

/** Options as an interaction carries them. */
export interface RenderedOptions {
  readonly options: readonly object[]
  readonly resolved: Partial<Resolved>
}

/**
 * Finds each option's type in the definition.
 * @throws Error when one is missing or unknown, as the person's own app would not let them send that
 */
export function renderOptions(
  world: World,
  channel: ChannelState,
  definition: readonly APIApplicationCommandOption[],
  given: CommandOptions,
): RenderedOptions {
  const resolved: Resolved = { attachments: {}, users: {}, members: {}, channels: {}, roles: {} }
  const unknown = Object.keys(given).find((name) => !definition.some((option) => option.name === name))
  if (unknown !== undefined) throw new Error(`The command has no option ${unknown}.`)
  const missing = definition.find(({ name, required }) => required === true && !(name in given))
  if (missing !== undefined) throw new Error(`The command needs its option ${missing.name}.`)
  const options = definition
    .filter(({ name }) => name in given)
    .map(({ name, type }) => ({ name, type, value: toValue(world, channel, { type, given: given[name]! }, resolved) }))
  const filled = Object.entries(resolved).filter(([, entries]) => Object.keys(entries).length > 0)
  return { options, resolved: Object.fromEntries(filled) }
}

function toValue(
  world: World,
  channel: ChannelState,
  option: { type: ApplicationCommandOptionType; given: CommandOptions[string] },
  resolved: Resolved,
): string | number | boolean {
  const { type, given } = option
  if (typeof given !== 'object') return given
  if ('bytes' in given) {
    // Files of options are not in a message: they lie under ephemeral addresses.
    const attachment = storeAttachment(world, channel.id, given, true)
    resolved.attachments[attachment.id] = renderAttachment(world, attachment)
    return attachment.id
  }
  const guild = world.guildOf(channel)
  if (type === ApplicationCommandOptionType.User) {
    resolved.users[given.id] = world.user(given.id)
    const member = guild?.members.get(given.id)
    if (member !== undefined) resolved.members[given.id] = { ...renderMember(member), user: undefined }
  }
  if (type === ApplicationCommandOptionType.Channel) {
    resolved.channels[given.id] = renderChannel(world, world.channel(given.id))
  }
  return given.id
}
