// One workspace as the adapter works with it: its token, who the bot is in it, and clients for two kinds of calls.
import { webApi } from '@slack/bolt'
import { ChannelReaders } from './channel-readers.ts'
import { CALL_LIMIT_MS, LOCALE_MEMORY_MS } from './limits.ts'
import type { SlackSettings } from './settings.ts'
import { missingScopeOf } from './slack-error.ts'

/** What a workspace's calls need. */
export interface WorkspaceIdentity {
  readonly teamId: string
  readonly botToken: string
  readonly botUserId: string
}

/** Retries within seconds: a person is waiting. */
const PATIENT: webApi.RetryOptions = { retries: 3, minTimeout: 300, factor: 2, maxTimeout: 3000 }

/** A workspace that Valley is installed in. */
export class Workspace {
  readonly teamId: string
  readonly botToken: string
  readonly botUserId: string
  /** For what must arrive: tries again after failures, and waits when Slack says so. */
  readonly client: webApi.WebClient
  /** For what may come late or not at all, such as progress: one try, and never waits. */
  readonly hastyClient: webApi.WebClient
  /** Who may read which channel. */
  readonly readers: ChannelReaders
  readonly #locales = new Map<string, { readonly locale: string | undefined; readonly untilMs: number }>()

  constructor({ teamId, botToken, botUserId }: WorkspaceIdentity, options: webApi.WebClientOptions) {
    this.teamId = teamId
    this.botToken = botToken
    this.botUserId = botUserId
    this.client = new webApi.WebClient(botToken, { ...options, retryConfig: PATIENT })
    this.readers = new ChannelReaders(this.client, teamId)
    this.hastyClient = new webApi.WebClient(botToken, {
      ...options,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    })
  }

  /** What a person is called; the id when that cannot be had. Never rejects. */
  async nameOf(userId: string): Promise<string> {
    const answer = await this.hastyClient.users.info({ user: userId }).catch(() => null)
    return answer?.user?.real_name ?? answer?.user?.name ?? userId
  }

  /** The person's language as Slack gives it, e.g. `es-ES`; undefined when it cannot be had. Never rejects. */
  async localeOf(userId: string): Promise<string | undefined> {
    const known = this.#locales.get(userId)
    const nowMs = Date.now()
    if (known !== undefined && known.untilMs > nowMs) return known.locale
    const answer = await this.hastyClient.users.info({ user: userId, include_locale: true }).catch((error: unknown) => {
      // Without the scope every question would ask in vain; after any other failure the next one may succeed.
      return missingScopeOf(error) === undefined ? null : { user: undefined }
    })
    if (answer === null) return known?.locale
    if (this.#locales.size > 10_000) this.#locales.clear()
    const { locale } = answer.user ?? {}
    this.#locales.set(userId, { locale, untilMs: nowMs + LOCALE_MEMORY_MS })
    return locale
  }
}

/**
 * The options of every client, from the settings. A new object each time: Bolt's parts write into theirs.
 *
 * Calls go out by Node's own fetch, Socket Mode by the package undici 7. In the parser of both, a server that ends a
 * connection while its answer is still unread may raise an error that nothing can catch
 * (https://github.com/nodejs/undici/issues/5360). Here only Slack's own hosts could do that, over TLS: clips come by
 * another client (src/video/guarded-request.ts), answers of the Web API are read at once, and one that refuses a WebSocket
 * is dropped. So it is left as it is, until both have a release without the fault.
 */
export function clientOptions(settings: SlackSettings, logger: webApi.Logger): webApi.WebClientOptions {
  return {
    logger,
    retryConfig: PATIENT,
    timeout: CALL_LIMIT_MS,
    ...(settings.apiUrl === undefined ? {} : { slackApiUrl: settings.apiUrl }),
    ...(settings.fetch === undefined ? {} : { fetch: settings.fetch as webApi.FetchFunction }),
  }
}
