// Where in Slack something is said, and the ids that the conversation knows it by.
import type { Request } from '../../src/conversation/message.ts'

/** Name of the platform, and the first part of every id. */
export const SLACK = 'slack'

/** A place of a conversation: a thread in a channel, or a direct message as a whole. */
export interface Place {
  readonly teamId: string
  readonly channel: string
  /** First post of the thread that replies go to; undefined in a direct message outside of threads. */
  readonly threadTs: string | undefined
}

/** True for a direct message with one person: their ids begin with D. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D')
}

/**
 * The place of a post. In channels each post begins a thread; a direct message outside of threads is one conversation.
 * @param threadTs first post of the thread that the post is in, if any
 */
export function placeOf(teamId: string, channel: string, ts: string, threadTs: string | undefined): Place {
  return { teamId, channel, threadTs: threadTs ?? (isDirect(channel) ? undefined : ts) }
}

/** The conversation's id for a channel or a person of a workspace. */
export function idOf(teamId: string, slackId: string): string {
  return `${SLACK}:${teamId}:${slackId}`
}

/** Slack's own id in one of the conversation's; null for what is none of Slack's. */
export function slackIdOf(id: string): string | null {
  const [platform, ...rest] = id.split(':')
  return platform === SLACK ? (rest.at(-1) ?? null) : null
}

/** The conversation's id for a place. */
export function threadIdOf({ teamId, channel, threadTs }: Place): string {
  const channelId = idOf(teamId, channel)
  return threadTs === undefined ? channelId : `${channelId}:${threadTs}`
}

/** A request of somebody at a place. @param id tells it from every other of the channel, e.g. a timestamp */
export function requestAt(place: Place, userId: string, id: string, locale: string | undefined): Request {
  return {
    id: `${SLACK}:${place.channel}:${id}`,
    threadId: threadIdOf(place),
    channelId: idOf(place.teamId, place.channel),
    userId: idOf(place.teamId, userId),
    ...(isDirect(place.channel) ? {} : { groupId: `${SLACK}:${place.teamId}` }),
    ...(locale === undefined ? {} : { locale }),
  }
}
