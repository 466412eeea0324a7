// Posts and places that went while nobody listened: no platform tells that later, so it is asked for. Open alerts come first,
// since a picture stands on the platform for each, then the newest records; what is not asked for goes with its time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../logger.ts'
import type { ModerationDesk } from '../platform/desk.ts'
import type { ModeratedPlatform, Presence } from '../platform/platform.ts'
import type { ClipRecord, ModerationStore } from './store.ts'
import type { WatchedChannels } from './watched-channels.ts'

/** What asking works with. */
export interface MissedDeletionsOptions {
  readonly store: ModerationStore
  readonly watched: WatchedChannels
  readonly logger: Logger
  /** Between two requests; default 1.5 s. */
  readonly askPauseMs?: number
}

/** Of 50 such requests that Slack takes a minute, people's questions need some; Discord takes as many in a second. */
const ASK_PAUSE_MS = 1500
/** Requests after one gap; our choice. */
const MOST_ASKED = 200
/** A platform that says so often in a row that it cannot tell is not asked on. */
const MOST_UNKNOWN = 5

type Post = ClipRecord['post']
type Told = Pick<ModerationDesk, 'messagesDeleted' | 'placeGone'>

/** A server, or a channel in one. */
interface Place {
  readonly groupId: string
  readonly channelId?: string
}

/** Asks after each gap. */
export class MissedDeletions {
  readonly #options: MissedDeletionsOptions
  /** By platform, which is asked for one gap after the other. */
  readonly #asking = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Promise<void>>()

  constructor(options: MissedDeletionsOptions) {
    this.#options = options
  }

  /** Asks a platform, and tells a desk what is gone. Never rejects. */
  ask(platform: ModeratedPlatform, desk: Told): Promise<void> {
    const name = platform.platform
    const waiting = this.#waiting.get(name)
    // One that has not begun comes after this gap too.
    if (waiting !== undefined) return waiting
    const asking = (this.#asking.get(name) ?? Promise.resolve()).then(async () => {
      this.#waiting.delete(name)
      try {
        await this.#ask(platform, desk)
      } catch (error) {
        this.#options.logger.error({ platform: name, err: error }, 'missed deletions could not be asked for')
      }
    })
    this.#waiting.set(name, asking)
    this.#asking.set(name, asking)
    return asking
  }

  async #ask(platform: ModeratedPlatform, desk: Told): Promise<void> {
    const { logger, askPauseMs = ASK_PAUSE_MS } = this.#options
    const posts = await this.#posts(platform.platform)
    let [asked, unknown] = [0, 0]
    const presenceBy = async (question: () => Promise<Presence>): Promise<Presence> => {
      if (asked === MOST_ASKED || unknown === MOST_UNKNOWN) return 'unknown'
      if (asked > 0) await sleep(askPauseMs, undefined, { ref: false })
      asked += 1
      const presence = await question()
      unknown = presence === 'unknown' ? unknown + 1 : 0
      return presence
    }
    const gone = new Set<string>()
    for (const { groupId, channelId } of this.#places(platform.platform, posts)) {
      if (gone.has(groupId)) continue
      if ((await presenceBy(() => platform.hasPlace(groupId, channelId))) !== 'gone') continue
      gone.add(channelId ?? groupId)
      await desk.placeGone(channelId ?? groupId)
    }
    unknown = 0
    let deleted = 0
    /** Channels of whose posts nothing can be told now, e.g. since Valley may not read them. */
    const silent = new Set<string>()
    for (const post of posts) {
      const { groupId, channelId, parentChannelId = channelId, messageId } = post
      if (silent.has(channelId) || [groupId, channelId, parentChannelId].some((id) => gone.has(id))) continue
      const presence = await presenceBy(() => platform.hasPost(post))
      if (presence === 'unknown') silent.add(channelId)
      if (presence !== 'gone') continue
      deleted += 1
      await desk.messagesDeleted(channelId, [messageId])
    }
    const fields = { platform: platform.platform, asked, places: gone.size, posts: deleted }
    logger.info(fields, 'asked for what was deleted meanwhile')
  }

  /** In the order in which they are asked for. */
  async #posts(platform: string): Promise<Post[]> {
    const { store } = this.#options
    const records: ClipRecord[] = []
    for (const reportTo of (await store.reportChannels()).filter((id) => id.startsWith(`${platform}:`))) {
      records.push(...(await store.clipsReported(reportTo, { startMs: 0, endMs: Number.MAX_SAFE_INTEGER })))
    }
    const alerts = await store.alertsOf(records.map(({ id }) => id))
    const open = new Set(alerts.filter(({ verdict }) => verdict === null).map(({ clip }) => clip.id))
    const rank = ({ id }: ClipRecord) => (open.has(id) ? 1 : 0)
    records.sort((one, other) => rank(other) - rank(one) || other.post.postedAtMs - one.post.postedAtMs)
    const posts = new Map<string, Post>()
    for (const { post } of records) posts.set(`${post.channelId} ${post.messageId}`, post)
    return [...posts.values()]
  }

  /** Servers first: the channels of one that is gone need no question. */
  #places(platform: string, posts: readonly Post[]): Place[] {
    const channels = new Map<string, Place>()
    for (const { groupId, channelId } of this.#options.watched.ofCommands) {
      if (groupId.startsWith(`${platform}:`)) channels.set(channelId, { groupId, channelId })
    }
    for (const { groupId, channelId, parentChannelId = channelId } of posts) {
      for (const id of [parentChannelId, channelId]) channels.set(id, { groupId, channelId: id })
    }
    const groups = new Set([...channels.values()].map(({ groupId }) => groupId))
    return [...[...groups].map((groupId) => ({ groupId })), ...channels.values()]
  }
}
