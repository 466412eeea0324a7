// Application commands, global and of a guild: list, create, overwrite all, get, edit, delete.
// https://discord.com/developers/docs/interactions/application-commands
import {
  type APIApplicationCommand,
  ApplicationCommandType,
  ApplicationIntegrationType,
  RESTJSONErrorCodes,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { apiError, invalidField } from '../http/api-error.ts'
import { Answer, type Context, type Handlers } from '../http/context.ts'
import type { World } from '../world/world.ts'

/** How many of a kind an app may have: slash commands, user and message menus. */
const MAX_COMMANDS: Readonly<Record<number, number>> = {
  [ApplicationCommandType.ChatInput]: 100,
  [ApplicationCommandType.User]: 15,
  [ApplicationCommandType.Message]: 15,
}
const MAX_NAME_LENGTH = 32
const MAX_DESCRIPTION_LENGTH = 100
const MAX_OPTIONS = 25
/** Names of slash commands: letters, digits, dash, underscore, in lower case. */
const SLASH_NAME = /^[-_'\p{L}\p{N}]+$/u

function list(context: Context): APIApplicationCommand[] {
  const guildId = guildOf(context)
  return [...context.world.commands.values()].filter((command) => command.guild_id === guildId)
}

function create(context: Context): Answer {
  const body = context.body as RESTPostAPIApplicationCommandsJSONBody
  const known = list(context).find((one) => one.name === body.name && one.type === (body.type ?? 1))
  return new Answer(known === undefined ? 201 : 200, save(context, body, known?.id))
}

function overwrite(context: Context): APIApplicationCommand[] {
  const bodies = context.body as RESTPostAPIApplicationCommandsJSONBody[]
  const before = list(context)
  for (const { id } of before) context.world.commands.delete(id)
  return bodies.map((body) => {
    // A command of the same name and kind keeps its id.
    const known = before.find((one) => one.name === body.name && one.type === (body.type ?? 1))
    return save(context, body, known?.id)
  })
}

function save(
  context: Context,
  body: RESTPostAPIApplicationCommandsJSONBody,
  id: string | undefined,
): APIApplicationCommand {
  const { world } = context
  const guildId = guildOf(context)
  if (guildId !== undefined) world.guildOfBot(guildId)
  check(body)
  const command = {
    integration_types: [ApplicationIntegrationType.GuildInstall],
    nsfw: false,
    ...body,
    id: id ?? world.ids.next(),
    application_id: world.applicationId,
    type: body.type ?? ApplicationCommandType.ChatInput,
    description: 'description' in body ? (body.description ?? '') : '',
    default_member_permissions:
      body.default_member_permissions == null ? null : String(body.default_member_permissions),
    version: world.ids.next(),
    ...(guildId === undefined ? {} : { guild_id: guildId }),
  } as APIApplicationCommand
  world.commands.set(command.id, command)
  const ofKind = list(context).filter(({ type }) => type === command.type)
  if (ofKind.length > MAX_COMMANDS[command.type]!) {
    world.commands.delete(command.id)
    throw invalidField('type', 'APPLICATION_COMMANDS_MAX', 'Maximum number of application commands reached.')
  }
  world.changes.announce()
  return command
}

function check(body: RESTPostAPIApplicationCommandsJSONBody): void {
  const isSlash = (body.type ?? ApplicationCommandType.ChatInput) === ApplicationCommandType.ChatInput
  if (typeof body.name !== 'string' || body.name.length < 1 || body.name.length > MAX_NAME_LENGTH) {
    throw invalidField('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 32 in length.')
  }
  if (!isSlash) return
  if (!SLASH_NAME.test(body.name) || body.name !== body.name.toLowerCase()) {
    throw invalidField('name', 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')
  }
  checkDescribed('description' in body ? (body as Described) : {})
}

/** What slash commands, their subcommands and their options have in common. */
interface Described {
  readonly description?: string
  readonly options?: readonly object[]
}

/** Slash commands and their options have a description, and no required option after an optional one. */
function checkDescribed(described: Described): void {
  const length = described.description?.length ?? 0
  if (length < 1 || length > MAX_DESCRIPTION_LENGTH) {
    throw invalidField('description', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.')
  }
  const options = described.options ?? []
  if (options.length > MAX_OPTIONS) {
    throw invalidField('options', 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.')
  }
  const required = options.map((option) => 'required' in option && option.required === true)
  if (required.lastIndexOf(true) > required.indexOf(false) && required.includes(false)) {
    throw invalidField('options', 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID', 'Required options come first.')
  }
  for (const option of options) checkDescribed(option as Described)
}

function edit(context: Context): APIApplicationCommand {
  const known = find(context)
  return save(context, { ...known, ...(context.body as object) } as RESTPostAPIApplicationCommandsJSONBody, known.id)
}

function remove(context: Context): void {
  context.world.commands.delete(find(context).id)
}

function find(context: Context): APIApplicationCommand {
  const found = list(context).find(({ id }) => id === context.param('command'))
  if (found === undefined) throw apiError(RESTJSONErrorCodes.UnknownApplicationCommand)
  return found
}

function guildOf(context: Context): string | undefined {
  checkApplication(context.world, context.param('application'))
  return context.params.guild
}

function checkApplication(world: World, id: string): void {
  if (id !== world.applicationId) throw apiError(RESTJSONErrorCodes.UnknownApplication)
}

/** Handlers of application commands. */
export const commandRoutes = {
  'GET /applications/:application/commands': list,
  'POST /applications/:application/commands': create,
  'PUT /applications/:application/commands': overwrite,
  'GET /applications/:application/commands/:command': find,
  'PATCH /applications/:application/commands/:command': edit,
  'DELETE /applications/:application/commands/:command': remove,
  'GET /applications/:application/guilds/:guild/commands': list,
  'POST /applications/:application/guilds/:guild/commands': create,
  'PUT /applications/:application/guilds/:guild/commands': overwrite,
  'GET /applications/:application/guilds/:guild/commands/:command': find,
  'PATCH /applications/:application/guilds/:guild/commands/:command': edit,
  'DELETE /applications/:application/guilds/:guild/commands/:command': remove,
} satisfies Partial<Handlers>
