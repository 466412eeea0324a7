// A message event becomes a post of a person, or nothing: posts of apps, edits and notices of Slack are not for us.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { clipsOfPost } from './parse-files.ts'
import { type ParsedText, parseText } from './parse-text.ts'
import { type Place, placeOf } from './place.ts'

/** A post of a person. */
export interface Post {
  readonly place: Place
  readonly ts: string
  readonly userId: string
  /** Workspace that the person belongs to; another than ours in a shared channel. */
  readonly userTeamId: string
  readonly text: ParsedText
  readonly clips: readonly IncomingClip[]
  /** True when it stands in a thread below another post. */
  readonly isReply: boolean
  /** Author of the thread's first post. */
  readonly parentUserId: string | undefined
}

/** Posts by people carry one of these or none. */
const SUBTYPES_OF_PEOPLE = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message'])
const SLACKS_OWN_USER = 'USLACKBOT'

/** Reads a `message` or `app_mention` event. @returns null when no person posted */
export function parsePost(event: Json, teamId: string, botUserId: string): Post | null {
  const channel = textIn(event, 'channel')
  const ts = textIn(event, 'ts')
  const userId = textIn(event, 'user')
  if (channel === undefined || ts === undefined || userId === undefined) return null
  if (!SUBTYPES_OF_PEOPLE.has(textIn(event, 'subtype'))) return null
  if (textIn(event, 'bot_id') !== undefined || userId === botUserId || userId === SLACKS_OWN_USER) return null
  const threadTs = textIn(event, 'thread_ts')
  return {
    place: placeOf(teamId, channel, ts, threadTs),
    ts,
    userId,
    userTeamId: textIn(event, 'user_team') ?? textIn(event, 'team') ?? teamId,
    text: parseText(textIn(event, 'text') ?? '', botUserId),
    clips: clipsOfPost(event, teamId, channel),
    isReply: threadTs !== undefined && threadTs !== ts,
    parentUserId: textIn(event, 'parent_user_id'),
  }
}

/** Channel and timestamp of the post that somebody deleted; null for any other event. */
export function parseDeletion(event: Json): { readonly channel: string; readonly ts: string } | null {
  const channel = textIn(event, 'channel')
  const ts = deletedTs(event)
  return channel === undefined || ts === undefined ? null : { channel, ts }
}

function deletedTs(event: Json): string | undefined {
  const subtype = textIn(event, 'subtype')
  if (subtype === 'message_deleted')
    return textIn(event, 'deleted_ts') ?? textIn(objectIn(event, 'previous_message'), 'ts')
  // A post with replies is not taken away: a tombstone stands in its place.
  const message = objectIn(event, 'message')
  const isBuried = subtype === 'message_changed' && textIn(message, 'subtype') === 'tombstone'
  return isBuried ? textIn(message, 'ts') : undefined
}
