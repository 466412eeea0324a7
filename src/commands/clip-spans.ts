// Clips of which only a part is shown: the path ends in the fragment of Media Fragments URI, `clip.mp4#t=2.5,7`.
// https://www.w3.org/TR/media-frags/#naming-time
import type { ClipOpener } from '../answering/look-at-clip.ts'
import type { OpenClip } from '../video/open-clip.ts'
import { samplePictures } from '../video/sample-frames.ts'

const SPAN = /#t=(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/

/** An opener that samples such a clip's part alone; the picture nearest to it where none lies in it. */
export function withSpans(openClip: ClipOpener): ClipOpener {
  return async (path, signal, clipLimits) => {
    const found = SPAN.exec(path)
    if (found === null) return openClip(path, signal, clipLimits)
    const [fromSeconds, toSeconds] = [Number(found[1]), Number(found[2])]
    const opened = await openClip(path.slice(0, found.index), signal, clipLimits)
    return {
      kind: opened.kind,
      info: opened.info,
      // Another part of the same clip is another clip to those who remember what they saw.
      contentHash: `${opened.contentHash}:${fromSeconds}-${toSeconds}`,
      sample: (recipe) => sampleWithin(opened, recipe, fromSeconds, toSeconds),
      decode: (pictures, options) => opened.decode(pictures, options),
      decodeTiny: (size, options) => opened.decodeTiny(size, options),
      close: () => opened.close(),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    }
  }
}

function sampleWithin(
  { info }: OpenClip,
  recipe: Parameters<OpenClip['sample']>[0],
  fromSeconds: number,
  toSeconds: number,
): ReturnType<OpenClip['sample']> {
  const { timesSeconds, keyPlaces } = info.timeline
  const after = timesSeconds.findIndex((time) => time >= fromSeconds)
  const first = after < 0 ? timesSeconds.length - 1 : after
  const beyond = timesSeconds.findIndex((time) => time > toSeconds)
  const end = Math.max(first + 1, beyond < 0 ? timesSeconds.length : beyond)
  const places = samplePictures(
    recipe,
    timesSeconds.slice(first, end),
    keyPlaces.filter((place) => place >= first && place < end).map((place) => place - first),
  )
  return places.map((place) => ({ index: first + place, timeSeconds: timesSeconds[first + place]! }))
}
