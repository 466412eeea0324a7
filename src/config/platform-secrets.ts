// Which platforms are switched on, and which secrets those need.
import type { SecretName, Secrets } from './environment.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './settings-schema.ts'

/** Which platforms are to be connected. */
export interface SwitchedOn {
  readonly discord: boolean
  readonly slack: boolean
}

/** `auto` is on when a secret of the platform is set. */
export function switchedOn({ discord, slack }: Settings, secrets: Secrets): SwitchedOn {
  const isSet = (prefix: string) =>
    Object.entries(secrets).some(([name, secret]) => name.startsWith(prefix) && secret !== null)
  return {
    discord: discord.enabled === 'auto' ? isSet('DISCORD_') : discord.enabled,
    slack: slack.enabled === 'auto' ? isSet('SLACK_') : slack.enabled,
  }
}

/** Names each secret that a platform needs and that is not set. */
export function findMissingSecrets(settings: Settings, secrets: Secrets): Problem[] {
  const on = switchedOn(settings, secrets)
  const { mode, oauth } = settings.slack
  const wanted: [SecretName, string][] = []
  if (on.discord)
    wanted.push(['DISCORD_TOKEN', 'Discord is switched on; copy the token from the bot page of the application'])
  if (on.slack && mode === 'socket') {
    wanted.push(['SLACK_APP_TOKEN', 'slack.mode is socket; make an app-level token with connections:write'])
  }
  if (on.slack && mode === 'http') {
    wanted.push(['SLACK_SIGNING_SECRET', 'slack.mode is http; copy it from the basic information of the app'])
  }
  if (on.slack && !oauth.enabled) {
    wanted.push(['SLACK_BOT_TOKEN', 'Slack is switched on; install the app and copy the bot user token'])
  }
  if (on.slack && oauth.enabled) {
    wanted.push(['SLACK_CLIENT_ID', 'slack.oauth is switched on; copy it from the basic information of the app'])
    wanted.push(['SLACK_CLIENT_SECRET', 'slack.oauth is switched on; copy it from the basic information of the app'])
    wanted.push(['SLACK_STATE_SECRET', 'slack.oauth is switched on; take any long random text'])
  }
  return wanted
    .filter(([name]) => secrets[name] === null)
    .map(([name, why]) => ({ place: 'environment', key: name, text: `it is not set; ${why}` }))
}
