// An answer by Slack's own streaming (chat.startStream, appendStream, stopStream): it only grows, and may end from Slack's
// side at any time. The calls are made here rather than by Bolt's ChatStreamer, which starts a stream without text when
// nothing came, and sends a piece twice when an answer of Slack was lost.
import { type types, webApi } from '@slack/bolt'
import type { Logger } from '../../src/logger.ts'
import { postContent, putContent } from './edited-message.ts'
import { APPEND_INTERVAL_MS, MAX_MARKDOWN_CHARACTERS } from './limits.ts'
import { Pacer } from './pacer.ts'
import type { Place } from './place.ts'
import { safeMarkdown, toMessages } from './render.ts'
import { describeError, isPlaceGone, retryAfterSecondsOf, slackCodeOf } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

/** For whom an answer is streamed; Slack asks for it in channels. */
export interface Recipient {
  readonly userId: string
  readonly teamId: string
}

/** What a stream tells of itself. */
export interface StreamListener {
  /** The person pressed Slack's own stop. */
  stopped(): void
  /** Nothing of it can be seen, and nothing will: show the answer in another way. */
  failedToStart(): void
  /** Nothing can be shown at the place any more. */
  gone(error: unknown): void
  /** Its message is there. */
  posted(ts: string): void
}

/** One escaped character may take five. */
const LONGEST_PIECE_CHARACTERS = Math.floor(MAX_MARKDOWN_CHARACTERS / '&amp;'.length)

/** One answer that is streamed into a thread. */
export class AnswerStream {
  readonly #workspace: Workspace
  readonly #place: Place
  readonly #recipient: Recipient
  readonly #logger: Logger
  readonly #listener: StreamListener
  readonly #pacer = new Pacer(() => this.#put())
  #text = ''
  #sentCharacters = 0
  #ts: string | undefined
  /** Set once the stream takes nothing more. */
  #isClosed = false
  /** Set when it is not known whether a piece arrived; the whole text is then written anew at the end. */
  #isDoubtful = false

  constructor(workspace: Workspace, place: Place, recipient: Recipient, logger: Logger, listener: StreamListener) {
    this.#workspace = workspace
    this.#place = place
    this.#recipient = recipient
    this.#logger = logger
    this.#listener = listener
  }

  /** True once some of it can be seen. */
  get isVisible(): boolean {
    return this.#ts !== undefined
  }

  /** Adds to the answer; shown at Slack's pace. */
  append(text: string): void {
    this.#text += text
    if (!this.#isClosed) this.#pacer.request()
  }

  /** Waits for the call under way, so that `isVisible` is final. */
  async settle(): Promise<void> {
    await this.#pacer.close()
  }

  /**
   * Shows what is missing and closes the stream; where Slack closed it before, the message is edited, and where somebody
   * deleted it, the answer is posted anew.
   * @param below blocks under the answer
   * @throws SlackError when Slack takes it in no way
   */
  async end(below: readonly types.KnownBlock[]): Promise<void> {
    await this.settle()
    if (this.#ts === undefined) return
    const rest = this.#text.slice(this.#sentCharacters)
    const fits = rest.length <= LONGEST_PIECE_CHARACTERS && !this.#isDoubtful && !this.#isClosed
    const isStopped = await this.#stop(this.#ts, fits ? rest : '', below)
    if (fits && isStopped) return
    const [first = '', ...others] = toMessages(this.#text)
    await putContent(this.#workspace, this.#place, this.#ts, { text: first, below: others.length === 0 ? below : [] })
    for (const [index, text] of others.entries()) {
      const isLast = index === others.length - 1
      await postContent(this.#workspace, this.#place, { text, below: isLast ? below : [] })
    }
  }

  /** @returns false when the stream had ended before */
  async #stop(ts: string, rest: string, below: readonly types.KnownBlock[]): Promise<boolean> {
    const { channel } = this.#place
    const addition = rest === '' ? {} : { markdown_text: safeMarkdown(rest) }
    try {
      await this.#workspace.client.chat.stopStream({ channel, ts, ...addition, blocks: [...below] })
      return true
    } catch (error) {
      if (isPlaceGone(error)) throw error
      this.#logger.info({ channel, reason: describeError(error) }, 'stream ended early; the message is edited')
      return false
    }
  }

  async #put(): Promise<number> {
    const piece = this.#text.slice(this.#sentCharacters, this.#sentCharacters + LONGEST_PIECE_CHARACTERS)
    if (piece === '' || this.#isClosed) return 0
    try {
      await this.#send(safeMarkdown(piece))
      this.#sentCharacters += piece.length
    } catch (error) {
      const seconds = retryAfterSecondsOf(error)
      if (seconds === undefined) this.#fail(error, piece)
      else {
        this.#pacer.request()
        return seconds * 1000
      }
    }
    if (this.#sentCharacters < this.#text.length) this.#pacer.request()
    return APPEND_INTERVAL_MS
  }

  async #send(markdown: string): Promise<void> {
    const { hastyClient } = this.#workspace
    const { channel, threadTs } = this.#place
    if (this.#ts !== undefined) {
      await hastyClient.chat.appendStream({ channel, ts: this.#ts, markdown_text: markdown })
      return
    }
    const { userId, teamId } = this.#recipient
    const started = await hastyClient.chat.startStream({
      channel,
      thread_ts: threadTs ?? '',
      recipient_user_id: userId,
      recipient_team_id: teamId,
      markdown_text: markdown,
    })
    this.#ts = started.ts
    if (started.ts !== undefined) this.#listener.posted(started.ts)
  }

  #fail(error: unknown, piece: string): void {
    const fields = { channel: this.#place.channel, reason: describeError(error) }
    if (this.#ts === undefined) {
      this.#isClosed = true
      if (isPlaceGone(error)) this.#listener.gone(error)
      else {
        this.#logger.warn(fields, 'streaming refused; the answer is shown by edits')
        this.#listener.failedToStart()
      }
    } else if (slackCodeOf(error) === 'stopped_by_user') {
      this.#isClosed = true
      this.#listener.stopped()
    } else if (error instanceof webApi.WebAPIPlatformError) {
      this.#isClosed = true
      if (isPlaceGone(error)) this.#listener.gone(error)
      else this.#logger.info(fields, 'stream ended early')
    } else {
      this.#isDoubtful = true
      this.#sentCharacters += piece.length
    }
  }
}
