// The errors that several stages raise about a clip, and what ffmpeg and ffprobe say turned into them.
import { AppError } from '../errors.ts'
import { GUARDED_INPUT } from './ffmpeg-input.ts'
import { oneLine, type ToolEnd } from './ffmpeg-process.ts'
import type { VideoLimits } from './limits.ts'

/** What libavutil prints when -max_pixels refuses a picture. */
const TOO_MANY_PIXELS = /Picture size (\d+)x(\d+) (?:exceeds specified max pixel count|is invalid)/

/** What is printed when an allocation fails, for a picture or anything else. */
const OUT_OF_MEMORY = /Cannot allocate memory|Failed to allocate|get_(?:encode_)?buffer\(\) failed/

/** What the demuxers print when a file ends before its contents do. */
const CUT_OFF = /Packet corrupt|partial file|File ended prematurely|Truncating packet|overread end of atom/i

/**
 * The error for a tool that failed on a clip.
 * @param action what was being done, e.g. `read`
 */
export function clipFailure(action: string, end: ToolEnd, limits: VideoLimits): AppError {
  const size = TOO_MANY_PIXELS.exec(end.messages)
  if (size !== null) return tooManyPixels(Number(size[1]), Number(size[2]), limits)
  if (saysOutOfMemory(end.messages)) {
    return new AppError(
      'CLIP_UNREADABLE',
      `The clip cannot be ${action}: it takes more memory than the limit of ${limits.maxMemoryBytes} bytes ` +
        '(maxMemoryBytes). Send a smaller clip or raise the limit.',
      { details: { maxMemoryBytes: limits.maxMemoryBytes } },
    )
  }
  const reason = lastWords(end.messages)
  const status = end.status === null ? 'the decoder crashed' : `exit status ${end.status}`
  return unreadable(`it cannot be ${action} (${reason}, ${status})`, { reason })
}

/** CLIP_UNREADABLE in the words all such errors share. */
export function unreadable(seen: string, details: Readonly<Record<string, string | number>> = {}): AppError {
  return new AppError(
    'CLIP_UNREADABLE',
    `The clip is damaged or not complete: ${seen}; a whole file is needed. Export or send it again.`,
    { details },
  )
}

/** CLIP_TOO_MANY_PIXELS for a picture of the given size. */
export function tooManyPixels(widthPixels: number, heightPixels: number, limits: VideoLimits): AppError {
  return new AppError(
    'CLIP_TOO_MANY_PIXELS',
    `The clip's pictures are ${widthPixels}x${heightPixels}, ${widthPixels * heightPixels} pixels; the limit is ` +
      `${limits.maxPixels} (maxPixels). Send it in a smaller size or raise the limit.`,
    { details: { widthPixels, heightPixels, maxPixels: limits.maxPixels } },
  )
}

/** CLIP_TOO_LONG for a clip of the given length. */
export function clipTooLong(seconds: number, limits: VideoLimits): AppError {
  return new AppError(
    'CLIP_TOO_LONG',
    `The clip lasts ${Math.round(seconds)} s; the limit is ${limits.maxDurationSeconds} s (maxDurationSeconds). ` +
      'Send a shorter clip or raise the limit.',
    { details: { seconds, maxDurationSeconds: limits.maxDurationSeconds } },
  )
}

/** True when the messages say that memory ran out, which ffmpeg may survive with fewer pictures and status 0. */
export function saysOutOfMemory(messages: string): boolean {
  return OUT_OF_MEMORY.test(messages)
}

/** True when the messages say that the file ends before its contents do. */
export function saysCutOff(messages: string): boolean {
  return CUT_OFF.test(messages)
}

/** The last line that gives a reason, without the address that libav puts in front. */
function lastWords(messages: string): string {
  const lines = messages
    .split('\n')
    .map((line) => line.replace(/^(\[[^\]]*\]\s*)+/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('Last message repeated'))
  // The tool's own last line only repeats the general error for the demuxer's particular one.
  return oneLine(lines.findLast((line) => !line.startsWith(GUARDED_INPUT)) ?? lines.at(-1) ?? 'no reason given')
}
