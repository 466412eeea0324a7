// What moderation asks of Slack: to post and to change a post. Slack lets no bot delete what people posted or keep them from
// posting, so neither is offered.

import type { Logger } from '../../../src/logger.ts'
import type { AlertPicture, ModerationDesk } from '../../../src/moderation/platform/desk.ts'
import type { AlertAction, Notice, NoticeFile } from '../../../src/moderation/platform/notice.ts'
import type {
  ActionOutcome,
  AlertPlace,
  ModeratedPlatform,
  PostOutcome,
  Presence,
  ReplaceOutcome,
} from '../../../src/moderation/platform/platform.ts'
import type { PostPlace } from '../../../src/moderation/platform/post-place.ts'
import { section } from '../blocks.ts'
import { QUIET } from '../edited-message.ts'
import { objectIn, textIn } from '../json.ts'
import { findMarked } from '../open-questions.ts'
import { SLACK, slackIdOf } from '../place.ts'
import { escaped } from '../render.ts'
import {
  describeError,
  isPlaceGone,
  mayWorkLater,
  missingScopeOf,
  retryAfterSecondsOf,
  slackCodeOf,
} from '../slack-error.ts'
import type { Workspace } from '../workspace.ts'
import type { Workspaces } from '../workspaces.ts'
import { NoticeFiles, type ShowOutcome } from './notice-files.ts'
import { renderNotice } from './render-notice.ts'

/** A channel of a workspace, or the direct message with a person. */
interface Target {
  readonly workspace: Workspace
  readonly slackId: string
}

/** Slack lets an app ask some fifty times a minute, about all channels together. */
const READING_KNOWN_MS = 10 * 60 * 1000
/** The first message of a thread about an alert is found again by it. */
const THREAD_MARK = 'alert-thread'
/** Nothing is posted again that was tried longer ago. */
const LOOKED_BACK_MS = 24 * 60 * 60 * 1000

/** Slack as moderation sees it. */
export class SlackModeration implements ModeratedPlatform {
  readonly platform = SLACK
  readonly actions: readonly AlertAction[] = ['thread']
  readonly #workspaces: Workspaces
  readonly #logger: Logger
  readonly #files: NoticeFiles
  /** Whether channels can be read, and until when that need not be asked again. */
  readonly #reading = new Map<string, { readonly presence: Presence; readonly untilMs: number }>()
  /** Until when Slack wants to be asked for none of a workspace. */
  readonly #restsUntilMs = new Map<string, number>()
  #desk: ModerationDesk | null = null

  constructor(workspaces: Workspaces, logger: Logger) {
    this.#workspaces = workspaces
    this.#logger = logger
    this.#files = new NoticeFiles(logger)
  }

  /** Null while moderation is off. */
  get desk(): ModerationDesk | null {
    return this.#desk
  }

  connect(desk: ModerationDesk): void {
    this.#desk = desk
  }

  async linkTo({ channelId, messageId }: PostPlace): Promise<string | null> {
    try {
      const { workspace, slackId } = await this.#target(channelId)
      const answer = await workspace.client.chat.getPermalink({ channel: slackId, message_ts: messageId })
      return answer.permalink ?? null
    } catch (error) {
      this.#logger.info({ channel: channelId, reason: describeError(error) }, 'a link to a post could not be had')
      return null
    }
  }

  /** @param key absent for what is posted once for whoever asked */
  async post(to: string, notice: Notice, key?: string): Promise<PostOutcome> {
    try {
      const { workspace, slackId } = await this.#target(to)
      const { text, blocks, rest } = renderNotice(notice, await namesIn(workspace, notice), key)
      const files = [...filesOf(notice), ...restFile(notice, rest)]
      const earlier = key === undefined ? null : await postedBefore(workspace, slackId, key)
      if (earlier !== null) {
        await this.#files.attachMissing(workspace, slackId, earlier, files)
        return { kind: 'posted', reference: earlier }
      }
      const posted = await workspace.client.chat.postMessage({ channel: slackId, text, blocks, ...QUIET })
      const { ts, channel = slackId } = posted
      if (ts === undefined) return { kind: 'unreachable', reason: 'no_timestamp' }
      await this.#files.attach(workspace, channel, ts, files)
      return { kind: 'posted', reference: ts }
    } catch (error) {
      return { kind: mayWorkLater(error) ? 'unreachable' : 'refused', reason: describeError(error) }
    }
  }

  async replace(to: string, reference: string, notice: Notice): Promise<ReplaceOutcome> {
    try {
      const { workspace, slackId } = await this.#target(to)
      const { text, blocks, rest } = renderNotice(notice, await namesIn(workspace, notice))
      let refusal: unknown = null
      try {
        await workspace.client.chat.update({ channel: slackId, ts: reference, text, blocks })
      } catch (error) {
        if (mayWorkLater(error)) throw error
        refusal = error
      }
      // Pictures stay below a post that somebody deleted.
      await this.#files.inTurn(slackId, reference, () => this.#files.remove(workspace, slackId, reference))
      if (refusal !== null) throw refusal
      await this.#files.attach(workspace, slackId, reference, restFile(notice, rest))
      return 'replaced'
    } catch (error) {
      this.#logger.info({ channel: to, reason: describeError(error) }, 'a post of moderation could not be changed')
      return mayWorkLater(error) ? 'unreachable' : 'gone'
    }
  }

  async hasPost({ channelId, messageId: ts }: PostPlace): Promise<Presence> {
    return await this.#presence(
      channelId,
      ['thread_not_found', 'message_not_found'],
      async ({ workspace, slackId }) => {
        // Finds replies too, which the history of a channel leaves out; of a post without replies it gives the post.
        const range = { oldest: ts, latest: ts, inclusive: true }
        const { messages = [] } = await workspace.client.conversations.replies({ channel: slackId, ts, ...range })
        const found = messages.find((message) => message.ts === ts)
        if (found === undefined) return 'unknown'
        // Stands where a deleted post has replies.
        return textIn(objectIn(found), 'subtype') === 'tombstone' ? 'gone' : 'there'
      },
    )
  }

  async hasPlace(groupId: string, channelId?: string): Promise<Presence> {
    if (channelId !== undefined) {
      return await this.#presence(channelId, ['channel_not_found'], async ({ workspace, slackId }) => {
        await workspace.client.conversations.info({ channel: slackId })
        return 'there'
      })
    }
    // So Slack answers a token of a workspace that has removed the app; a token that is only revoked may be given anew.
    return await this.#presence(`${groupId}:`, ['account_inactive'], async ({ workspace }) => {
      await workspace.client.auth.test()
      return 'there'
    })
  }

  async mayRead(channelId: string): Promise<Presence> {
    const known = this.#reading.get(channelId)
    if (known !== undefined && performance.now() < known.untilMs) return known.presence
    let untilMs = performance.now() + READING_KNOWN_MS
    const presence = await this.#presence(channelId, ['channel_not_found'], async ({ workspace, slackId }) => {
      const restsUntilMs = this.#restsUntilMs.get(workspace.teamId) ?? 0
      if (performance.now() < restsUntilMs) {
        untilMs = restsUntilMs
        return 'unknown'
      }
      try {
        const { channel } = await workspace.hastyClient.conversations.info({ channel: slackId })
        return channel?.is_member === false || channel?.is_archived === true ? 'gone' : 'there'
      } catch (error) {
        const seconds = retryAfterSecondsOf(error)
        if (seconds !== undefined) {
          untilMs = performance.now() + seconds * 1000
          this.#restsUntilMs.set(workspace.teamId, untilMs)
        }
        throw error
      }
    })
    // One that cannot be read is asked about again, so that it is seen when somebody lets Valley in.
    if (presence !== 'gone') this.#reading.set(channelId, { presence, untilMs })
    return presence
  }

  /** Has `mayRead` ask anew: Slack said that Valley left a channel, or that one ended. */
  readingChanged(): void {
    this.#reading.clear()
  }

  async #presence(id: string, gone: readonly string[], ask: (target: Target) => Promise<Presence>): Promise<Presence> {
    try {
      return await ask(await this.#target(id))
    } catch (error) {
      return gone.includes(slackCodeOf(error) ?? '') ? 'gone' : 'unknown'
    }
  }

  async act(action: AlertAction, _post: PostPlace, { channelId, reference, name }: AlertPlace): Promise<ActionOutcome> {
    if (action !== 'thread') return 'bot-may-not'
    try {
      const { workspace, slackId } = await this.#target(channelId)
      const text = escaped(name)
      // One is enough, whoever pressed, and however often a crash had it tried.
      const [first] = await findMarked(workspace, { channel: slackId, threadTs: reference }, reference, THREAD_MARK)
      if (first !== undefined) return 'done'
      const blocks = [section(text, THREAD_MARK)]
      await workspace.client.chat.postMessage({ channel: slackId, thread_ts: reference, text, blocks, ...QUIET })
      return 'done'
    } catch (error) {
      return isPlaceGone(error) ? 'gone' : 'failed'
    }
  }

  /**
   * Shows the picture of an alert as it is, below the alert. Never rejects.
   * @param look gets it; null when it may not be shown, or not any more. Asked again once it is shown
   */
  async show(
    workspace: Workspace,
    channel: string,
    alertTs: string,
    look: () => Promise<AlertPicture | null>,
  ): Promise<ShowOutcome | null> {
    return await this.#files.inTurn(channel, alertTs, async () => {
      const picture = await look()
      if (picture === null) return null
      const { png: content, description } = picture
      const outcome = await this.#files.show(workspace, channel, alertTs, { content, description })
      // Another process may have had it decided meanwhile, and looked for pictures before this one stood there.
      if (outcome === 'shown-before' || (await look()) !== null) return outcome
      await this.#files.hide(workspace, channel, alertTs)
      return null
    })
  }

  /** Ids name their workspace; those of a rules file may leave it out where there is one. */
  async #target(id: string): Promise<Target> {
    const parts = id.split(':')
    const slackId = parts.at(-1) ?? ''
    const workspace = parts.length > 2 ? await this.#workspaces.byTeam(parts[1] ?? '') : await this.#workspaces.only()
    return { workspace, slackId: isPerson(slackId) ? await directWith(workspace, slackId) : slackId }
  }
}

function isPerson(slackId: string): boolean {
  return /^[UW]/.test(slackId)
}

/** Posts to a person are found and changed only by the id of the channel; without the scope for it they can be posted still. */
async function directWith({ client }: Workspace, userId: string): Promise<string> {
  const opened = await client.conversations.open({ users: userId }).catch((error: unknown) => {
    if (missingScopeOf(error) === undefined) throw error
    return null
  })
  return opened?.channel?.id ?? userId
}

/** A post whose answer was lost, e.g. with the process, is found by its mark. */
async function postedBefore(workspace: Workspace, channel: string, key: string): Promise<string | null> {
  const since = String((Date.now() - LOOKED_BACK_MS) / 1000)
  const [ts] = await findMarked(workspace, { channel, threadTs: undefined }, since, key)
  return ts ?? null
}

function filesOf({ picture, files = [] }: Notice): NoticeFile[] {
  if (picture === undefined) return [...files]
  return [{ name: 'frames.png', content: picture.blurredPng, description: picture.description }, ...files]
}

function restFile({ restName }: Notice, rest: string | null): NoticeFile[] {
  return rest === null ? [] : [{ name: restName, content: Buffer.from(rest) }]
}

/** What the people of a post are called; an id where that cannot be had. */
async function namesIn(workspace: Workspace, { lines }: Notice): Promise<(id: string) => string> {
  const people = new Set(
    lines.flat().flatMap((span) => (typeof span !== 'string' && span.kind === 'user' ? [span.id] : [])),
  )
  const names = new Map<string, string>()
  for (const id of people) {
    const slackId = slackIdOf(id)
    if (slackId !== null) names.set(id, await workspace.nameOf(slackId))
  }
  return (id) => names.get(id) ?? slackIdOf(id) ?? id
}
