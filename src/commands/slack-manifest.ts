// `valley slack manifest`: the app as Slack's page "From a manifest" takes it, made from the operator's settings.
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { MAX_APP_NAME_CHARACTERS } from '../../adapters/slack/limits.ts'
import { EVENTS_PATH, type ManifestOptions, OAUTH_REDIRECT_PATH, slackManifest } from '../../adapters/slack/manifest.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { textsFor } from '../conversation/texts/locale.ts'
import { AppError } from '../errors.ts'

/** The options as the shell gave them. */
export interface SlackManifestOptions {
  readonly json?: boolean
  readonly url?: string
  readonly mode?: 'socket' | 'http'
  readonly name?: string
}

const EXAMPLES = `
Examples:
  $ valley slack manifest
  $ valley slack manifest --url https://valley.example.com
  $ valley slack manifest --json | jq .oauth_config.scopes

Open https://api.slack.com/apps, "Create New App", "From a manifest", choose the workspace and paste what this prints.
Then install the app and set SLACK_BOT_TOKEN. For Socket Mode also make an app-level token with connections:write for
SLACK_APP_TOKEN; for HTTP mode copy the signing secret into SLACK_SIGNING_SECRET. "valley doctor" checks all of them.

Name of the slash command, mode, assistant pane, redirect address and language come from the settings.
`

/** Adds the command to the group. */
export function registerSlackManifest(group: Command): void {
  group
    .command('manifest')
    .summary('print the app manifest')
    .description(
      'Print the manifest of the Slack app (YAML): commands, shortcuts, events and the scopes that Valley needs.',
    )
    .option('--json', 'print JSON instead of YAML')
    .option(
      '--url <https://host>',
      'public address that Slack reaches Valley at; HTTP mode unless --mode says otherwise',
    )
    .addOption(
      new Option('--mode <mode>', 'how events arrive (default: slack.mode of the settings)').choices([
        'socket',
        'http',
      ]),
    )
    .option('--name <name>', 'name of the app and its bot (default: Valley)')
    .addHelpText('after', EXAMPLES)
    .action((options: SlackManifestOptions) => {
      const config = loadConfig()
      const manifest = slackManifest(manifestOptions(options, config))
      // Long lines stay whole: a folded one is harder to check by eye on Slack's page.
      process.stdout.write(
        options.json ? `${JSON.stringify(manifest, null, 2)}\n` : stringify(manifest, { lineWidth: 0 }),
      )
      const mode = manifest.settings.socket_mode_enabled ? 'socket' : 'http'
      if (mode !== config.slack.mode) {
        process.stderr.write(
          `The settings have slack.mode ${config.slack.mode}, this manifest is for ${mode}. Set slack.mode to ${mode}.\n`,
        )
      }
    })
}

/**
 * What the manifest is made of: the settings, with the options over them.
 * @throws AppError CONFIG_INVALID for a wrong address or name, or for HTTP mode without an address
 */
export function manifestOptions(
  { url, mode, name }: SlackManifestOptions,
  { slack, locale }: Pick<Config, 'slack' | 'locale'>,
): ManifestOptions {
  if (name !== undefined && (name.trim() === '' || name.length > MAX_APP_NAME_CHARACTERS)) {
    throw wrongUse(`--name has ${name.length} characters; allowed are 1 to ${MAX_APP_NAME_CHARACTERS}`)
  }
  const given = url === undefined ? null : originOf(url)
  const { redirectUri } = slack.oauth
  const origin = given ?? (redirectUri === null ? null : new URL(redirectUri).origin)
  const isHttp = (mode ?? (given === null ? slack.mode : 'http')) === 'http'
  if (isHttp && origin === null) {
    throw wrongUse('HTTP mode needs the public address that Slack sends events to; give --url https://host')
  }
  const redirectUrl = redirectUri ?? (given === null ? null : `${given}${OAUTH_REDIRECT_PATH}`)
  return {
    texts: textsFor(locale === 'auto' ? undefined : locale),
    command: slack.command,
    assistantPane: slack.assistant,
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(isHttp ? { requestUrl: `${origin}${EVENTS_PATH}` } : {}),
    ...(redirectUrl === null ? {} : { redirectUrls: [redirectUrl] }),
  }
}

/** Slack sends to https only, and Valley's own paths come after the host. */
function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  const isOrigin = parsed?.protocol === 'https:' && parsed.href === `${parsed.origin}/`
  if (parsed !== null && isOrigin) return parsed.origin
  throw wrongUse(
    `--url is ${JSON.stringify(url)}; it must be https://, a host and no path, e.g. https://valley.example.com`,
  )
}

function wrongUse(seen: string): AppError {
  return new AppError('CONFIG_INVALID', `valley slack manifest: ${seen}. See "valley slack manifest --help".`)
}
