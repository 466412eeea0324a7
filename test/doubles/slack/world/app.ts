import { randomBytes } from 'node:crypto'

/** The events of a subscription that the double can send. */
export const ALL_EVENTS = [
  'app_home_opened',
  'app_mention',
  'app_uninstalled',
  'assistant_thread_context_changed',
  'assistant_thread_started',
  'file_shared',
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
  'tokens_revoked',
] as const

/** What the app under test has registered with Slack: its identity, its secrets and what it subscribed to. */
export interface SlackApp {
  readonly id: string
  readonly name: string
  /** App-level token (xapp-) for Socket Mode, with connections:write. */
  readonly appToken: string
  readonly signingSecret: string
  readonly clientId: string
  readonly clientSecret: string
  /** Deprecated verification token that payloads still carry. */
  readonly verificationToken: string
  /** Bot events of the manifest. */
  readonly events: ReadonlySet<string>
  /** Slash commands of the manifest, each with its slash. */
  readonly commands: ReadonlySet<string>
}

/** Registers an app with fresh secrets. */
export function registerApp(options: {
  readonly id: string
  readonly name: string
  readonly events: readonly string[]
  readonly commands: readonly string[]
}): SlackApp {
  const secret = () => randomBytes(16).toString('hex')
  return {
    ...options,
    events: new Set(options.events),
    commands: new Set(options.commands),
    appToken: `xapp-1-${options.id}-${secret()}`,
    signingSecret: secret(),
    clientId: `${options.id}.client`,
    clientSecret: secret(),
    verificationToken: secret(),
  }
}
