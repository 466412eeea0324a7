// Reads posts of channels and threads page by page, at a pace that leaves enough of Slack's calls to people's questions.
import { setTimeout as sleep } from 'node:timers/promises'
import type { webApi } from '@slack/bolt'
import { type Json, listIn, objectIn, textIn } from './json.ts'
import { MISSED_PAGE_POSTS, READ_AT_ONCE, READ_PAUSE_MS, READ_TRIES, READ_WAITS } from './limits.ts'
import { mayWorkLater, retryAfterSecondsOf } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/** Which posts are read. */
export interface PostRange {
  /** Milliseconds since 1970. */
  readonly fromMs: number
  /** Default now. */
  readonly untilMs?: number
  /** Requests at most. */
  readonly mostPages: number
}

/** What was read. */
export interface ReadPosts {
  /** The oldest first. */
  readonly posts: readonly Json[]
  /** True when there are more than the requests brought. */
  readonly isCut: boolean
}

/** Reads in one workspace. */
export class PostReader {
  readonly #client: webApi.WebClient
  #calls = 0

  constructor({ hastyClient }: Workspace) {
    // One that waits by itself would hold up every other call with it.
    this.#client = hastyClient
  }

  /** Posts of a channel, without what stands in threads. @throws SlackError */
  async history(channel: string, range: PostRange): Promise<ReadPosts> {
    return await this.#read(range, (page) => this.#client.conversations.history({ channel, ...page }))
  }

  /** Posts of a thread, its first one too where it is of that time. @throws SlackError */
  async thread(channel: string, ts: string, range: PostRange): Promise<ReadPosts> {
    return await this.#read(range, (page) => this.#client.conversations.replies({ channel, ts, ...page }))
  }

  /** Ids of the channels that Valley was invited to and of its direct messages. @throws SlackError */
  async ownChannels(mostPages: number): Promise<string[]> {
    const kinds = { types: 'public_channel,private_channel,im', exclude_archived: true, limit: MISSED_PAGE_POSTS }
    const { items } = await this.#pages('channels', mostPages, (cursor) =>
      this.#client.users.conversations({ ...kinds, ...cursor }),
    )
    return items.flatMap((channel) => textIn(channel, 'id') ?? [])
  }

  async #read(
    { fromMs, untilMs, mostPages }: PostRange,
    call: (page: { oldest: string; latest?: string; limit: number; cursor?: string }) => Promise<unknown>,
  ): Promise<ReadPosts> {
    const latest = untilMs === undefined ? {} : { latest: timestamp(untilMs) }
    const range = { oldest: timestamp(fromMs), ...latest, limit: MISSED_PAGE_POSTS }
    const { items, isCut } = await this.#pages('messages', mostPages, (cursor) => call({ ...range, ...cursor }))
    // The first post of a thread comes along, however old it is.
    const posts = items.filter((post) => postedMs(post) >= fromMs)
    return { posts: posts.sort((one, other) => postedMs(one) - postedMs(other)), isCut }
  }

  async #pages(
    key: string,
    mostPages: number,
    call: (cursor: { cursor?: string }) => Promise<unknown>,
  ): Promise<{ readonly items: Json[]; readonly isCut: boolean }> {
    const items: Json[] = []
    let cursor: string | undefined
    for (let page = 0; page < mostPages; page += 1) {
      const from = cursor === undefined ? {} : { cursor }
      const answer = await this.#paced(() => call(from))
      items.push(...listIn(answer, key))
      cursor = textIn(objectIn(answer, 'response_metadata'), 'next_cursor')
      if (cursor === undefined) return { items, isCut: false }
    }
    return { items, isCut: true }
  }

  /** Slack may take far fewer calls of an app than it takes of most; then each waits until it is taken. */
  async #paced(call: () => Promise<unknown>): Promise<unknown> {
    if (this.#calls >= READ_AT_ONCE) await sleep(READ_PAUSE_MS, undefined, { ref: false })
    this.#calls += 1
    let [waits, tries] = [0, 1]
    for (;;) {
      try {
        return await call()
      } catch (error) {
        const seconds = retryAfterSecondsOf(error)
        const isHopeless = seconds === undefined ? !mayWorkLater(error) || tries >= READ_TRIES : waits >= READ_WAITS
        if (isHopeless) throw error
        if (seconds === undefined) tries += 1
        else waits += 1
        await sleep(seconds === undefined ? READ_PAUSE_MS : seconds * 1000, undefined, { ref: false })
      }
    }
  }
}

/** When a post was posted, milliseconds since 1970. */
export function postedMs(post: Json): number {
  return Number(textIn(post, 'ts')) * 1000
}

function timestamp(ms: number): string {
  return (ms / 1000).toFixed(6)
}
