// Files of messages: what Discord keeps of an upload, and the signed addresses under which it can be had.
// https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
import { createHmac, timingSafeEqual } from 'node:crypto'
import { extname } from 'node:path'
import type { APIAttachment } from 'discord.js'
import type { AttachmentState } from '../world/state.ts'
import type { World } from '../world/world.ts'

const SIGNING_KEY = 'the double signs with this'
/** How long a signed address works; about a day in practice, not documented. */
const URL_LIFETIME_MS = 24 * 60 * 60 * 1000

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.avi': 'video/x-msvideo',
  '.gif': 'image/gif',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.mp3': 'audio/mpeg',
  '.txt': 'text/plain; charset=utf-8',
}

/** A file that somebody attaches. */
export interface FileUpload {
  readonly name: string
  readonly bytes: Uint8Array
  /** As Discord would report it; by the name's ending when left out, null for an ending that it does not know. */
  readonly contentType?: string | null
  /** The size that messages claim, bytes; the true one when left out. */
  readonly claimedSize?: number
  readonly description?: string
}

/** Puts a file on the CDN. */
export function storeAttachment(
  world: World,
  channelId: string,
  file: FileUpload,
  isEphemeral = false,
): AttachmentState {
  const attachment: AttachmentState = {
    id: world.ids.next(),
    channelId,
    // Discord keeps letters, digits, dot, dash and underscore of a file's name.
    name: file.name.replaceAll(/[^\w.-]+/g, '_'),
    contentType: file.contentType === undefined ? contentTypeOf(file.name) : file.contentType,
    bytes: Buffer.from(file.bytes),
    size: file.claimedSize ?? file.bytes.length,
    description: file.description ?? null,
    isEphemeral,
  }
  world.attachments.set(attachment.id, attachment)
  return attachment
}

/** The attachment as a payload shows it, with an address that is good from now on. */
export function renderAttachment(world: World, attachment: AttachmentState): APIAttachment {
  const url = signedUrl(world, attachment)
  return {
    id: attachment.id,
    filename: attachment.name,
    size: attachment.size,
    url,
    proxy_url: url,
    ...(attachment.contentType === null ? {} : { content_type: attachment.contentType }),
    ...(attachment.description === null ? {} : { description: attachment.description }),
    ...(attachment.isEphemeral ? { ephemeral: true } : {}),
  }
}

/** Path of an attachment on the CDN, without its signature. */
export function attachmentPath(attachment: AttachmentState): string {
  const folder = attachment.isEphemeral ? 'ephemeral-attachments' : 'attachments'
  return `/${folder}/${attachment.channelId}/${attachment.id}/${attachment.name}`
}

/** An address with `ex`, `is` and `hm`: hexadecimal seconds of expiry and of issue, and a signature over both. */
export function signedUrl(world: World, attachment: AttachmentState): string {
  const path = attachmentPath(attachment)
  const issued = Math.floor(world.clock.now() / 1000).toString(16)
  const expires = Math.floor((world.clock.now() + URL_LIFETIME_MS) / 1000).toString(16)
  return `${world.origin}${path}?ex=${expires}&is=${issued}&hm=${sign(path, expires, issued)}&`
}

/** True when an address carries a signature of ours that has not expired. */
export function isSignatureGood(world: World, path: string, query: URLSearchParams): boolean {
  const [expires, issued, signature] = ['ex', 'is', 'hm'].map((name) => query.get(name) ?? '')
  const expected = Buffer.from(sign(path, expires!, issued!))
  const given = Buffer.from(signature!)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
  return Number.parseInt(expires!, 16) * 1000 > world.clock.now()
}

function sign(path: string, expires: string, issued: string): string {
  return createHmac('sha256', SIGNING_KEY).update(`${path}|${expires}|${issued}`).digest('hex')
}

function contentTypeOf(name: string): string | null {
  return CONTENT_TYPES[extname(name).toLowerCase()] ?? null
}
