// Files under posts of moderation: pictures of alerts, and texts that are too long for a post.
import type { Logger } from '../../../src/logger.ts'
import type { NoticeFile } from '../../../src/moderation/platform/notice.ts'
import { type Json, listIn, objectIn, textIn } from '../json.ts'
import { THREAD_SEARCH_POSTS } from '../limits.ts'
import { describeError, mayWorkLater, slackCodeOf } from '../slack-error.ts'
import type { Workspace } from '../workspace.ts'

/** The picture of an alert as it is; the blurred one has another name. */
const SHOWN_PICTURE = 'frames-shown.png'
/** Answers for a file that somebody has deleted. */
const FILE_GONE = new Set(['file_deleted', 'file_not_found'])

/** How showing a picture ended; `shown-before` when it stands there already. */
export type ShowOutcome = 'shown' | 'shown-before' | 'failed'

/** Posts files below posts, and deletes them. */
export class NoticeFiles {
  readonly #logger: Logger
  /** Ids of pictures that were shown, by alert: Slack answers an upload before it stands in the thread. */
  readonly #shown = new Map<string, string>()
  /** The last step under way below each post. */
  readonly #steps = new Map<string, Promise<unknown>>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Runs steps about the files below one post after each other, so that none is shown while they are deleted. */
  async inTurn<Result>(channel: string, ts: string, step: () => Promise<Result>): Promise<Result> {
    const key = keyOf(channel, ts)
    const mine = (this.#steps.get(key) ?? Promise.resolve()).then(step)
    const settled = mine.catch(() => {})
    this.#steps.set(key, settled)
    try {
      return await mine
    } finally {
      if (this.#steps.get(key) === settled) this.#steps.delete(key)
    }
  }

  /** A post stands without its files, so a failure is only logged. */
  async attach(workspace: Workspace, channel: string, ts: string, files: readonly NoticeFile[]): Promise<void> {
    for (const file of files) await this.#upload(workspace, channel, ts, file)
  }

  /**
   * Attaches those that are not there yet: a crash may have come before them.
   * @throws SlackError when that can be found out later
   */
  async attachMissing(workspace: Workspace, channel: string, ts: string, files: readonly NoticeFile[]): Promise<void> {
    if (files.length === 0) return
    const below = await filesBelow(workspace, channel, ts).catch((error: unknown) => {
      if (mayWorkLater(error)) throw error
      return null
    })
    if (below === null) return
    const missing = files.filter((file) => !below.some(({ name }) => name === file.name))
    await this.attach(workspace, channel, ts, missing)
  }

  /** Shows the picture of an alert as it is, once, until somebody deletes it. Never rejects. */
  async show(
    workspace: Workspace,
    channel: string,
    ts: string,
    picture: Omit<NoticeFile, 'name'>,
  ): Promise<ShowOutcome> {
    if (await this.#isShown(workspace, channel, ts)) return 'shown-before'
    const id = await this.#upload(workspace, channel, ts, { ...picture, name: SHOWN_PICTURE })
    if (id === null) return 'failed'
    this.#shown.set(keyOf(channel, ts), id)
    return 'shown'
  }

  /** Deletes the picture that was shown on request. Never rejects; what fails is logged. */
  async hide(workspace: Workspace, channel: string, ts: string): Promise<void> {
    // One whose upload had no answer is found by its name alone.
    const below = await filesBelow(workspace, channel, ts).catch(() => [])
    const named = below.filter(({ name }) => name === SHOWN_PICTURE).map(({ id }) => id)
    await this.#delete(workspace, channel, ts, named).catch(() => {})
  }

  /**
   * Deletes the files below a post, those that were shown on request among them.
   * @throws SlackError when some may be deleted later
   */
  async remove(workspace: Workspace, channel: string, ts: string): Promise<void> {
    const below = (await filesBelow(workspace, channel, ts)).map(({ id }) => id)
    await this.#delete(workspace, channel, ts, below)
  }

  /** Deletes files, and the one that was shown. @throws SlackError when some may be deleted later */
  async #delete(workspace: Workspace, channel: string, ts: string, ids: readonly string[]): Promise<void> {
    let later: unknown = null
    const shown = this.#shown.get(keyOf(channel, ts))
    for (const id of new Set([...ids, ...(shown === undefined ? [] : [shown])])) {
      try {
        await workspace.client.files.delete({ file: id })
      } catch (error) {
        if (FILE_GONE.has(slackCodeOf(error) ?? '')) continue
        this.#logger.warn({ channel, reason: describeError(error) }, 'a file of moderation was not deleted')
        if (mayWorkLater(error)) later = error
      }
    }
    if (later !== null) throw later
    this.#shown.delete(keyOf(channel, ts))
  }

  async #isShown(workspace: Workspace, channel: string, ts: string): Promise<boolean> {
    const id = this.#shown.get(keyOf(channel, ts))
    if (id !== undefined && (await isThere(workspace, id))) return true
    // Shown before a restart, or by another process.
    const below = await filesBelow(workspace, channel, ts).catch(() => [])
    return below.some(({ name }) => name === SHOWN_PICTURE)
  }

  /** @returns its id; null when it was not posted, which is logged */
  async #upload(
    { client }: Workspace,
    channel: string,
    ts: string,
    { name, content, description }: NoticeFile,
  ): Promise<string | null> {
    const words = description === undefined ? {} : { title: description, alt_text: description }
    const file = { file: Buffer.from(content), filename: name, channel_id: channel, thread_ts: ts, ...words }
    try {
      const answer = await client.filesUploadV2(file)
      return answer.files.flatMap(({ files = [] }) => files)[0]?.id ?? ''
    } catch (error) {
      this.#logger.warn({ channel, reason: describeError(error) }, 'a file of moderation was not posted')
      return null
    }
  }
}

function keyOf(channel: string, ts: string): string {
  return `${channel}:${ts}`
}

/** False when a file was deleted; one of which nothing else can be told is there. */
async function isThere({ client }: Workspace, id: string): Promise<boolean> {
  try {
    const { file } = await client.files.info({ file: id })
    return !isDeleted(objectIn(file))
  } catch (error) {
    return !FILE_GONE.has(slackCodeOf(error) ?? '')
  }
}

/** What stands in place of a deleted file. */
function isDeleted(file: Json): boolean {
  return textIn(file, 'mode') === 'tombstone'
}

/** Our own files in the thread below a post. @throws SlackError */
async function filesBelow(
  { client, botUserId }: Workspace,
  channel: string,
  ts: string,
): Promise<{ readonly id: string; readonly name: string | undefined }[]> {
  const { messages = [] } = await client.conversations.replies({ channel, ts, limit: THREAD_SEARCH_POSTS })
  return messages
    .filter((message) => textIn(message, 'user') === botUserId)
    .flatMap((message) => listIn(message, 'files'))
    .filter((file) => !isDeleted(file))
    .map((file) => ({ id: textIn(file, 'id') ?? '', name: textIn(file, 'name') }))
}
