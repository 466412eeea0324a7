// The app manifest as data: what Slack has to grant, and what for. `valley slack manifest` prints it; the start-up check
// and the tests read the same tables.
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { DESCRIBE_CLIP, OPEN_MODAL } from './callback-ids.ts'
import { MAX_MODAL_TITLE_CHARACTERS } from './limits.ts'

/** Each bot scope, and what is off without it. */
export const BOT_SCOPES = {
  'app_mentions:read': 'mentions in channels are not heard',
  'assistant:write': 'the assistant pane has no prompts and no titles',
  'channels:history': 'threads in public channels are not followed and clips in them are not found',
  'channels:read': 'links to posts in other public channels are refused',
  'chat:write': 'nothing can be answered',
  commands: 'the slash command and the shortcut do not exist',
  'files:read': 'no clip can be downloaded',
  'files:write': 'no storyboard is posted',
  'groups:history': 'threads in private channels are not followed and clips in them are not found',
  'groups:read': 'links to posts in private channels are refused',
  'im:history': 'direct messages are not heard',
  'im:read': 'links to posts in direct messages are refused',
  'im:write': 'a command in a channel without Valley cannot be answered in a direct message',
  'mpim:history': 'group direct messages are not followed',
  'mpim:read': 'links to posts in group direct messages are refused',
  'users:read':
    'everybody is answered in English, and links to posts in other public channels work for their members only',
} as const

/** A bot scope that Valley asks for. */
export type BotScope = keyof typeof BOT_SCOPES

/** Events that Valley subscribes to. */
export const BOT_EVENTS = [
  'app_mention',
  'app_uninstalled',
  'assistant_thread_context_changed',
  'assistant_thread_started',
  'channel_archive',
  'channel_deleted',
  'channel_left',
  'group_archive',
  'group_deleted',
  'group_left',
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
  'tokens_revoked',
] as const

/** Scopes and events that only the assistant pane needs. */
const ASSISTANT_ONLY: ReadonlySet<string> = new Set([
  'assistant:write',
  'assistant_thread_context_changed',
  'assistant_thread_started',
])

/** The scopes that Valley needs, with the assistant pane or without it. */
export function neededScopes(assistantPane = true): BotScope[] {
  return (Object.keys(BOT_SCOPES) as BotScope[]).filter((scope) => assistantPane || !ASSISTANT_ONLY.has(scope))
}

/** Where signed events, commands and presses of buttons come in, in HTTP mode. */
export const EVENTS_PATH = '/slack/events'

/** Where Slack leads people back to who install Valley by OAuth, unless the settings name another address. */
export const OAUTH_REDIRECT_PATH = '/slack/oauth_redirect'

/** What an operator may choose in the manifest. */
export interface ManifestOptions {
  /** Language of names and descriptions. */
  readonly texts: Texts
  /** Default Valley. */
  readonly name?: string
  /** Default `/valley`. */
  readonly command?: string
  /** Default true. */
  readonly assistantPane?: boolean
  /** Public address of `/slack/events` for HTTP mode; Socket Mode when absent. */
  readonly requestUrl?: string
  /** Public addresses of `/slack/oauth_redirect` for several workspaces. */
  readonly redirectUrls?: readonly string[]
}

/** The app manifest, ready for JSON. @see https://docs.slack.dev/reference/app-manifest */
export function slackManifest({ texts, name = 'Valley', command = '/valley', ...options }: ManifestOptions) {
  const { assistantPane = true, requestUrl, redirectUrls } = options
  const address = requestUrl === undefined ? {} : { url: requestUrl }
  return {
    display_information: { name, description: texts.commands.ask },
    features: {
      bot_user: { display_name: name, always_online: true },
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      ...(assistantPane ? { assistant_view: assistantView(texts) } : {}),
      slash_commands: [
        {
          command,
          description: texts.commands.ask,
          usage_hint: `[${texts.parameters.question}]`,
          // Channels and people come by their ids, which moderation needs.
          should_escape: true,
          ...address,
        },
      ],
      shortcuts: [
        {
          name: texts.describeClip.slice(0, MAX_MODAL_TITLE_CHARACTERS),
          type: 'message',
          callback_id: DESCRIBE_CLIP,
          description: texts.commands.describe,
        },
        {
          name: texts.describeClip.slice(0, MAX_MODAL_TITLE_CHARACTERS),
          type: 'global',
          callback_id: OPEN_MODAL,
          description: texts.commands.ask,
        },
      ],
    },
    oauth_config: {
      ...(redirectUrls === undefined ? {} : { redirect_urls: redirectUrls }),
      scopes: { bot: neededScopes(assistantPane) },
    },
    settings: {
      event_subscriptions: {
        ...(requestUrl === undefined ? {} : { request_url: requestUrl }),
        bot_events: BOT_EVENTS.filter((event) => assistantPane || !ASSISTANT_ONLY.has(event)),
      },
      interactivity: { is_enabled: true, ...(requestUrl === undefined ? {} : { request_url: requestUrl }) },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === undefined,
      token_rotation_enabled: false,
    },
  }
}

function assistantView(texts: Texts) {
  return {
    assistant_description: texts.greeting,
    suggested_prompts: texts.suggestions.map((suggestion) => ({ title: suggestion, message: suggestion })),
  }
}
