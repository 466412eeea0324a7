// The platforms that Valley can be connected to, by name. Each is loaded only when it is switched on, so that nobody pays
// for a platform that is not used. A new one is one line in ADAPTERS and one function that picks its settings.
import type { Config } from '../src/config/config.ts'
import type { PlatformName } from '../src/config/platform-secrets.ts'
import type { Secret } from '../src/config/secret.ts'
import type { ChatAdapter } from '../src/conversation/adapter.ts'
import type { SharedQuestions } from '../src/conversation/shared-questions.ts'
import { AppError } from '../src/errors.ts'
import type { Logger } from '../src/logger.ts'
import type { ModeratedPlatform } from '../src/moderation/platform/platform.ts'
import type { Storage } from '../src/storage/storage.ts'

/** What adapters are made of. */
export interface AdapterSetup {
  readonly config: Config
  readonly logger: Logger
  readonly storage: Storage
  /** Where other processes serve the same platforms; default: this is the only one. */
  readonly sharedQuestions?: SharedQuestions
}

/** An adapter; its platform may be watched for moderators. */
export interface PlatformAdapter extends ChatAdapter {
  readonly moderated?: ModeratedPlatform
}

/** Makes an adapter; it connects when it is run. */
export type AdapterFactory = (setup: AdapterSetup) => Promise<PlatformAdapter>

/** The last edits of running replies, then the end of the connection. */
const LAST_WORDS_SECONDS = 12

/** One line a platform. */
export const ADAPTERS: Readonly<Record<PlatformName, AdapterFactory>> = {
  discord: createDiscordAdapter,
  slack: createSlackAdapter,
}

/** Makes an adapter for each platform that is switched on. */
export async function createAdapters(setup: AdapterSetup): Promise<PlatformAdapter[]> {
  const names = (Object.keys(ADAPTERS) as PlatformName[]).filter((name) => setup.config[name].enabled)
  return Promise.all(names.map((name) => ADAPTERS[name](setup)))
}

async function createDiscordAdapter({ config, logger, storage }: AdapterSetup): Promise<PlatformAdapter> {
  const { DiscordAdapter } = await import('./discord/adapter.ts')
  const { CLIP_HOSTS } = await import('./discord/limits.ts')
  const { apiUrl, shards } = config.discord
  const token = reveal(config.secrets.DISCORD_TOKEN, 'DISCORD_TOKEN')
  const rest = apiUrl === null ? {} : { rest: { api: apiUrl.replace(/\/+$/, '') } }
  if (shards !== null && config.discordShard === null) {
    const { DiscordShards } = await import('./discord/shards.ts')
    const stopMs = config.stopTimeoutSeconds * 1000
    return new DiscordShards({ token, shards, environment: secretsOf(config), stopMs, logger, ...rest })
  }
  return new DiscordAdapter({
    token,
    isShard: config.discordShard !== null,
    settings: config.discord,
    logger,
    events: storage.events,
    ledger: storage.ledger,
    heard: storage.heard,
    finishMs: finishMsOf(config),
    clipHosts: [...CLIP_HOSTS, ...config.trustedHosts],
    ...rest,
  })
}

/** The secrets that are set, as variables. */
function secretsOf({ secrets }: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).flatMap(([name, secret]) => (secret === null ? [] : [[name, secret.reveal()]])),
  )
}

/** What a stop may take, less what the adapters need for their last words. */
function finishMsOf({ stopTimeoutSeconds }: Config): number {
  return Math.max(0, stopTimeoutSeconds - LAST_WORDS_SECONDS) * 1000
}

async function createSlackAdapter({
  config,
  logger,
  storage,
  sharedQuestions,
}: AdapterSetup): Promise<PlatformAdapter> {
  const { SlackAdapter } = await import('./slack/adapter.ts')
  const { SLACK_FILE_HOSTS } = await import('./slack/locate-clip.ts')
  const { mode, host, port, oauth, command, assistant, streaming, apiUrl } = config.slack
  const { secrets } = config
  return new SlackAdapter({
    identity: oauth.enabled
      ? {
          kind: 'oauth',
          clientId: reveal(secrets.SLACK_CLIENT_ID, 'SLACK_CLIENT_ID'),
          clientSecret: reveal(secrets.SLACK_CLIENT_SECRET, 'SLACK_CLIENT_SECRET'),
          stateSecret: reveal(secrets.SLACK_STATE_SECRET, 'SLACK_STATE_SECRET'),
          installations: storage.installations(),
          host,
          port,
          ...(oauth.redirectUri === null ? {} : { redirectUri: oauth.redirectUri }),
        }
      : { kind: 'token', botToken: reveal(secrets.SLACK_BOT_TOKEN, 'SLACK_BOT_TOKEN') },
    delivery:
      mode === 'socket'
        ? { mode, appToken: reveal(secrets.SLACK_APP_TOKEN, 'SLACK_APP_TOKEN') }
        : { mode, signingSecret: reveal(secrets.SLACK_SIGNING_SECRET, 'SLACK_SIGNING_SECRET'), host, port },
    logger,
    takenEvents: storage.events,
    ledger: storage.ledger,
    heard: storage.heard,
    ...(sharedQuestions === undefined ? {} : { sharedQuestions }),
    finishMs: finishMsOf(config),
    access: config.slack,
    assistantPane: assistant,
    nativeStreaming: streaming,
    command,
    fileHosts: [...SLACK_FILE_HOSTS, ...config.trustedHosts],
    ...(apiUrl === null ? {} : { apiUrl: `${apiUrl.replace(/\/+$/, '')}/` }),
  })
}

/** Loading the settings with their platforms has named it already when it is missing. */
function reveal(secret: Secret | null, name: string): string {
  if (secret !== null) return secret.reveal()
  throw new AppError(
    'CONFIG_INVALID',
    `${name} is not set; what is switched on needs it. Set it, or run "valley config check".`,
  )
}
