// Brings the registered commands to what they should be, touching only those that differ: Discord counts creations, and
// what guilds have set for a command hangs on its id.
import { type APIApplicationCommand, type REST, type RESTPostAPIApplicationCommandsJSONBody, Routes } from 'discord.js'

/** What was done. */
export interface CommandChanges {
  readonly created: string[]
  readonly changed: string[]
}

/**
 * Creates what is missing and changes what differs. Commands of other names are left alone.
 * @throws what discord.js throws
 */
export async function syncCommands(
  rest: REST,
  applicationId: string,
  wanted: readonly RESTPostAPIApplicationCommandsJSONBody[],
  signal: AbortSignal,
): Promise<CommandChanges> {
  const query = new URLSearchParams({ with_localizations: 'true' })
  const there = (await rest.get(Routes.applicationCommands(applicationId), {
    query,
    signal,
  })) as APIApplicationCommand[]
  const changes: CommandChanges = { created: [], changed: [] }
  for (const command of wanted) {
    const known = there.find(({ name, type }) => name === command.name && type === command.type)
    if (known === undefined) {
      await rest.post(Routes.applicationCommands(applicationId), { body: command, signal })
      changes.created.push(command.name)
    } else if (!contains(known, command)) {
      await rest.patch(Routes.applicationCommand(applicationId, known.id), { body: command, signal })
      changes.changed.push(command.name)
    }
  }
  return changes
}

/** True when everything that is wanted is there; Discord adds fields with their defaults. */
function contains(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(there) || there.length !== wanted.length) return false
    // Sets such as contexts come back in an order of Discord's.
    if (wanted.every((one) => typeof one !== 'object')) return wanted.every((one) => there.includes(one))
    return wanted.every((one, index) => contains(there[index], one))
  }
  if (typeof wanted !== 'object' || wanted === null) return Object.is(there, wanted)
  if (typeof there !== 'object' || there === null) return false
  return Object.entries(wanted).every(([key, value]) => contains(Reflect.get(there, key), value))
}
