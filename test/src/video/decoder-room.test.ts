import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DecoderRoom } from '../../../src/video/decoder-room.ts'

const MEBIPIXEL = 1024 * 1024
const FULL_HD = 1920 * 1080
const UHD_8K = 7680 * 4320

/** Says in which order those entered who had to wait, and lets each leave. */
function visitors(room: DecoderRoom) {
  const entered: string[] = []
  const leave = new Map<string, () => void>()
  const visit = async (name: string, pixels: number, signal?: AbortSignal) => {
    leave.set(name, await room.enter(pixels, signal))
    entered.push(name)
  }
  return { entered, visit, leave: (name: string) => leave.get(name)!() }
}

describe('room for decoders', () => {
  it('is there for eight clips of ordinary size at once, and for one of 8K beside two of them', async () => {
    for (const sizes of [Array(8).fill(FULL_HD), [UHD_8K, FULL_HD, FULL_HD]]) {
      const { entered, visit } = visitors(new DecoderRoom())
      await Promise.all(sizes.map((pixels, index) => visit(`${index}`, pixels)))
      expect(entered).toHaveLength(sizes.length)
    }
  })

  it('is given to a second clip of 8K when the first has been decoded', async () => {
    const { entered, visit, leave } = visitors(new DecoderRoom())
    const all = ['first', 'second', 'third'].map((name) => visit(name, UHD_8K))
    await setImmediate()
    expect(entered).toEqual(['first'])
    leave('first')
    leave('first')
    await setImmediate()
    expect(entered).toEqual(['first', 'second'])
    leave('second')
    await Promise.all(all)
  })

  it('is given to who came first, also when who came later needs less', async () => {
    const { entered, visit, leave } = visitors(new DecoderRoom(10 * MEBIPIXEL))
    const all = [visit('most', 6 * MEBIPIXEL), visit('large', 4 * MEBIPIXEL), visit('small', 0)]
    await setImmediate()
    expect(entered).toEqual(['most'])
    leave('most')
    await Promise.all(all)
    expect(entered).toEqual(['most', 'large', 'small'])
  })

  it('is given alone to who needs more than there is', async () => {
    const { entered, visit, leave } = visitors(new DecoderRoom(10 * MEBIPIXEL))
    const all = [visit('small', 0), visit('huge', 100 * MEBIPIXEL), visit('next', 0)]
    await setImmediate()
    expect(entered).toEqual(['small'])
    leave('small')
    await setImmediate()
    expect(entered).toEqual(['small', 'huge'])
    leave('huge')
    await Promise.all(all)
  })

  it('is not waited for any more after an abort, and who waited behind goes in', async () => {
    const { entered, visit } = visitors(new DecoderRoom(10 * MEBIPIXEL))
    await visit('first', 4 * MEBIPIXEL)
    const controller = new AbortController()
    const reason = new Error('no longer wanted')
    const waiting = visit('large', 8 * MEBIPIXEL, controller.signal)
    const behind = visit('small', 0)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await behind
    expect(entered).toEqual(['first', 'small'])
    await expect(visit('late', 0, controller.signal)).rejects.toBe(reason)
  })
})
