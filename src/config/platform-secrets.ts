// Which platforms are switched on, and which secrets those need.
import type { SecretName, Secrets } from './environment.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './settings-schema.ts'

/** Platforms by the name of their group of keys; the variables of each begin with it, e.g. `DISCORD_TOKEN`. */
export const PLATFORM_NAMES = ['discord', 'slack'] as const

/** Name of a platform; also its group of keys in the settings. */
export type PlatformName = (typeof PLATFORM_NAMES)[number]

type PlatformSettings<Name extends PlatformName = PlatformName> = Pick<Settings, Name>

/** Secrets that each platform needs once it is on, each with why and where it is found. */
const NEEDED: {
  readonly [Name in PlatformName]: (settings: Settings[Name]) => readonly (readonly [SecretName, string])[]
} = {
  discord: () => [['DISCORD_TOKEN', 'Discord is switched on; copy the token from the bot page of the application']],
  slack: ({ mode, oauth }) => [
    mode === 'socket'
      ? ['SLACK_APP_TOKEN', 'slack.mode is socket; make an app-level token with connections:write']
      : ['SLACK_SIGNING_SECRET', 'slack.mode is http; copy it from the basic information of the app'],
    ...(oauth.enabled
      ? ([
          ['SLACK_CLIENT_ID', 'slack.oauth is switched on; copy it from the basic information of the app'],
          ['SLACK_CLIENT_SECRET', 'slack.oauth is switched on; copy it from the basic information of the app'],
          ['SLACK_STATE_SECRET', 'slack.oauth is switched on; take any long random text'],
        ] as const)
      : ([['SLACK_BOT_TOKEN', 'Slack is switched on; install the app and copy the bot user token']] as const)),
  ],
}

/** True when the variable is one of the platform's, e.g. `SLACK_APP_TOKEN` for `slack`. */
export function isVariableOf(platform: PlatformName, variable: string): boolean {
  return variable.startsWith(`${platform.toUpperCase()}_`)
}

/** Whether a platform is to be connected: `auto` is on when a secret of it is set. */
export function isSwitchedOn(platform: PlatformName, enabled: boolean | 'auto', secrets: Secrets): boolean {
  if (enabled !== 'auto') return enabled
  return Object.entries(secrets).some(([name, secret]) => isVariableOf(platform, name) && secret !== null)
}

/**
 * Names each secret that a platform needs and that is not set.
 * @param settings groups that are left out are not looked at
 */
export function findMissingSecrets(settings: Partial<PlatformSettings>, secrets: Secrets): Problem[] {
  return PLATFORM_NAMES.flatMap((platform) => missingOf(platform, settings[platform], secrets))
}

function missingOf<Name extends PlatformName>(
  platform: Name,
  settings: Settings[Name] | undefined,
  secrets: Secrets,
): Problem[] {
  if (settings === undefined || !isSwitchedOn(platform, settings.enabled, secrets)) return []
  return NEEDED[platform](settings)
    .filter(([name]) => secrets[name] === null)
    .map(([name, why]) => ({ place: 'environment', key: name, text: `it is not set; ${why}` }))
}
