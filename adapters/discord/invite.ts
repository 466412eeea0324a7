// The links that bring Valley to a guild or to a person, asking for no permission that it does not use.
import { ApplicationIntegrationType, OAuth2Scopes, PermissionFlagsBits, type PermissionsString } from 'discord.js'

/** What of the settings needs permissions of its own. */
export interface InviteWishes {
  /** Threads are opened for conversations that begin in a channel. */
  readonly openThreads: boolean
  /** Replies end with a picture somewhere. */
  readonly storyboard: boolean
  /** Channels are watched for moderators, and buttons may do this; absent: nothing is watched. */
  readonly moderation?: { readonly actions: readonly string[] }
}

/** One permission, and what it is for. */
export interface AskedPermission {
  readonly permission: PermissionsString
  readonly use: string
}

/** https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow */
const AUTHORIZE_URL = 'https://discord.com/oauth2/authorize'

const ID = /^\d{17,20}$/

/** True for what can be an id of Discord: 17 to 20 digits. */
export function isDiscordId(text: string): boolean {
  return ID.test(text)
}

/**
 * The application that a bot token belongs to: its first part is the id of the bot in Base64, and application and bot share
 * one id. (Not those of before 2016; their operators name the id.)
 * @returns null when the token has another form
 */
export function applicationIdOf(token: string): string | null {
  const id = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('latin1')
  return isDiscordId(id) ? id : null
}

/** The permissions that Valley uses with these settings, and no other. */
export function invitePermissions({ openThreads, storyboard, moderation }: InviteWishes): AskedPermission[] {
  const may = (action: string) => moderation?.actions.includes(action) ?? false
  const threads = [
    ...(openThreads ? ['opens a thread for a conversation'] : []),
    ...(may('thread') ? ['opens a thread about an alert'] : []),
  ]
  const files = [
    ...(storyboard ? ['shows the frames that it looked at'] : []),
    ...(moderation === undefined ? [] : ['shows moderators what an alert rests on']),
  ]
  const asked: readonly (readonly [PermissionsString, readonly string[]])[] = [
    ['ViewChannel', ['sees the posts that it is asked about']],
    ['ReadMessageHistory', ['replies to posts, and finds clips in earlier ones']],
    ['SendMessages', ['answers in channels']],
    ['SendMessagesInThreads', ['answers in threads']],
    ['CreatePublicThreads', threads],
    ['AttachFiles', files],
    ['ManageMessages', may('delete') ? ['deletes messages when a moderator says so'] : []],
    ['ModerateMembers', may('time-out') ? ['times authors out when a moderator says so'] : []],
  ]
  return asked.flatMap(([permission, uses]) => (uses.length === 0 ? [] : [{ permission, use: uses.join('; ') }]))
}

/** The link for whoever may add bots to a guild. */
export function guildInstallUrl(applicationId: string, wishes: InviteWishes): string {
  const bits = invitePermissions(wishes).reduce((sum, { permission }) => sum | PermissionFlagsBits[permission], 0n)
  return authorizeUrl(applicationId, {
    integration_type: ApplicationIntegrationType.GuildInstall,
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
    permissions: bits,
  })
}

/** The link for a person who wants the command and the message menu in every chat; it grants no permission. */
export function userInstallUrl(applicationId: string): string {
  return authorizeUrl(applicationId, {
    integration_type: ApplicationIntegrationType.UserInstall,
    scope: OAuth2Scopes.ApplicationsCommands,
  })
}

function authorizeUrl(applicationId: string, query: Readonly<Record<string, string | number | bigint>>): string {
  const parameters = new URLSearchParams({ client_id: applicationId })
  for (const [key, value] of Object.entries(query)) parameters.set(key, String(value))
  return `${AUTHORIZE_URL}?${parameters}`
}
