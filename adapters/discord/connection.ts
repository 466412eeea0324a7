// The real discord.js client, and what the log says of its connection.
import {
  Client,
  type ClientOptions,
  Events,
  GatewayCloseCodes,
  type GatewayIntentBits,
  Options,
  Partials,
  type RESTOptions,
} from 'discord.js'
import { AppError } from '../../src/errors.ts'
import type { Logger } from '../../src/logger.ts'
import { failureFields } from './failures.ts'
import { POST_MEMORY_SECONDS } from './limits.ts'
import { NO_MENTIONS } from './reply-target.ts'
import { restOptions } from './rest-options.ts'

/**
 * Makes a client that notifies nobody unless it is told to.
 * @param isShard true in a process that serves one shard of several; discord.js knows which from its environment
 */
export function createClient(
  intents: readonly GatewayIntentBits[],
  rest: Partial<RESTOptions>,
  isShard = false,
): Client {
  const options: ClientOptions = {
    intents: [...intents],
    rest: restOptions(rest),
    // Direct channels, and deletions of posts that are no longer remembered.
    partials: [Partials.Channel, Partials.Message],
    allowedMentions: NO_MENTIONS,
    failIfNotExists: false,
    // As many as Discord recommends, all in this process, unless there is one for each.
    ...(isShard ? {} : { shards: 'auto' as const }),
    sweepers: {
      ...Options.DefaultSweeperSettings,
      messages: { interval: POST_MEMORY_SECONDS, lifetime: POST_MEMORY_SECONDS },
    },
  }
  return new Client(options)
}

/**
 * Logs in. discord.js resumes and reconnects by itself.
 * @returns the client when it is ready, and a promise that rejects when the connection is lost for good
 * @throws AppError PLATFORM_REFUSED for a wrong token or intents, PLATFORM_UNREACHABLE otherwise; signal.reason on abort
 */
export async function connect(client: Client, token: string, logger: Logger, signal: AbortSignal): Promise<Connected> {
  const lost = new Promise<never>((_, reject) => {
    client.on(Events.ShardDisconnect, ({ code }, shard) => reject(refusedBy(code, shard)))
    client.on(Events.Invalidated, () => reject(refusedBy(GatewayCloseCodes.AuthenticationFailed, 0)))
  })
  lost.catch(() => {})
  client.on(Events.Error, (error) => logger.error(failureFields(error), 'discord.js reports an error'))
  client.on(Events.ShardError, (error, shard) => logger.warn({ shard, ...failureFields(error) }, 'connection error'))
  client.on(Events.ShardReconnecting, (shard) => {
    // It says so too when it is told to end.
    if (!signal.aborted) logger.info({ shard }, 'reconnecting to Discord')
  })
  client.on(Events.ShardResume, (shard, events) => logger.info({ shard, events }, 'went on where the connection broke'))

  let stop: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve))
  try {
    const login = client.login(token).then(() => ready)
    return { client: await Promise.race([login, lost, aborted]), lost }
  } catch (error) {
    throw signal.aborted ? signal.reason : toAppError(error)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A client that is ready. */
export interface Connected {
  readonly client: Client<true>
  /** Rejects with AppError PLATFORM_REFUSED when Discord ends the connection and takes no new one. */
  readonly lost: Promise<never>
}

/** Tells a refusal of the token from a platform that does not answer. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { code, status } = failureFields(error)
  if (
    status === 401 ||
    code === 'TokenInvalid' ||
    (error instanceof Error && 'code' in error && error.code === 'TokenInvalid')
  ) {
    return new AppError('PLATFORM_REFUSED', TOKEN_REFUSED, { cause: error })
  }
  return new AppError(
    'PLATFORM_UNREACHABLE',
    'Discord could not be reached; https://discord.com must be reachable from here. Check the network and start again.',
    { cause: error, retryable: true },
  )
}

const TOKEN_REFUSED =
  'Discord refuses the token (DISCORD_TOKEN). Copy the present one from the bot page of the developer portal and start again.'

function refusedBy(code: number, shard: number): AppError {
  if (code === GatewayCloseCodes.AuthenticationFailed) return new AppError('PLATFORM_REFUSED', TOKEN_REFUSED)
  const name = GatewayCloseCodes[code] ?? 'an unknown reason'
  return new AppError(
    'PLATFORM_REFUSED',
    `Discord closed the connection of shard ${shard} for good with ${code} (${name}). Look at the bot page of the developer portal, then start again.`,
    { details: { code } },
  )
}
