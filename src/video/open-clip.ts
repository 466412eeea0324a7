// The way into this room: a path goes in; what the clip is, which pictures to look at and their frames come out.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { ClipSource } from './clip-source.ts'
import { createClipWorkspace } from './clip-workspace.ts'
import { decodeFrames, decodeTinyFrames } from './decode-frames.ts'
import type { PictureSize } from './decode-pass.ts'
import type { DecoderRoom } from './decoder-room.ts'
import type { VideoTools } from './ffmpeg-process.ts'
import type { Frame } from './frame.ts'
import { DEFAULT_VIDEO_LIMITS, type VideoLimits } from './limits.ts'
import { type ClipInfo, probeClip } from './probe.ts'
import { type FrameRecipe, samplePictures } from './sample-frames.ts'
import { sniffClip } from './sniff.ts'
import { beginningOf } from './timeline.ts'

/** How to open a clip. */
export interface OpenClipOptions {
  readonly tools: VideoTools
  /** Default DEFAULT_VIDEO_LIMITS. */
  readonly limits?: VideoLimits | undefined
  /** Aborts the opening and every later decoding. */
  readonly signal?: AbortSignal | undefined
  /** Shared with other clips that are looked at; default none: decoders start as they come. */
  readonly room?: DecoderRoom | undefined
  /** Where the private folder is made; default the system's temporary folder. */
  readonly temporaryFolder?: string | undefined
}

/** A picture that was chosen to be looked at. */
export interface ChosenPicture {
  /** Place in info.timeline. */
  readonly index: number
  /** Clip time, seconds from the first picture. */
  readonly timeSeconds: number
}

/** An open clip; holds a private folder until it is closed. */
export interface OpenClip extends AsyncDisposable {
  /** Chooses the pixel recipe: stills are images, everything else is a video. */
  readonly kind: 'video' | 'image'
  readonly info: ClipInfo
  /** SHA-256 of the file's bytes, 64 hexadecimal digits. */
  readonly contentHash: string
  /**
   * Chooses pictures by time, without decoding; ascending, each once, at least one. See samplePictures.
   * @param options of a clip only pictures up to lastSeconds, at least 0; default all
   */
  sample(recipe: FrameRecipe, options?: { readonly lastSeconds?: number | undefined }): ChosenPicture[]
  /**
   * Decodes chosen pictures, one frame each, in the order given, which must be ascending. Ending the iteration early ends
   * the decoding. See decodeFrames for errors.
   */
  decode(
    pictures: readonly ChosenPicture[],
    options?: { readonly maxShortSidePixels?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<Frame>
  /** Decodes every picture up to a clip time, scaled down to a tiny size. See decodeTinyFrames. */
  decodeTiny(
    size: PictureSize,
    options?: { readonly lastSeconds?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<Frame>
  /** Stops what still runs and deletes the private folder. May be called more than once. */
  close(): Promise<void>
}

/**
 * Opens a clip: checks the file, tells its type from its bytes, reads its headers and the times of its pictures, hashes it.
 * @param path a regular file; whatever its name
 * @throws AppError CLIP_MISSING, CLIP_NOT_VIDEO, CLIP_UNREADABLE, CLIP_TOO_LARGE, CLIP_TOO_LONG, CLIP_TOO_MANY_PIXELS,
 *   TIMED_OUT, TOOL_MISSING; signal.reason on abort. Nothing is left behind then.
 */
export async function openClip(path: string, options: OpenClipOptions): Promise<OpenClip> {
  const { tools, limits = DEFAULT_VIDEO_LIMITS, room, temporaryFolder } = options
  options.signal?.throwIfAborted()
  const closing = new AbortController()
  const signal = anySignal(options.signal, closing.signal)
  const workspace = await createClipWorkspace(path, limits, temporaryFolder)
  try {
    const sniffed = await sniffClip(workspace.clipPath)
    const { folder } = workspace
    const source: ClipSource = { folder, sniffed, tools, limits, signal, room, running: new Set() }
    // Both have ended before anything is removed, whichever fails first.
    const [probing, hashed] = await Promise.allSettled([
      probeClip(source).catch((error: unknown) => {
        closing.abort(error)
        throw error
      }),
      hashFile(workspace.clipPath, signal),
    ])
    if (probing.status === 'rejected') throw probing.reason
    if (hashed.status === 'rejected') throw hashed.reason
    return new WorkspaceClip(source, probing.value, hashed.value, closing, workspace.remove)
  } catch (error) {
    await workspace.remove()
    throw error
  }
}

class WorkspaceClip implements OpenClip {
  readonly info: ClipInfo
  readonly contentHash: string
  readonly #source: ClipSource
  readonly #closing: AbortController
  readonly #removeWorkspace: () => Promise<void>

  constructor(
    source: ClipSource,
    info: ClipInfo,
    contentHash: string,
    closing: AbortController,
    removeWorkspace: () => Promise<void>,
  ) {
    this.#source = source
    this.info = info
    this.contentHash = contentHash
    this.#closing = closing
    this.#removeWorkspace = removeWorkspace
  }

  get kind(): 'video' | 'image' {
    return this.info.kind
  }

  sample(recipe: FrameRecipe, options: { lastSeconds?: number | undefined } = {}): ChosenPicture[] {
    const { timeline } = this.info
    const { timesSeconds, keyPlaces } =
      options.lastSeconds === undefined ? timeline : beginningOf(timeline, options.lastSeconds)
    return samplePictures(recipe, timesSeconds, keyPlaces).map((index) => ({
      index,
      timeSeconds: timesSeconds[index]!,
    }))
  }

  async *decode(
    pictures: readonly ChosenPicture[],
    options: { maxShortSidePixels?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Frame> {
    const signal = anySignal(this.#source.signal, options.signal)
    yield* decodeFrames({ ...this.#source, signal }, this.info, {
      pictureIndices: pictures.map(({ index }) => index),
      maxShortSidePixels: options.maxShortSidePixels,
    })
  }

  async *decodeTiny(
    size: PictureSize,
    options: { lastSeconds?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Frame> {
    const signal = anySignal(this.#source.signal, options.signal)
    const lastSeconds = options.lastSeconds ?? Number.POSITIVE_INFINITY
    yield* decodeTinyFrames({ ...this.#source, signal }, this.info, size, lastSeconds)
  }

  async close(): Promise<void> {
    this.#closing.abort(new DOMException('The clip was closed', 'AbortError'))
    await Promise.all([...this.#source.running].map((child) => child.stop()))
    await this.#removeWorkspace()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Larger pieces than Node's own of 64 KiB, which take as long to hand over as to hash; one is hashed in a millisecond. */
const HASHED_AT_ONCE_BYTES = 1024 * 1024

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: HASHED_AT_ONCE_BYTES })) {
    signal.throwIfAborted()
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}

/** A signal that follows each of the given ones. */
function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}
