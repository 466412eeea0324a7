// Asks Slack whether tokens, scopes and secrets are as the settings want them. Looks only.
import { webApi } from '@slack/bolt'
import { CHECK_LIMIT_MS, networkFailure, type PlatformFinding } from '../../src/conversation/platform-finding.ts'
import { createLogger } from '../../src/logger.ts'
import { boltLogger } from './bolt-logger.ts'
import { BOT_SCOPES, neededScopes } from './manifest.ts'
import { missingScopes } from './scopes.ts'
import { isTokenEnded, missingScopeOf, retryAfterSecondsOf, slackCodeOf } from './slack-error.ts'

/** What is checked: the secrets that these settings use. */
export interface SlackAppSettings {
  /** Of one workspace; absent with OAuth. */
  readonly botToken?: string
  /** For Socket Mode. */
  readonly appToken?: string
  /** For HTTP mode. */
  readonly signingSecret?: string
  /** For OAuth. */
  readonly client?: { readonly id: string; readonly secret: string }
  /** Base of the Web API, with a slash at its end; default Slack's own. */
  readonly apiUrl?: string
  /** Default true. */
  readonly assistantPane?: boolean
}

type Call = (client: webApi.WebClient) => Promise<readonly PlatformFinding[]>

const NOT_USED: readonly PlatformFinding[] = []
const DEFAULT_API_URL = 'https://slack.com/api/'
const BASIC_INFORMATION = '"Basic Information" of the app (https://api.slack.com/apps)'

/** What Slack says, one question for each secret. */
export async function checkSlackApp(settings: SlackAppSettings): Promise<PlatformFinding[]> {
  const { botToken, appToken, signingSecret, client, apiUrl = DEFAULT_API_URL, assistantPane = true } = settings
  const { host } = new URL(apiUrl)
  const ask = async (matter: string, token: string | undefined, call: Call) => {
    try {
      return await call(makeClient(token, apiUrl))
    } catch (error) {
      return [describeFailure(error, matter, host)]
    }
  }
  let appId: string | undefined
  // Asked side by side: when Slack cannot be reached, the operator waits for it once.
  const bot =
    botToken === undefined
      ? NOT_USED
      : ask('slack bot token', botToken, async ({ auth }) => {
          const answer = await auth.test()
          appId = answer.app_id
          return [describeBot(answer), describeScopes(answer.response_metadata?.scopes, assistantPane)]
        })
  const app =
    appToken === undefined
      ? NOT_USED
      : ask('slack app token', appToken, async ({ apps }) => {
          await apps.connections.open()
          await bot
          return [describeAppToken(appToken, appId)]
        })
  const own =
    client === undefined ? NOT_USED : ask('slack client', undefined, async ({ oauth }) => checkClient(oauth, client))
  const findings = (await Promise.all([bot, app, own])).flat()
  if (signingSecret === undefined) return findings
  const seen = 'is set; whether it is right shows only when Slack sends something'
  return [...findings, { state: 'ok', matter: 'slack signing secret', seen }]
}

/** One try, no waiting for a rate limit, and silent: what fails becomes a finding. */
function makeClient(token: string | undefined, slackApiUrl: string): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl,
    logger: boltLogger(createLogger('silent')),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CHECK_LIMIT_MS,
  })
}

function describeBot({ user, team }: webApi.AuthTestResponse): PlatformFinding {
  return { state: 'ok', matter: 'slack bot token', seen: `is of ${user} in the workspace ${team}` }
}

function describeScopes(granted: readonly string[] | undefined, assistantPane: boolean): PlatformFinding {
  const matter = 'slack scopes'
  if (granted === undefined) return { state: 'off', matter, seen: 'Slack does not say which are granted' }
  const missing = missingScopes(granted, assistantPane)
  if (missing.length === 0)
    return { state: 'ok', matter, seen: `all ${neededScopes(assistantPane).length} are granted` }
  return {
    state: 'problem',
    matter,
    seen: `missing: ${missing.map((scope) => `${scope} (${BOT_SCOPES[scope]})`).join(', ')}`,
    remedy:
      'Add them on the page "OAuth & Permissions" of the app, or paste the manifest that "valley slack manifest" prints, and install the app again.',
  }
}

/** The id of its app is the third part of such a token; one of another app would bring that app's events. */
function describeAppToken(appToken: string, appId: string | undefined): PlatformFinding {
  const matter = 'slack app token'
  const own = appToken.split('-')[2]
  if (appId === undefined || own === undefined || own === appId) {
    return { state: 'ok', matter, seen: 'opens a connection for Socket Mode' }
  }
  return {
    state: 'problem',
    matter,
    seen: `is of the app ${own}, and SLACK_BOT_TOKEN of ${appId}; both must be of one app`,
    remedy: `Make an app-level token with connections:write under ${BASIC_INFORMATION}.`,
  }
}

/** Slack looks at the client before it looks at the code, so a code of nobody tells whether the client is right. */
async function checkClient(
  oauth: webApi.WebClient['oauth'],
  { id, secret }: { readonly id: string; readonly secret: string },
): Promise<PlatformFinding[]> {
  const matter = 'slack client'
  try {
    await oauth.v2.access({ client_id: id, client_secret: secret, code: 'valley-doctor' })
  } catch (error) {
    const code = slackCodeOf(error)
    if (code === 'invalid_client_id' || code === 'bad_client_secret') {
      const name = code === 'invalid_client_id' ? 'SLACK_CLIENT_ID' : 'SLACK_CLIENT_SECRET'
      const remedy = `Copy ${name} from ${BASIC_INFORMATION} again.`
      return [{ state: 'problem', matter, seen: `Slack refuses ${name} (${code})`, remedy }]
    }
    if (code !== 'invalid_code') throw error
  }
  return [{ state: 'ok', matter, seen: 'id and secret are accepted' }]
}

const VARIABLES: Readonly<Record<string, string>> = {
  'slack bot token': 'SLACK_BOT_TOKEN',
  'slack app token': 'SLACK_APP_TOKEN',
}

function describeFailure(error: unknown, matter: string, host: string): PlatformFinding {
  const problem = { state: 'problem', matter } as const
  const seconds = retryAfterSecondsOf(error)
  if (seconds !== undefined) {
    return { ...problem, seen: 'Slack is asked too often (HTTP 429)', remedy: `Ask again in ${seconds} s.` }
  }
  if (error instanceof webApi.WebAPIHTTPError) {
    const remedy = 'Ask again later; https://slack-status.com tells of outages.'
    return { ...problem, seen: `${host} answers HTTP ${error.statusCode}`, remedy }
  }
  const code = slackCodeOf(error)
  if (code === undefined) {
    return {
      ...problem,
      seen: `there is no answer from ${host} (${networkFailure(error)})`,
      remedy: 'Check the network of this machine: it must reach Slack, by slack.apiUrl where that is set.',
    }
  }
  const name = VARIABLES[matter] ?? matter
  return { ...problem, seen: `Slack refuses ${name} (${code})`, remedy: remedyFor(error, code, matter) }
}

function remedyFor(error: unknown, code: string, matter: string): string {
  const isAppToken = matter === 'slack app token'
  const scope = missingScopeOf(error)
  if (isAppToken && (scope !== undefined || code === 'not_allowed_token_type' || isTokenEnded(error))) {
    return `Make an app-level token with connections:write under ${BASIC_INFORMATION}.`
  }
  if (isTokenEnded(error)) {
    return 'Install the app again on its page "OAuth & Permissions" and copy the bot user token from there.'
  }
  if (scope !== undefined) return `Grant ${scope} on the page "OAuth & Permissions" and install the app again.`
  return 'Look at the app on https://api.slack.com/apps, and at what that word means in the documentation of Slack.'
}
