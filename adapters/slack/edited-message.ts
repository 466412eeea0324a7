// A message of ours that changes: progress first, and where Slack streams nothing, the answer as it grows.
import type { types } from '@slack/bolt'
import type { Logger } from '../../src/logger.ts'
import { section } from './blocks.ts'
import { MAX_EDITED_CHARACTERS, SHOW_INTERVAL_MS } from './limits.ts'
import { Pacer } from './pacer.ts'
import type { Place } from './place.ts'
import { describeError, isPlaceGone, retryAfterSecondsOf, slackCodeOf } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/** What a message shows: text in Slack's mark-up of at most 3000 characters, and blocks below it. */
export interface MessageContent {
  readonly text: string
  readonly below: readonly types.KnownBlock[]
  /** Names the question that it answers, so that the message is found again after a crash. */
  readonly mark?: string
}

/** Never in what we send: names become no mentions, links unfold to no previews. */
export const QUIET = { link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false } as const

/** Answers of chat.update after which the message can no longer be changed, and another one has to say it. */
const NO_LONGER_OURS = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'streaming_state_conflict',
])

/** Told what becomes of a message. */
export interface MessageListener {
  /** Nothing can be shown at the place any more. */
  gone(error: unknown): void
  /** A message is there. */
  posted(ts: string): void
}

/** A message that is posted once there is something to show, and edited from then on. */
export class EditedMessage {
  readonly #workspace: Workspace
  readonly #place: Place
  readonly #logger: Logger
  readonly #listener: MessageListener
  readonly #mark: string
  readonly #pacer = new Pacer(() => this.#put())
  #wanted: (() => MessageContent) | null = null
  #ts: string | undefined
  #isDeleted = false

  /** @param mark names the question in every message */
  constructor(workspace: Workspace, place: Place, logger: Logger, listener: MessageListener, mark: string) {
    this.#workspace = workspace
    this.#place = place
    this.#logger = logger
    this.#listener = listener
    this.#mark = mark
  }

  /**
   * Shows this soon, unless something newer comes before.
   * @param content is made only when it is shown: an answer grows by far more pieces than there are edits
   */
  show(content: () => MessageContent): void {
    this.#wanted = content
    this.#pacer.request()
  }

  /**
   * Shows the last state, in further messages where one does not hold it.
   * @throws SlackError when Slack takes it in no way
   */
  async end(texts: readonly string[], below: readonly types.KnownBlock[]): Promise<void> {
    await this.#pacer.close()
    for (const [index, text] of texts.entries()) {
      const isLast = index === texts.length - 1
      const content = { text, below: isLast ? below : [], mark: this.#mark }
      const ts = index === 0 && !this.#isDeleted ? this.#ts : undefined
      const posted = await putContent(this.#workspace, this.#place, ts, content)
      if (posted !== null) this.#listener.posted(posted)
    }
  }

  /** Takes the message away: what it showed is shown elsewhere. Never rejects. */
  async remove(): Promise<void> {
    await this.#pacer.close()
    if (this.#ts === undefined || this.#isDeleted) return
    const { client } = this.#workspace
    await client.chat.delete({ channel: this.#place.channel, ts: this.#ts }).catch((error: unknown) => {
      if (slackCodeOf(error) !== 'message_not_found') this.#warn(error, 'progress message not removed')
    })
  }

  async #put(): Promise<number> {
    if (this.#wanted === null || this.#isDeleted) return 0
    const { hastyClient } = this.#workspace
    const { channel, threadTs } = this.#place
    const content = contentArguments({ ...this.#wanted(), mark: this.#mark })
    try {
      if (this.#ts === undefined) {
        const thread = threadTs === undefined ? {} : { thread_ts: threadTs }
        const posted = await hastyClient.chat.postMessage({ channel, ...thread, ...content, ...QUIET })
        this.#ts = posted.ts
        if (posted.ts !== undefined) this.#listener.posted(posted.ts)
      } else await hastyClient.chat.update({ channel, ts: this.#ts, ...content, link_names: false, parse: 'none' })
    } catch (error) {
      const seconds = retryAfterSecondsOf(error)
      if (seconds !== undefined) {
        this.#pacer.request()
        return seconds * 1000
      }
      if (NO_LONGER_OURS.has(slackCodeOf(error) ?? '')) this.#isDeleted = true
      else if (isPlaceGone(error)) this.#listener.gone(error)
      else this.#warn(error, 'progress not shown')
    }
    return SHOW_INTERVAL_MS
  }

  #warn(error: unknown, message: string): void {
    this.#logger.warn({ channel: this.#place.channel, reason: describeError(error) }, message)
  }
}

/** Posts a message at a place. @throws SlackError */
export async function postContent({ client }: Workspace, place: Place, content: MessageContent): Promise<string> {
  const { channel, threadTs } = place
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs }
  const { ts } = await client.chat.postMessage({ channel, ...thread, ...contentArguments(content), ...QUIET })
  return ts ?? ''
}

/**
 * Changes a message of ours, or posts another one where it can no longer be changed.
 * @param ts the message; undefined when there is none yet
 * @returns the new message, if one was posted
 * @throws SlackError
 */
export async function putContent(
  workspace: Workspace,
  place: Place,
  ts: string | undefined,
  content: MessageContent,
): Promise<string | null> {
  if (ts !== undefined) {
    const changed = {
      channel: place.channel,
      ts,
      ...contentArguments(content),
      link_names: false,
      parse: 'none',
    } as const
    try {
      await workspace.client.chat.update(changed)
      return null
    } catch (error) {
      if (!NO_LONGER_OURS.has(slackCodeOf(error) ?? '')) throw error
    }
  }
  return await postContent(workspace, place, content)
}

function contentArguments({ text, below, mark }: MessageContent) {
  return { text: text.slice(0, MAX_EDITED_CHARACTERS), blocks: [section(text, mark), ...below] }
}
