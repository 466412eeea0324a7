// Asks Discord whether the token, the intents and the rest of the application are as the settings want them. Looks only.
import {
  type APIApplication,
  type APIApplicationCommand,
  type APIGatewayBotInfo,
  type APIUser,
  ApplicationIntegrationType,
  DiscordAPIError,
  HTTPError,
  RateLimitError,
  REST,
  type RESTOptions,
  Routes,
} from 'discord.js'
import { CHECK_LIMIT_MS, networkFailure, type PlatformFinding } from '../../src/conversation/platform-finding.ts'
import { COMMANDS } from './commands.ts'
import { chooseIntents } from './intents.ts'
import { restOptions } from './rest-options.ts'
import type { DiscordSettings } from './settings.ts'

/** What is checked. */
export interface DiscordAppSettings {
  readonly token: string
  readonly settings: DiscordSettings
  /** True when channels are watched for moderators. */
  readonly watches: boolean
  /** Where Discord is; default discord.com. */
  readonly rest?: Partial<RESTOptions>
}

const PORTAL = 'the developer portal (https://discord.com/developers/applications)'
const MS_A_MINUTE = 60_000

/** What Discord says; stops at the first question that is not answered. @throws signal.reason on abort */
export async function checkDiscordApp(
  { token, settings, watches, rest: options = {} }: DiscordAppSettings,
  signal: AbortSignal,
): Promise<PlatformFinding[]> {
  // One try, and no waiting for a rate limit: whoever asks can ask again.
  const rest = new REST({ ...restOptions(options), retries: 0, timeout: CHECK_LIMIT_MS, rejectOnRateLimit: () => true })
  rest.setToken(token)
  const findings: PlatformFinding[] = []
  try {
    findings.push(describeBot((await rest.get(Routes.user(), { signal })) as APIUser))
    const application = (await rest.get(Routes.currentApplication(), { signal })) as APIApplication
    findings.push(describeIntent(settings, watches, application), ...describeInstallation(application))
    findings.push(describeGateway((await rest.get(Routes.gatewayBot(), { signal })) as APIGatewayBotInfo))
    const commands = await rest.get(Routes.applicationCommands(application.id), { signal })
    findings.push(describeCommands(commands as APIApplicationCommand[]))
  } catch (error) {
    signal.throwIfAborted()
    findings.push(describeFailure(error, new URL(rest.options.api).host))
  }
  return findings
}

function describeBot({ username, id }: APIUser): PlatformFinding {
  return { state: 'ok', matter: 'discord token', seen: `is of the bot ${username} (${id})` }
}

function describeIntent(settings: DiscordSettings, watches: boolean, { flags }: APIApplication): PlatformFinding {
  const matter = 'discord message content'
  const { missing, off, remedy } = chooseIntents(settings, flags ?? 0, watches)
  if (missing.length === 0) return { state: 'ok', matter, seen: 'the intent is granted and used' }
  const isWanted = watches || settings.messageContent || settings.freeChannels.length > 0
  return {
    state: isWanted ? 'problem' : 'off',
    matter,
    seen: `the intent is off, so there are no ${off.join('; no ')}`,
    ...(remedy === undefined ? {} : { remedy }),
  }
}

function describeInstallation(application: APIApplication): PlatformFinding[] {
  const { integration_types_config: kinds, approximate_guild_count: guilds } = application
  const findings: PlatformFinding[] = []
  if (guilds !== undefined && guilds > 0) {
    const seen = `in about ${guilds} ${guilds === 1 ? 'server' : 'servers'}`
    findings.push({ state: 'ok', matter: 'discord servers', seen })
  } else if (guilds === 0) {
    const remedy = 'Open the link that "valley discord invite" prints.'
    findings.push({ state: 'off', matter: 'discord servers', seen: 'in none yet', remedy })
  }
  if (kinds !== undefined && kinds[ApplicationIntegrationType.UserInstall] === undefined) {
    findings.push({
      state: 'off',
      matter: 'discord user install',
      seen: 'is off, so the command and the message menu work only where the bot was added',
      remedy: `Tick "User Install" on the page Installation of ${PORTAL}.`,
    })
  }
  return findings
}

function describeGateway({ shards, session_start_limit: limit }: APIGatewayBotInfo): PlatformFinding {
  const matter = 'discord connections'
  const seen = `${limit.remaining} of ${limit.total} are left for today, ${shards} needed`
  if (limit.remaining >= shards) return { state: 'ok', matter, seen }
  const minutes = Math.ceil(limit.reset_after / MS_A_MINUTE)
  const remedy = `Wait ${minutes} min for new ones, and find out what starts Valley again and again.`
  return { state: 'problem', matter, seen, remedy }
}

function describeCommands(there: readonly APIApplicationCommand[]): PlatformFinding {
  const matter = 'discord commands'
  const missing = COMMANDS.filter(({ name, type }) => !there.some((one) => one.name === name && one.type === type))
  if (missing.length === 0) return { state: 'ok', matter, seen: 'are registered' }
  const seen = `${missing.map(({ name }) => name).join(', ')} ${missing.length === 1 ? 'is' : 'are'} not registered yet`
  return { state: 'off', matter, seen, remedy: 'Run npm start; it registers them.' }
}

function describeFailure(error: unknown, host: string): PlatformFinding {
  if (error instanceof DiscordAPIError && error.status === 401) {
    return {
      state: 'problem',
      matter: 'discord token',
      seen: 'Discord refuses DISCORD_TOKEN (HTTP 401)',
      remedy: `Copy the present token from the bot page of ${PORTAL}; "Reset Token" makes a new one.`,
    }
  }
  const problem = { state: 'problem', matter: 'discord' } as const
  if (error instanceof RateLimitError) {
    const seconds = Math.ceil(error.timeToReset / 1000)
    return { ...problem, seen: 'it is asked too often (HTTP 429)', remedy: `Ask again in ${seconds} s.` }
  }
  if (error instanceof DiscordAPIError || error instanceof HTTPError) {
    const remedy = 'Ask again later; https://discordstatus.com tells of outages.'
    return { ...problem, seen: `${host} answers HTTP ${error.status}`, remedy }
  }
  return {
    ...problem,
    seen: `there is no answer from ${host} (${networkFailure(error)})`,
    remedy: 'Check the network of this machine: it must reach Discord, by discord.apiUrl where that is set.',
  }
}
