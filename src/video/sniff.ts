// What a file really is, by its first bytes, before ffmpeg sees it. ffmpeg guesses too, but its guess includes playlists
// and concat lists, which are texts that make it open other files; a clip named .mp4 may be such a text.
import { open } from 'node:fs/promises'
import { fileTypeFromBuffer } from 'file-type'
import { AppError } from '../errors.ts'

/** What the bytes say of a clip. */
export interface SniffedClip {
  /** Name of the one ffmpeg demuxer that may read it. */
  readonly demuxer: string
  /** True for containers that hold one picture by their nature. */
  readonly isStill: boolean
  /** MIME type, e.g. `video/mp4`. */
  readonly mimeType: string
}

/** Enough for the longest signature (MPEG-TS looks two packets ahead, EBML has its type in the header). */
const HEAD_BYTES = 16_384

const STILL_DEMUXERS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg_pipe',
  'image/png': 'png_pipe',
  'image/webp': 'webp_pipe',
  'image/bmp': 'bmp_pipe',
}

const MOVING_DEMUXERS: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/x-m4v': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  // May hold a video stream all the same; the probe says when it does not.
  'audio/x-m4a': 'mov',
  'audio/mp4': 'mov',
  'video/matroska': 'matroska',
  'video/webm': 'matroska',
  'video/vnd.avi': 'avi',
  'video/mp2t': 'mpegts',
  'video/MP1S': 'mpeg',
  'video/MP2P': 'mpeg',
  'video/x-flv': 'flv',
  'video/x-ms-asf': 'asf',
  'video/ogg': 'ogg',
  'image/gif': 'gif',
  'image/apng': 'apng',
}

const ALLOWED = 'Allowed are MP4, MOV, WebM, MKV, AVI, MPEG-TS, MPEG-PS, FLV, WMV, Ogg, GIF, APNG, PNG, JPEG, WebP, BMP'

/**
 * Tells the type of a clip from its first bytes; name and ending play no part.
 * @param path a readable regular file
 * @throws AppError CLIP_UNREADABLE for an empty file, CLIP_NOT_VIDEO for any other type, text and playlists included
 */
export async function sniffClip(path: string): Promise<SniffedClip> {
  const head = await readHead(path)
  if (head.length === 0) {
    throw new AppError(
      'CLIP_UNREADABLE',
      'The clip is empty: it has 0 bytes; at least one picture is needed. Send the file again.',
      { details: { bytes: 0 } },
    )
  }
  const mimeType = (await fileTypeFromBuffer(head))?.mime
  if (mimeType === 'image/webp' && isAnimatedWebp(head)) throw notVideo('an animated WebP, which ffmpeg cannot read')
  const stillDemuxer = mimeType === undefined ? undefined : STILL_DEMUXERS[mimeType]
  if (mimeType !== undefined && stillDemuxer !== undefined) {
    return { demuxer: stillDemuxer, isStill: true, mimeType }
  }
  const demuxer = mimeType === undefined ? undefined : MOVING_DEMUXERS[mimeType]
  if (mimeType !== undefined && demuxer !== undefined) return { demuxer, isStill: false, mimeType }

  throw notVideo(mimeType ?? describeUnknown(head))
}

function notVideo(seen: string): AppError {
  return new AppError(
    'CLIP_NOT_VIDEO',
    `The clip is not a video: its bytes say ${seen}. ${ALLOWED}. Send the clip itself in one of these.`,
    { details: { seen } },
  )
}

/** Bit 1 of the flags in the VP8X chunk, which comes first when there is one (RFC 9649, 2.7.1). */
function isAnimatedWebp(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(12, 16)).toString('latin1') === 'VP8X' && ((head[20] ?? 0) & 0b10) !== 0
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const head = new Uint8Array(HEAD_BYTES)
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Names the texts that ffmpeg would follow to other files, and tells text from anything else. */
function describeUnknown(head: Uint8Array): string {
  const start = Buffer.from(head.subarray(0, 512)).toString('latin1')
  if (/^\s*#EXTM3U/.test(start)) return 'a playlist (#EXTM3U), which only names other files'
  if (/^\s*ffconcat/.test(start)) return 'a concat list (ffconcat), which only names other files'
  // Control characters other than tab, line feed and carriage return do not occur in text.
  return head.some((byte) => byte < 9 || (byte > 13 && byte < 32)) ? 'an unknown type' : 'plain text'
}
