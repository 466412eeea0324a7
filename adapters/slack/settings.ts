// What the adapter is given: plain values, secrets and stores. It reads no file and no environment.
import type { Installation, InstallationQuery } from '@slack/bolt'
import type { HeardPlaces } from '../../src/conversation/heard-places.ts'
import type { QuestionLedger } from '../../src/conversation/question-ledger.ts'
import type { SharedQuestions } from '../../src/conversation/shared-questions.ts'
import type { Logger } from '../../src/logger.ts'

/** Where the tokens of workspaces are kept; what Bolt's OAuth asks of an installation store. */
export interface SlackInstallations {
  storeInstallation(installation: Installation): Promise<void>
  /** Rejects when there is none. */
  fetchInstallation(query: InstallationQuery<boolean>): Promise<Installation>
  deleteInstallation(query: InstallationQuery<boolean>): Promise<void>
}

/** Remembers which events were taken, for at least ten minutes. */
export interface TakenEvents {
  /**
   * Takes an event once.
   * @param keys everything that it may be known by
   * @returns false when any of the keys was taken before; then none is newly taken
   */
  claim(...keys: readonly string[]): Promise<boolean>
}

/** Who Valley is to Slack. */
export type SlackIdentity =
  /** One workspace. */
  | { readonly kind: 'token' /** xoxb-… */; readonly botToken: string }
  /** Several workspaces, each of which installs Valley by OAuth. */
  | {
      readonly kind: 'oauth'
      readonly clientId: string
      readonly clientSecret: string
      /** Signs the state of an installation under way. */
      readonly stateSecret: string
      readonly installations: SlackInstallations
      /** Where the pages `/slack/install` and `/slack/oauth_redirect` are served; in HTTP mode where events come in. */
      readonly port: number
      /** Default 127.0.0.1: a proxy with TLS stands before it. */
      readonly host?: string
      /** Public address of `/slack/oauth_redirect`. */
      readonly redirectUri?: string
      /** Default Slack's own. */
      readonly authorizationUrl?: string
    }

/** How Slack's events come in. */
export type SlackDelivery =
  /** Over a connection that Valley opens. */
  | { readonly mode: 'socket' /** xapp-… */; readonly appToken: string }
  /** Over signed requests to `/slack/events`. */
  | {
      readonly mode: 'http'
      readonly signingSecret: string
      readonly port: number
      /** Default 127.0.0.1: a proxy with TLS stands before it. */
      readonly host?: string
    }

/** Who or where: everything in `allow`, or all when that is empty, less what is in `deny`. By Slack's ids. */
export interface AccessList {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** Whom the operator lets use Valley, and where. */
export interface SlackAccess {
  /** Asked of the workspace that Valley is installed in, and of the person's own where channels are shared. */
  readonly workspaces: AccessList
  readonly channels: AccessList
  readonly users: AccessList
  /** People with a say beyond their own conversations, beside owners and admins of the workspace. */
  readonly admins: { readonly users: readonly string[] }
  /** Whether direct messages are answered, those of the assistant pane among them. */
  readonly directMessages: boolean
}

/** Everything that the adapter works with. */
export interface SlackSettings {
  readonly identity: SlackIdentity
  readonly delivery: SlackDelivery
  readonly logger: Logger
  /** Default: in memory, which a restart forgets. */
  readonly takenEvents?: TakenEvents
  /** Keeps questions beyond the process; default: they end with it. */
  readonly ledger?: QuestionLedger
  /** What other processes answer for the same app; default: this is the only one. */
  readonly sharedQuestions?: SharedQuestions
  /** Remembers until when it listened; default: posts that are missed stay so. */
  readonly heard?: HeardPlaces
  /** How long running questions may go on once the signal is aborted; default 0: they are stopped. */
  readonly finishMs?: number
  /** Default: everybody, everywhere. */
  readonly access?: SlackAccess
  /** Greets in the assistant pane, offers questions there, shows a status and names threads. Default true. */
  readonly assistantPane?: boolean
  /** Shows answers by Slack's own streaming where it can; else by edits. Default true. */
  readonly nativeStreaming?: boolean
  /** Name of the slash command; default `/valley`. */
  readonly command?: string
  /** Base of the Web API, with a slash at its end. Default Slack's own. */
  readonly apiUrl?: string
  /** Hosts that may be shown the bearer token for a file; default Slack's own. */
  readonly fileHosts?: readonly string[]
  /** Default the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** Told the port once pages or events are served; of use when `port` is 0. */
  readonly onListening?: (port: number) => void
  /** Told once events come in. */
  readonly onReady?: () => void
}
