// Whom a message notifies: the mentions in its text, cut down by allowed_mentions and by what its author may do.
// https://discord.com/developers/docs/resources/message#allowed-mentions-object
//
// Differs from source: mentions in code blocks count here. Discord leaves them out, but how it reads markdown is not
// documented, and a test that nobody was notified is the stronger for it.
import {
  AllowedMentionsTypes,
  type APIAllowedMentions,
  type APIMessageTopLevelComponent,
  ComponentType,
} from 'discord.js'
import { invalidField } from '../http/api-error.ts'
import { may } from '../world/permissions.ts'
import type { ChannelState, Mentions } from '../world/state.ts'
import type { World } from '../world/world.ts'

/** No allowed_mentions in a message of a channel: everything counts. */
const REGULAR_DEFAULT: APIAllowedMentions = {
  parse: [AllowedMentionsTypes.User, AllowedMentionsTypes.Role, AllowedMentionsTypes.Everyone],
  replied_user: true,
}
/** No allowed_mentions in an answer to an interaction: users count. */
const WEBHOOK_DEFAULT: APIAllowedMentions = { parse: [AllowedMentionsTypes.User], replied_user: true }
const MAX_LISTED = 100

/** A message as far as mentions matter. */
export interface MentioningText {
  readonly channel: ChannelState
  readonly authorId: string
  readonly content: string
  readonly components: readonly APIMessageTopLevelComponent[]
  readonly allowed: APIAllowedMentions | undefined
  /** True for answers to interactions, which have another default. */
  readonly isWebhook: boolean
  /** The author of the message that is replied to. */
  readonly repliedUserId: string | null
}

/**
 * Finds whom a message notifies.
 * @throws ApiError 50035 when allowed_mentions contradicts itself
 */
export function findMentions(world: World, message: MentioningText): Mentions {
  const allowed = message.allowed ?? (message.isWebhook ? WEBHOOK_DEFAULT : REGULAR_DEFAULT)
  checkAllowedMentions(allowed)
  const text = [message.content, ...message.components.map(textOf)].join('\n')
  const guild = world.guildOf(message.channel)
  const mayMentionAll = may(world, message.channel, message.authorId, 'MentionEveryone')

  const userIds = idsIn(text, /<@!?(\d{17,20})>/g).filter(
    (id) => world.users.has(id) && isAllowed(allowed, AllowedMentionsTypes.User, allowed.users, id),
  )
  if (message.repliedUserId !== null && allowed.replied_user) userIds.push(message.repliedUserId)
  const roleIds = idsIn(text, /<@&(\d{17,20})>/g).filter((id) => {
    const role = guild?.roles.get(id)
    if (role === undefined || !(role.mentionable || mayMentionAll)) return false
    return isAllowed(allowed, AllowedMentionsTypes.Role, allowed.roles, id)
  })
  const everyone =
    guild !== null &&
    mayMentionAll &&
    /@(everyone|here)/.test(text) &&
    (allowed.parse ?? []).includes(AllowedMentionsTypes.Everyone)
  return { userIds: [...new Set(userIds)], roleIds: [...new Set(roleIds)], everyone }
}

/** Writes down whom a message of the bot notified. Ephemeral messages notify nobody but the one who sees them. */
export function recordPings(
  world: World,
  mentions: Mentions,
  message: { id: string; channelId: string; fromEdit: boolean },
): void {
  const { id: messageId, channelId, fromEdit } = message
  const others = mentions.userIds.filter((id) => id !== world.bot.id)
  const where = { messageId, channelId, fromEdit }
  for (const id of others) world.pings.push({ kind: 'user', id, ...where })
  for (const id of mentions.roleIds) world.pings.push({ kind: 'role', id, ...where })
  const guildId = world.channel(channelId).guildId
  if (mentions.everyone && guildId !== null) world.pings.push({ kind: 'everyone', id: guildId, ...where })
}

function isAllowed(
  allowed: APIAllowedMentions,
  type: AllowedMentionsTypes,
  listed: readonly string[] | undefined,
  id: string,
): boolean {
  return (allowed.parse ?? []).includes(type) || (listed ?? []).includes(id)
}

function checkAllowedMentions(allowed: APIAllowedMentions): void {
  const lists = { users: allowed.users, roles: allowed.roles }
  for (const [type, ids] of Object.entries(lists)) {
    if (ids === undefined || ids.length === 0) continue
    if ((allowed.parse ?? []).some((parsed) => parsed === type)) {
      throw invalidField(
        'allowed_mentions',
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${type}"] and ${type}: [ids...] are mutually exclusive.`,
      )
    }
    if (ids.length > MAX_LISTED) {
      throw invalidField(`allowed_mentions.${type}`, 'BASE_TYPE_MAX_LENGTH', 'Must be 100 or fewer in length.')
    }
  }
}

function idsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!)
}

/** The text of text displays, wherever they stand; other components notify nobody. */
function textOf(component: object): string {
  if ('type' in component && component.type === ComponentType.TextDisplay && 'content' in component) {
    return String(component.content)
  }
  const inner = 'components' in component && Array.isArray(component.components) ? component.components : []
  return inner.map((one: object) => textOf(one)).join('\n')
}
