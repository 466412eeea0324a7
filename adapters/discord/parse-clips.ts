// What of a post is a clip: files, videos that embeds show from Discord's own hosts, and the same of a forwarded post.
import { createHash } from 'node:crypto'
import { type APIEmbed, type APIEmbedVideo, type APIMessage, EmbedMediaFlags, type Message } from 'discord.js'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import { PLATFORM } from './places.ts'

/** A clip with the address that came with it, which expires. */
export interface FoundClip {
  readonly clip: IncomingClip
  readonly url: string
  /** True for a picture that does not move, as far as its post tells. */
  readonly isStill?: true
}

/** A file as events and REST both show it. */
export interface PostedFile {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly contentType: string | null
  readonly url: string
}

/** What a post holds, as events and REST both show it. */
export interface PostContent {
  readonly channelId: string
  readonly id: string
  readonly files: readonly PostedFile[]
  readonly embeds: readonly APIEmbed[]
}

/** Names by which a picture or a video is known when Discord states no type. */
const CLIP_NAME = /\.(mp4|m4v|mov|webm|mkv|avi|mpe?g|ts|3gp|ogv|gif|png|jpe?g|webp|avif|apng)$/i
/** Those of them that are of pictures which rarely move. */
const STILL_NAME = /\.(png|jpe?g|webp|avif)$/i
/** What Discord states of a file of which it was told nothing. */
const NO_TYPE = 'application/octet-stream'
/** Embeds that show media; a `rich` one is somebody's card, whose pictures are decoration. */
const MEDIA_EMBEDS: readonly (string | undefined)[] = ['video', 'gifv', 'image']

/** The content of a post that an event brought. What was forwarded counts as its own. */
export function contentOfMessage(message: Message): PostContent {
  const shown = [message, ...message.messageSnapshots.values()]
  return {
    channelId: message.channelId,
    id: message.id,
    files: shown.flatMap(({ attachments }) => [...attachments.values()]),
    embeds: shown.flatMap(({ embeds }) => embeds.map(({ data }) => data)),
  }
}

/** The content of a post that was asked for. */
export function contentOfApiMessage(message: APIMessage): PostContent {
  const shown = [message, ...(message.message_snapshots ?? []).map((snapshot) => snapshot.message)]
  return {
    channelId: message.channel_id,
    id: message.id,
    files: shown.flatMap(({ attachments }) =>
      attachments.map(({ id, filename, size, content_type, url }) => {
        return { id, name: filename, size, contentType: content_type ?? null, url }
      }),
    ),
    embeds: shown.flatMap(({ embeds }) => embeds),
  }
}

/**
 * Finds the clips of a post in order, files before embeds. When none of its files looks like a clip, all of them are taken
 * for one: whoever reads them says what is wrong.
 * @param clipHosts hosts that clips may come from
 */
export function findClips({ channelId, id, files, embeds }: PostContent, clipHosts: readonly string[]): FoundClip[] {
  const likely = files.filter(looksLikeClip)
  const shown = embeds.flatMap((embed) => clipOfEmbed(embed, `${channelId}/${id}`, clipHosts))
  const taken = likely.length + shown.length > 0 ? likely : files
  return [...taken.map((file) => clipOfFile(file, `${channelId}/${id}`)), ...shown]
}

/**
 * The clip of one file.
 * @param owner what it hangs on: `channel/message`, or `option/interaction`
 */
export function clipOfFile(file: PostedFile, owner: string): FoundClip {
  const { id, name, size, url } = file
  const type = typeOf(file)
  const isStill = type === null ? STILL_NAME.test(name) : /^image\/(?!gif$)/.test(type)
  const mediaType = type === null ? {} : { mediaType: type }
  const clip = { platform: PLATFORM, handle: `${owner}/${id}`, name, bytes: size, ...mediaType }
  return { clip, url, ...(isStill ? { isStill } : {}) }
}

function looksLikeClip(file: PostedFile): boolean {
  const type = typeOf(file)
  return type === null ? CLIP_NAME.test(file.name) : /^(video|image)\//.test(type)
}

/** @returns null when only the name tells what it is */
function typeOf({ name, contentType }: PostedFile): string | null {
  return contentType === NO_TYPE && CLIP_NAME.test(name) ? null : contentType
}

function clipOfEmbed(embed: APIEmbed, owner: string, clipHosts: readonly string[]): FoundClip[] {
  if (!MEDIA_EMBEDS.includes(embed.type)) return []
  const media = embed.video ?? embed.image ?? embed.thumbnail
  const url = [media?.url, media?.proxy_url].find((one) => one !== undefined && isOnHost(one, clipHosts))
  if (url === undefined) return []
  const path = new URL(url).pathname
  // The path names the content; the query holds only the signature. A hash, since a path has no bound.
  const key = createHash('sha256').update(path).digest('hex').slice(0, 24)
  const name = path.split('/').at(-1)
  const clip = { platform: PLATFORM, handle: `${owner}/embed-${key}`, ...(name ? { name } : {}) }
  const isStill = embed.video === undefined && media !== undefined && !mayMove(media)
  return [{ clip, url, ...(isStill ? { isStill } : {}) }]
}

/** True for a picture of an embed that moves: Discord says so, or, where it says little, its address. */
function mayMove({ url, proxy_url: copy, content_type: type, flags }: APIEmbedVideo): boolean {
  if (((flags ?? 0) & EmbedMediaFlags.IsAnimated) !== 0 || type === 'image/gif') return true
  if (type !== undefined && type !== 'image/webp') return false
  return [url, copy].some((one) => one !== undefined && namesMovingPicture(one))
}

function namesMovingPicture(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { pathname, searchParams } = new URL(url)
  return /\.gif$/i.test(pathname) || (/\.webp$/i.test(pathname) && searchParams.get('animated') === 'true')
}

/** True for an address on one of the hosts, which may name a port. */
function isOnHost(url: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false
  const { host, hostname, protocol } = new URL(url)
  return /^https?:$/.test(protocol) && hosts.some((one) => one === host || one === hostname)
}
