// Everything that bounds the work one clip can cause. A clip comes from a stranger: each number below is what keeps one
// upload from taking the machine. Passed in as a value, so that an operator or a test can set others.

/** Bounds for one clip. All inclusive: a value at the limit is allowed. */
export interface VideoLimits {
  /** Size of the file, bytes. */
  readonly maxClipBytes: number
  /** From the first picture to the end of the last, seconds. */
  readonly maxDurationSeconds: number
  /** Width times height of one picture, as coded and as shown. */
  readonly maxPixels: number
  /** Streams of any kind in the file. */
  readonly maxStreams: number
  /** Pictures in the file, which bounds the list of their times. */
  readonly maxPictures: number
  /** Pictures that one decoding may ask for. */
  readonly maxFrames: number
  /** Bytes that ffmpeg may read to find out what the streams are. */
  readonly probeBytes: number
  /** Clip time that ffmpeg may read to find out what the streams are, seconds. */
  readonly probeSeconds: number
  /** Wall-clock time of one process, milliseconds; time in which a reader holds it up does not count. */
  readonly processTimeoutMs: number
  /** Processor time of one process over all its threads, seconds. */
  readonly processCpuSeconds: number
  /** Address space of one process, bytes. */
  readonly maxMemoryBytes: number
  /** Threads that one process decodes with. */
  readonly decoderThreads: number
}

const MEBIBYTE = 1024 * 1024

/** Limits for a machine with two cores and a few gigabytes of memory. */
export const DEFAULT_VIDEO_LIMITS: VideoLimits = Object.freeze({
  // The largest upload that Discord takes from anyone (Nitro).
  maxClipBytes: 500 * MEBIBYTE,
  // 60 s of 1080p at 24 pictures a second took 5 s on two cores, so half an hour takes about half of processTimeoutMs.
  maxDurationSeconds: 1800,
  // 8K UHD, 7680 x 4320: the largest picture that phones and cameras record.
  maxPixels: 33_177_600,
  // Room for a film with many languages of sound and subtitles; ffmpeg's own default is 1000.
  maxStreams: 32,
  // Half an hour at 240 pictures a second, the fastest that phones record in ordinary files, and some room.
  maxPictures: 500_000,
  // More than any supported model can look at; keeps the selection within one command line.
  maxFrames: 1024,
  // ffmpeg's own default for both: enough for every container that states its streams at the start.
  probeBytes: 5_000_000,
  probeSeconds: 5,
  processTimeoutMs: 300_000,
  // Two threads for the whole of the wall-clock time.
  processCpuSeconds: 600,
  // Measured with Debian's ffmpeg 5.1 and two threads: it maps 0.3 GiB before it reads a byte, and 8K within what the
  // standards allow (H.264 with five reference pictures, HEVC in 10 bits) decodes in 1.5 GiB but not in 1. H.264 8K with
  // sixteen, more than any level permits, takes 2.5 and is refused.
  maxMemoryBytes: 2048 * MEBIBYTE,
  // Each thread holds pictures of its own: the measure of maxMemoryBytes is for two.
  decoderThreads: 2,
})
