// Clips whose frames come in a wrong order, for the control of an evaluation: whoever still answers what happened first did
// not need to see the time.
import type { ClipOpener } from '../answering/look-at-clip.ts'
import { assert } from '../assert.ts'
import type { Frame } from '../video/frame.ts'
import type { ChosenPicture, OpenClip } from '../video/open-clip.ts'

/** An opener whose clips show the chosen pictures in an order of their own, the same each time, at the times in order. */
export function withShuffledFrames(openClip: ClipOpener): ClipOpener {
  return async (path, signal, clipLimits) => {
    const opened = await openClip(path, signal, clipLimits)
    const decode: OpenClip['decode'] = (pictures, options) => shuffled(opened, pictures, options)
    return {
      kind: opened.kind,
      info: opened.info,
      contentHash: opened.contentHash,
      sample: (recipe, options) => opened.sample(recipe, options),
      decode,
      decodeTiny: (size, options) => opened.decodeTiny(size, options),
      close: () => opened.close(),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    }
  }
}

async function* shuffled(
  opened: OpenClip,
  pictures: readonly ChosenPicture[],
  options: Parameters<OpenClip['decode']>[1],
): AsyncGenerator<Frame> {
  const frames: Frame[] = []
  for await (const frame of opened.decode(pictures, options)) frames.push(frame)
  const times = frames.map(({ timeSeconds }) => timeSeconds)
  const order = wrongOrder(frames.length, Number.parseInt(opened.contentHash.slice(0, 8), 16))
  for (const [place, index] of order.entries()) {
    const [frame, timeSeconds] = [frames[index], times[place]]
    assert(frame !== undefined && timeSeconds !== undefined, 'an order names each frame once')
    yield { ...frame, timeSeconds }
  }
}

/** A permutation of 0 to count - 1 drawn from a seed (Fisher and Yates). */
export function wrongOrder(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  let state = seed >>> 0
  for (let last = count - 1; last > 0; last--) {
    // As in Numerical Recipes; the high bits are the good ones.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const other = Math.floor((state / 2 ** 32) * (last + 1))
    const kept = order[last]!
    order[last] = order[other]!
    order[other] = kept
  }
  return order
}
