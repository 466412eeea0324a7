// The options with which ffmpeg and ffprobe open a clip: as little of their machinery as the clip needs. Both tools take
// the same ones.
import { WORKSPACE_CLIP_NAME } from './clip-workspace.ts'
import type { VideoLimits } from './limits.ts'

/**
 * Options that go before the input, without the input itself. Measured with ffmpeg 5.1: the format whitelist alone keeps a
 * playlist or concat list named .mp4 from opening the file beside it, and -max_pixels alone keeps a 416 kB clip of
 * 16384 x 8640 from taking 800 MB.
 * @param demuxer the one demuxer that may run, from sniffClip
 */
export function guardedInputOptions(demuxer: string, limits: VideoLimits): string[] {
  return [
    ...['-protocol_whitelist', 'file'],
    ...['-format_whitelist', demuxer],
    ...['-f', demuxer],
    ...['-max_pixels', String(limits.maxPixels)],
    ...['-max_streams', String(limits.maxStreams)],
    ...['-probesize', String(limits.probeBytes)],
    // Microseconds.
    ...['-analyzeduration', String(Math.round(limits.probeSeconds * 1e6))],
    ...['-threads', String(limits.decoderThreads)],
  ]
}

/** The clip within its workspace. The prefix names the protocol, so nothing in the name could. */
export const GUARDED_INPUT = `file:${WORKSPACE_CLIP_NAME}`
