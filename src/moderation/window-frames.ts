// The frames of each window of a clip, decoded in one pass over all of them.
import type { Frame } from '../video/frame.ts'
import type { ChosenPicture, OpenClip } from '../video/open-clip.ts'
import type { ClipWindow } from './windows.ts'

/** A window with its frames in memory. */
export interface WindowFrames {
  readonly window: ClipWindow
  /** In time order; the receiver owns them. */
  readonly frames: readonly Frame[]
}

/** As many pictures as the video room decodes in one go. */
const PICTURES_A_PASS = 512

/**
 * Decodes windows one after the other; the frames of one are in memory at a time.
 * @param maxShortSidePixels see OpenClip.decode
 * @throws what decoding throws; signal.reason
 */
export async function* decodeWindows(
  opened: Pick<OpenClip, 'decode' | 'info'>,
  windows: readonly ClipWindow[],
  maxShortSidePixels: number,
  signal?: AbortSignal,
): AsyncGenerator<WindowFrames> {
  const indices = [...new Set(windows.flatMap(({ pictureIndices }) => pictureIndices))]
  const kept = new Map<number, Frame>()
  const decoded = decodeInPasses(opened, indices, maxShortSidePixels, signal)
  try {
    for (const window of windows) {
      const first = window.pictureIndices[0]!
      // A picture that is shown for long stands in several windows.
      for (const index of kept.keys()) if (index < first) kept.delete(index)
      while (window.pictureIndices.some((index) => !kept.has(index))) {
        const next = await decoded.next()
        if (next.done) return
        kept.set(next.value.index, next.value.frame)
      }
      // Copies, since the engine takes the memory of what it gets.
      const frames = window.pictureIndices.map((index) => ({ ...kept.get(index)!, rgb: kept.get(index)!.rgb.slice() }))
      yield { window, frames }
    }
  } finally {
    await decoded.return(undefined)
  }
}

async function* decodeInPasses(
  opened: Pick<OpenClip, 'decode' | 'info'>,
  indices: readonly number[],
  maxShortSidePixels: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly index: number; readonly frame: Frame }> {
  for (let start = 0; start < indices.length; start += PICTURES_A_PASS) {
    const pass: ChosenPicture[] = indices
      .slice(start, start + PICTURES_A_PASS)
      .map((index) => ({ index, timeSeconds: opened.info.timeline.timesSeconds[index]! }))
    let place = 0
    for await (const frame of opened.decode(pass, { maxShortSidePixels, signal })) {
      yield { index: pass[place++]!.index, frame }
    }
  }
}
