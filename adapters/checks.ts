// Asks each platform whether what the settings say of it is right there; `valley doctor` shows the answers. As in index.ts,
// a platform's library is loaded only where the platform is switched on.
import type { Config } from '../src/config/config.ts'
import type { PlatformName } from '../src/config/platform-secrets.ts'
import type { PlatformFinding } from '../src/conversation/platform-finding.ts'

/** Asks one platform. Its secrets are all set. @throws signal.reason on abort, and nothing else */
export type PlatformCheck = (config: Config, signal: AbortSignal) => Promise<PlatformFinding[]>

/** One line a platform. */
export const PLATFORM_CHECKS: Readonly<Record<PlatformName, PlatformCheck>> = {
  discord: checkDiscord,
  slack: checkSlack,
}

async function checkDiscord({ discord, moderation, secrets }: Config, signal: AbortSignal): Promise<PlatformFinding[]> {
  const { checkDiscordApp } = await import('./discord/check-app.ts')
  const { apiUrl } = discord
  return checkDiscordApp(
    {
      token: secrets.DISCORD_TOKEN?.reveal() ?? '',
      settings: discord,
      watches:
        moderation.rulesFile !== null && moderation.watch.some(({ channelId }) => channelId.startsWith('discord:')),
      ...(apiUrl === null ? {} : { rest: { api: apiUrl.replace(/\/+$/, '') } }),
    },
    signal,
  )
}

async function checkSlack({ slack, secrets }: Config, signal: AbortSignal): Promise<PlatformFinding[]> {
  const { checkSlackApp } = await import('./slack/check-app.ts')
  const { mode, oauth, apiUrl, assistant } = slack
  const secret = (name: keyof typeof secrets) => secrets[name]?.reveal() ?? ''
  const answered = checkSlackApp({
    assistantPane: assistant,
    ...(oauth.enabled
      ? { client: { id: secret('SLACK_CLIENT_ID'), secret: secret('SLACK_CLIENT_SECRET') } }
      : { botToken: secret('SLACK_BOT_TOKEN') }),
    ...(mode === 'socket'
      ? { appToken: secret('SLACK_APP_TOKEN') }
      : { signingSecret: secret('SLACK_SIGNING_SECRET') }),
    ...(apiUrl === null ? {} : { apiUrl: `${apiUrl.replace(/\/+$/, '')}/` }),
  })
  // Slack's client cannot be stopped; its calls end by themselves within their limit.
  answered.catch(() => {})
  return Promise.race([answered, rejectionOf(signal)])
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
