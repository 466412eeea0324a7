// Commands as people use them: only those that the app has registered and that are offered where they are.
import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionType,
  MessageType,
} from 'discord.js'
import { renderMessage } from '../messages/render-message.ts'
import type { ChannelState, MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { type CommandOptions, type RenderedOptions, renderOptions } from './command-options.ts'
import { contextOf, isBotThere, sendInteraction } from './send-interaction.ts'
import type { UsedInteraction } from './used-interaction.ts'

/** Who does it, and where. */
export interface Acting {
  readonly userId: string
  readonly channel: ChannelState
}

type FillIn = (definition: readonly APIApplicationCommandOption[]) => RenderedOptions

/** Uses a slash command. @param path its name with its subcommand, e.g. `valley ask` */
export function useCommand(world: World, acting: Acting, path: string, given: CommandOptions): UsedInteraction {
  const fillIn: FillIn = (definition) => renderOptions(world, acting.channel, definition, given)
  return sendCommand(world, acting, path, { type: InteractionType.ApplicationCommand, fillIn })
}

/** Asks for completions of what is typed into one option. */
export function autocompleteCommand(
  world: World,
  acting: Acting,
  path: string,
  { option, typed }: { readonly option: string; readonly typed: string },
): UsedInteraction {
  const fillIn: FillIn = (definition) => {
    const found = definition.find(({ name }) => name === option)
    if (found === undefined || !('autocomplete' in found) || found.autocomplete !== true) {
      throw new Error(`The option ${option} of ${path} does not complete itself.`)
    }
    return { options: [{ name: option, type: found.type, value: typed, focused: true }], resolved: {} }
  }
  return sendCommand(world, acting, path, { type: InteractionType.ApplicationCommandAutocomplete, fillIn })
}

/** Uses a command of a message's menu. */
export function useContextMenu(world: World, acting: Acting, name: string, target: MessageState): UsedInteraction {
  const command = findCommand(world, acting, name, ApplicationCommandType.Message)
  // The message is shown in full, whatever the intents.
  const resolved = { messages: { [target.id]: renderMessage(world, target, true) } }
  return sendInteraction(world, {
    type: InteractionType.ApplicationCommand,
    name,
    ...acting,
    data: { ...dataOf(command), target_id: target.id, resolved },
    answerType: MessageType.ContextMenuCommand,
  })
}

function sendCommand(
  world: World,
  acting: Acting,
  path: string,
  { type, fillIn }: { readonly type: InteractionType; readonly fillIn: FillIn },
): UsedInteraction {
  const [name, ...rest] = path.split(' ')
  const command = findCommand(world, acting, name!, ApplicationCommandType.ChatInput)
  const { options, resolved } = nest(command.options ?? [], rest, fillIn)
  return sendInteraction(world, {
    type,
    name: path,
    ...acting,
    data: { ...dataOf(command), options, resolved },
    answerType: MessageType.ChatInputCommand,
  })
}

function dataOf(command: APIApplicationCommand): object {
  const guild = command.guild_id === undefined ? {} : { guild_id: command.guild_id }
  return { id: command.id, name: command.name, type: command.type, ...guild }
}

/** Puts the options into their subcommand and its group. */
function nest(definition: readonly APIApplicationCommandOption[], path: readonly string[], fillIn: FillIn) {
  const [name, ...rest] = path
  if (name === undefined) {
    const isGroup = definition.some(({ type }) => type <= ApplicationCommandOptionType.SubcommandGroup)
    if (isGroup) throw new Error(`One of the subcommands is needed: ${definition.map((one) => one.name).join(', ')}.`)
    return fillIn(definition)
  }
  const sub = definition.find((one) => one.name === name && one.type <= ApplicationCommandOptionType.SubcommandGroup)
  if (sub === undefined) throw new Error(`The command has no subcommand ${name}.`)
  const inner: RenderedOptions = nest('options' in sub ? (sub.options ?? []) : [], rest, fillIn)
  return { options: [{ name, type: sub.type, options: inner.options }], resolved: inner.resolved }
}

function findCommand(world: World, { userId, channel }: Acting, name: string, type: ApplicationCommandType) {
  const all = [...world.commands.values()].filter((one) => one.name === name && one.type === type)
  const command = all.find((one) => one.guild_id === channel.guildId) ?? all.find((one) => one.guild_id === undefined)
  if (command === undefined) throw new Error(`No command ${name} is registered where the person is.`)
  const isThere = isBotThere(world, channel)
  const hasApp = world.people.get(userId)!.hasApp
  const types = command.integration_types ?? [ApplicationIntegrationType.GuildInstall]
  const byGuild = isThere && types.includes(ApplicationIntegrationType.GuildInstall)
  const byUser = hasApp && types.includes(ApplicationIntegrationType.UserInstall)
  if (!byGuild && !byUser) throw new Error(`The command ${name} is not installed where the person is.`)
  if (command.contexts && !command.contexts.includes(contextOf(channel))) {
    throw new Error(`The command ${name} is not offered in contexts of kind ${contextOf(channel)}.`)
  }
  return command
}
