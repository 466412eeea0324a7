// Whom a text would notify. Counts on the strict side: what Slack might treat as a mention counts as one.
import { type Json, stringIn } from '../json.ts'

/** Somebody whom a post of the app would have notified. */
export interface Ping {
  /** `channel`, `here` and `everyone` reach many; the others one user or one group. */
  readonly kind: 'user' | 'usergroup' | 'channel' | 'here' | 'everyone'
  /** Id of the user or group; null for the broadcasts. */
  readonly target: string | null
}

/** What decides about mentions in a post. */
export interface PingingContent {
  readonly text: string
  readonly blocks: unknown
  readonly attachments: unknown
  /** True when plain names (`@ann`, `@channel`) are linked, by `link_names` or `parse: full`. */
  readonly linksNames: boolean
}

const MENTION = /<(?:@([UW][A-Z0-9]+)|!subteam\^(S[A-Z0-9]+)|!(channel|here|everyone))(?:\|[^>]*)?>/g
const PLAIN_NAME = /(?<![\w<])@([\w.-]+)/g

/** Lists the pings of a post's text, blocks and attachments. @param idOfName finds a member by plain name */
export function findPings(content: PingingContent, idOfName: (name: string) => string | undefined): Ping[] {
  const texts = [content.text, ...textsOf(content.blocks), ...textsOf(content.attachments)]
  const pings = texts.flatMap(mentionsIn)
  if (content.linksNames) pings.push(...texts.flatMap((text) => linkedNames(text, idOfName)))
  return [...pings, ...richTextPings(content.blocks), ...richTextPings(content.attachments)]
}

function mentionsIn(text: string): Ping[] {
  return [...text.matchAll(MENTION)].map(([, user, group, broadcast]): Ping => {
    if (user !== undefined) return { kind: 'user', target: user }
    if (group !== undefined) return { kind: 'usergroup', target: group }
    return { kind: broadcast as 'channel' | 'here' | 'everyone', target: null }
  })
}

function linkedNames(text: string, idOfName: (name: string) => string | undefined): Ping[] {
  return [...text.matchAll(PLAIN_NAME)].flatMap(([, name]): Ping[] => {
    if (name === 'channel' || name === 'here' || name === 'everyone') return [{ kind: name, target: null }]
    const id = idOfName(name!)
    return id === undefined ? [] : [{ kind: 'user', target: id }]
  })
}

/** Every text that Slack formats: mrkdwn texts, markdown blocks, the fields of attachments; nothing that is literal. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (typeof value !== 'object' || value === null) return []
  const node = value as Json
  if (node.type === 'plain_text' || node.type === 'text') return []
  // A field of an attachment has a title; the value of a button or an option is data.
  const keys = ['text', 'pretext', 'fallback', ...('title' in node ? ['value'] : [])]
  const own = keys.map((key) => stringIn(node, key)).filter((text) => text !== undefined)
  return [...own, ...Object.values(node).flatMap(textsOf)]
}

function richTextPings(value: unknown): Ping[] {
  if (Array.isArray(value)) return value.flatMap(richTextPings)
  if (typeof value !== 'object' || value === null) return []
  const node = value as Json
  const nested = Object.values(node).flatMap(richTextPings)
  if (node.type === 'user' && typeof node.user_id === 'string') return [{ kind: 'user', target: node.user_id }]
  if (node.type === 'usergroup' && typeof node.usergroup_id === 'string') {
    return [{ kind: 'usergroup', target: node.usergroup_id }]
  }
  if (node.type === 'broadcast') return [{ kind: node.range as 'channel' | 'here' | 'everyone', target: null }]
  return nested
}
