// One clip of a question becomes visual tokens in the engine: open, choose pictures, decode, encode; each step is left out
// when its result is still there.

import type { AnswerEvent, ClipLimits } from '../conversation/answerer.ts'
import type { ClipLocator, ClipReference } from '../conversation/clip.ts'
import type { Engine } from '../engine/engine-api.ts'
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { Frame } from '../video/frame.ts'
import type { OpenClip } from '../video/open-clip.ts'
import type { FrameRecipe } from '../video/sample-frames.ts'
import { MAX_STORYBOARD_FRAMES } from '../video/storyboard.ts'
import { makeThumbnail, type Thumbnail, thumbnailIndices } from '../video/thumbnail.ts'
import type { ClipMemory, ClipPlace, LookedAtClip } from './clip-memory.ts'
import { type ClipDownloader, fetchClip } from './fetch-clip.ts'
import type { StageTimings } from './stage-timings.ts'

/** Opens the clip at a path; see openClip in src/video. The limits narrow the opener's own. */
export type ClipOpener = (path: string, signal: AbortSignal, limits: ClipLimits) => Promise<OpenClip>

/**
 * Frames of a video beyond 4K UHD are made that small as they are decoded: a quarter of the memory, and still far more than any
 * model looks at. Others stay as they are, since a model's own filter is to see what it saw in training; so do stills, which
 * are one frame and may be looked at in parts.
 */
const MOST_SHORT_SIDE_PIXELS = 2160

/** What looking at a clip needs. */
export interface LookRequest {
  readonly clip: ClipReference
  readonly threadId: string
  readonly clipLimits: ClipLimits
  /** Frames to sample; undefined for the model's own recipe. */
  readonly frameCount: number | undefined
  /** Looks again even if the visual tokens are kept, since only then pixel values can be shown. */
  readonly keepPixelValues: boolean
  /** Makes thumbnails; looks again if there are none, since they come of decoding. */
  readonly thumbnails: boolean
  /** May still be loading: the clip is opened meanwhile, and a bad one is refused without waiting. */
  readonly engine: Promise<Engine>
  readonly locateClip: ClipLocator
  readonly downloadClip: ClipDownloader
  readonly openClip: ClipOpener
  readonly memory: ClipMemory
  readonly timings: StageTimings
  readonly emit: (event: AnswerEvent) => void
  readonly signal: AbortSignal
}

/**
 * Makes sure that the engine keeps the visual tokens of a clip.
 * @returns the key to ask under, and the times of the frames, also when nothing had to be done
 * @throws AppError CLIP_…, TIMED_OUT, QUESTION_INVALID for more frames than the model takes; signal.reason when aborted
 */
export async function lookAtClip(request: LookRequest): Promise<LookedAtClip> {
  const { clip, threadId, frameCount, memory, timings, signal, emit } = request
  const place = { threadId, clipId: clip.id, handle: clip.handle, recipe: String(frameCount ?? 'model') }
  const seen = memory.atPlace(place)
  if (seen !== null && suffices(seen, request) && (await request.engine).hasClip(seen.key)) return seen

  const file = await fetchClip(request)
  try {
    emit({ type: 'progress', stage: 'probing' })
    const opened = await timings.measure('probe', () => request.openClip(file.path, signal, request.clipLimits))
    try {
      return await lookAtOpened(request, opened, await request.engine, place)
    } finally {
      await opened.close()
    }
  } finally {
    await file.remove()
  }
}

/** True when what is remembered is all that is wanted of the clip. */
function suffices(seen: LookedAtClip, { keepPixelValues, thumbnails }: LookRequest): boolean {
  return !keepPixelValues && (!thumbnails || seen.thumbnails !== null)
}

async function lookAtOpened(
  request: LookRequest,
  opened: OpenClip,
  engine: Engine,
  place: ClipPlace,
): Promise<LookedAtClip> {
  const { frameCount, keepPixelValues, memory, timings, emit, signal } = request
  signal.throwIfAborted()
  const recipe = recipeFor(engine.manifest, frameCount)
  const key = `${opened.contentHash}:${JSON.stringify(recipe)}`
  const same = memory.underKey(key)
  if (same !== null && suffices(same, request) && engine.hasClip(key)) {
    memory.remember(place, same)
    return same
  }

  const pictures = opened.sample(recipe)
  const maxShortSidePixels = opened.kind === 'video' ? MOST_SHORT_SIDE_PIXELS : undefined
  const total = pictures.length
  const tiny = new Set(request.thumbnails ? thumbnailIndices(total, MAX_STORYBOARD_FRAMES) : [])
  const thumbnails: Thumbnail[] = []
  let decoded = 0
  const countDecoded = async function* (frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
    for await (const frame of frames) {
      // Before it is handed on, since then its memory belongs to the engine.
      if (tiny.has(decoded)) thumbnails.push(await makeThumbnail(frame))
      decoded += 1
      emit({ type: 'progress', stage: 'decoding', done: decoded, total })
      yield frame
    }
  }
  emit({ type: 'progress', stage: 'decoding', done: 0, total })
  const encoded = await engine.encodeClip({
    key,
    kind: opened.kind,
    frames: countDecoded(timings.measureItems('decode', opened.decode(pictures, { maxShortSidePixels, signal }))),
    onFrame: (done) => emit({ type: 'progress', stage: 'looking', done, total }),
    keepPixelValues,
    signal,
  })
  timings.addAll(encoded.timingsMs)
  // Frames that the engine did not want, since it keeps what it saw of them, were not decoded.
  if (thumbnails.length < tiny.size) {
    thumbnails.length = 0
    const shown = opened.decode(
      pictures.filter((_, index) => tiny.has(index)),
      { maxShortSidePixels, signal },
    )
    for await (const frame of timings.measureItems('decode', shown)) thumbnails.push(await makeThumbnail(frame))
  }
  const looked = {
    key,
    frameTimesSeconds: encoded.frameTimesSeconds,
    thumbnails: request.thumbnails ? thumbnails : (same?.thumbnails ?? null),
  }
  memory.remember(place, looked)
  return looked
}

/** The model's own recipe, or so many frames evenly over the clip. */
function recipeFor(manifest: ModelManifest, frameCount: number | undefined): FrameRecipe {
  if (frameCount === undefined) return manifest.frames
  if (frameCount > manifest.maxFrames) {
    throw new AppError(
      'QUESTION_INVALID',
      `${frameCount} frames of a clip are asked for; the model ${manifest.name} takes 1 to ${manifest.maxFrames}. ` +
        'Ask for fewer frames.',
      { details: { frameCount, maxFrames: manifest.maxFrames } },
    )
  }
  return { mode: 'uniform', count: frameCount }
}
