// Who may read the posts of a channel.
import type { webApi } from '@slack/bolt'
import { READER_MEMORY_MS } from './limits.ts'
import { missingScopeOf } from './slack-error.ts'

const MAX_KNOWN = 10_000
/** Members on one page; the most that Slack gives. https://docs.slack.dev/reference/methods/conversations.members */
const PAGE_SIZE = 1000

interface Known {
  readonly answer: Promise<boolean>
  readonly untilMs: number
}

/** Asks Slack who may read which channel of a workspace. A yes is kept for a while; a no and a failure are not. */
export class ChannelReaders {
  readonly #client: webApi.WebClient
  readonly #teamId: string
  readonly #now: () => number
  readonly #known = new Map<string, Known>()

  /** @param now the clock, milliseconds since 1970 */
  constructor(client: webApi.WebClient, teamId: string, now: () => number = Date.now) {
    this.#client = client
    this.#teamId = teamId
    this.#now = now
  }

  /** True for a channel that all full members of the workspace may read. @throws SlackError when Slack does not tell */
  async isOpen(channel: string): Promise<boolean> {
    const { channel: info } = await this.#client.conversations.info({ channel })
    return info?.is_channel === true && info.is_private !== true && info.is_ext_shared !== true
  }

  /**
   * True when a person may read a channel: as its member, or an open one as a full member of the workspace.
   * @throws SlackError when Slack does not tell, as of a private channel that Valley is not in
   */
  async mayRead(userId: string, channel: string): Promise<boolean> {
    const key = `${channel}:${userId}`
    const known = this.#known.get(key)
    if (known !== undefined && known.untilMs > this.#now()) return await known.answer
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    const asked: Known = { answer: this.#ask(userId, channel), untilMs: this.#now() + READER_MEMORY_MS }
    this.#known.set(key, asked)
    let may = false
    try {
      may = await asked.answer
    } finally {
      if (!may && this.#known.get(key) === asked) this.#known.delete(key)
    }
    return may
  }

  async #ask(userId: string, channel: string): Promise<boolean> {
    if ((await this.isOpen(channel)) && (await this.#isFullMember(userId))) return true
    return await this.#isIn(channel, userId)
  }

  /** Guests and people of other organisations see only the channels that they were invited to. */
  async #isFullMember(userId: string): Promise<boolean> {
    const { user } = await this.#client.users.info({ user: userId }).catch((error: unknown) => {
      // Without the scope to ask, everybody may be a guest.
      if (missingScopeOf(error) === undefined) throw error
      return { user: undefined }
    })
    if (user === undefined || user.team_id !== this.#teamId || user.deleted === true) return false
    return user.is_restricted !== true && user.is_ultra_restricted !== true
  }

  async #isIn(channel: string, userId: string): Promise<boolean> {
    let cursor = ''
    do {
      const next = cursor === '' ? {} : { cursor }
      const page = await this.#client.conversations.members({ channel, limit: PAGE_SIZE, ...next })
      if (page.members?.includes(userId) === true) return true
      cursor = page.response_metadata?.next_cursor ?? ''
    } while (cursor !== '')
    return false
  }
}
