// A desk of moderation that watches some channels and only keeps what it is handed.
import type { CommandPlace, ModerationDesk, WatchedPost } from '../../src/moderation/platform/desk.ts'

/** A command or a press that a desk was handed. */
export type HandedWish = Pick<CommandPlace, 'requestId' | 'userId'> & {
  readonly name: string
  readonly isAgain?: boolean
}

/** Such a desk, with the posts that it took, in order. */
export interface WatchingDesk extends ModerationDesk {
  readonly taken: WatchedPost[]
  /** Platforms of which it heard that their events come in after a gap. */
  readonly again: string[]
}

/** @param channelIds in the ids of requests, e.g. `discord:81` */
export function watchingDesk(channelIds: readonly string[]): WatchingDesk {
  const taken: WatchedPost[] = []
  const again: string[] = []
  const notice = { lines: [], restAttached: '', restName: '' }
  return {
    taken,
    again,
    isWatched: (ids) => ids.some((id) => typeof id === 'string' && channelIds.includes(id)),
    watchesOn: (platform) => channelIds.some((id) => id.startsWith(`${platform}:`)),
    watchedChannels: (platform) => channelIds.filter((id) => id.startsWith(`${platform}:`)),
    take: async (post) => void taken.push(post),
    messagesDeleted: async () => {},
    placeGone: async () => {},
    listensAgain: async (platform) => void again.push(platform),
    command: async () => notice,
    press: async () => ({ text: '' }),
    pictureOf: async () => ({ text: '' }),
  }
}

/** A desk for what a crash cuts short: its first command or press never comes to its end. */
export function desksOfStarts() {
  const handed: HandedWish[] = []
  const ended = <Result>(wish: HandedWish, result: Result): Promise<Result> => {
    handed.push(wish)
    return handed.length === 1 ? new Promise<never>(() => {}) : Promise.resolve(result)
  }
  const desk: ModerationDesk = {
    ...watchingDesk([]),
    command: ({ requestId, userId }, { name }) =>
      ended({ requestId, userId, name }, { lines: [['Obeyed']], restAttached: '', restName: '' }),
    press: ({ requestId, userId, verb, isAgain = false }) =>
      ended({ requestId, userId, name: verb, isAgain }, { text: 'Pressed' }),
  }
  return { desk, handed }
}
