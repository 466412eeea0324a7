// A desk of moderation that watches some channels and only keeps what it is handed.
import type { ModerationDesk, WatchedPost } from '../../src/moderation/platform/desk.ts'

/** Such a desk, with the posts that it took, in order. */
export interface WatchingDesk extends ModerationDesk {
  readonly taken: WatchedPost[]
}

/** @param channelIds in the ids of requests, e.g. `discord:81` */
export function watchingDesk(channelIds: readonly string[]): WatchingDesk {
  const taken: WatchedPost[] = []
  const notice = { lines: [], restAttached: '', restName: '' }
  return {
    taken,
    isWatched: (ids) => ids.some((id) => typeof id === 'string' && channelIds.includes(id)),
    watchesOn: (platform) => channelIds.some((id) => id.startsWith(`${platform}:`)),
    take: async (post) => void taken.push(post),
    messagesDeleted: async () => {},
    placeGone: async () => {},
    command: async () => notice,
    press: async () => ({ text: '' }),
    pictureOf: async () => null,
  }
}
