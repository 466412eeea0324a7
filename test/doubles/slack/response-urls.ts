import { type Json, jsonArray, stringIn } from './json.ts'
import { changeMessage, deleteMessage, postMessage } from './posting.ts'
import type { Stage } from './stage.ts'
import type { Channel, EphemeralMessage } from './world/channel.ts'
import { type Message, setText } from './world/message.ts'
import type { Workspace } from './world/workspace.ts'

/** A response URL lives so long and takes so many posts. @see https://docs.slack.dev/interactivity/handling-user-interaction */
const LIFETIME_MS = 30 * 60_000
const MAX_POSTS = 5

/** What a response URL is for. */
interface ResponseUrl {
  readonly workspace: Workspace
  readonly channel: Channel
  readonly userId: string
  /** The message that the interaction was on, which `replace_original` replaces. */
  source: Message | EphemeralMessage | null
  readonly expiresMs: number
  posts: number
}

/** Addresses that let the app answer an interaction without a token. */
export class ResponseUrls {
  readonly #stage: Stage
  readonly #byPath = new Map<string, ResponseUrl>()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** @param kind `commands` for a slash command, `actions` for an interaction */
  create(
    kind: 'commands' | 'actions',
    place: { readonly workspace: Workspace; readonly channel: Channel; readonly userId: string },
    source: Message | EphemeralMessage | null = null,
  ): string {
    const { clock, origins } = this.#stage.world
    const path = `/${kind}/${place.workspace.id}/${crypto.randomUUID()}`
    this.#byPath.set(path, { ...place, source, expiresMs: clock.now() + LIFETIME_MS, posts: 0 })
    return `${origins.hooks}${path}`
  }

  /** Takes what the app posts. @returns status and text of the response */
  receive(path: string, body: Json): { readonly status: number; readonly text: string } {
    const url = this.#byPath.get(path)
    if (url === undefined) return { status: 404, text: 'invalid_url' }
    if (this.#stage.world.clock.now() > url.expiresMs) return { status: 404, text: 'expired_url' }
    if (url.posts >= MAX_POSTS) return { status: 404, text: 'used_url' }
    const isEmpty = stringIn(body, 'text') === undefined && jsonArray(body.blocks).length === 0
    if (isEmpty && body.delete_original !== true) return { status: 400, text: 'no_text' }
    url.posts += 1
    this.#respond(url, body)
    return { status: 200, text: 'ok' }
  }

  /** Shows what an acknowledgement of a slash command carries, as if it came over the response URL. */
  showAcknowledgement(responseUrl: string, payload: Json): void {
    const url = this.#byPath.get(new URL(responseUrl).pathname)
    const isEmpty = stringIn(payload, 'text') === undefined && jsonArray(payload.blocks).length === 0
    if (url !== undefined && !isEmpty) this.#respond(url, payload)
  }

  #respond(url: ResponseUrl, body: Json): void {
    if (body.delete_original === true) this.#remove(url)
    else this.#show(url, body)
    this.#stage.world.changed()
  }

  #show(url: ResponseUrl, body: Json): void {
    const { world } = this.#stage
    const { workspace, channel, source, userId } = url
    const text = stringIn(body, 'text') ?? ''
    const blocks = Array.isArray(body.blocks) ? jsonArray(body.blocks) : null
    const linksNames = body.link_names === true || body.parse === 'full'
    world.recordPings(workspace.id, channel.id, { text, blocks, attachments: body.attachments, linksNames })
    const threadTs = stringIn(body, 'thread_ts') ?? null
    if (body.replace_original === true && source !== null) {
      this.#replace(url, source, text, blocks)
    } else if (body.response_type === 'in_channel') {
      url.source = postMessage(this.#stage, workspace, channel, workspace.botUser, { text, blocks, threadTs })
    } else {
      const ts = world.identifiers.timestamp()
      url.source = { ts, channelId: channel.id, userId, threadTs, text, blocks }
      channel.ephemerals.push(url.source)
    }
  }

  #replace(
    { workspace, channel }: ResponseUrl,
    source: Message | EphemeralMessage,
    text: string,
    blocks: Json[] | null,
  ): void {
    if (!('versions' in source)) {
      source.text = text
      source.blocks = blocks
      return
    }
    changeMessage(this.#stage, workspace, channel, source, () => {
      setText(source, text)
      source.blocks = blocks
    })
  }

  #remove({ workspace, channel, source }: ResponseUrl): void {
    if (source === null) return
    if ('versions' in source) deleteMessage(this.#stage, workspace, channel, source)
    else channel.ephemerals.splice(channel.ephemerals.indexOf(source), 1)
  }
}
