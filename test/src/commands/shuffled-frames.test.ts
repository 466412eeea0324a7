import { afterAll, describe, expect, it } from 'vitest'
import { withShuffledFrames, wrongOrder } from '../../../src/commands/shuffled-frames.ts'
import { openClip } from '../../../src/video/open-clip.ts'
import { INSTALLED_TOOLS, LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)

describe('frames in a wrong order', () => {
  it('are all there, at times that go on in order, and the same each time', async () => {
    const path = `${folder}/clip.mp4`
    writeColourClip(path, 8, LOSSLESS_H264, { width: 64, height: 48 })
    const open = (file: string) => openClip(file, { tools: INSTALLED_TOOLS })
    const see = async (opener: typeof open) => {
      await using clip = await opener(path)
      const pictures = clip.sample({ mode: 'uniform', count: 8 })
      const seen: { time: number; colour: number }[] = []
      for await (const { timeSeconds, rgb } of clip.decode(pictures)) {
        seen.push({ time: timeSeconds, colour: rgb[0]! * 65536 + rgb[1]! * 256 + rgb[2]! })
      }
      return seen
    }
    const shuffle = withShuffledFrames((file) => open(file))
    const shuffled = (file: string) => shuffle(file, new AbortController().signal, {})
    const [right, wrong, again] = [await see(open), await see(shuffled), await see(shuffled)]
    expect(wrong.map(({ time }) => time)).toEqual(right.map(({ time }) => time))
    expect(wrong.map(({ colour }) => colour).toSorted()).toEqual(right.map(({ colour }) => colour).toSorted())
    expect(wrong).not.toEqual(right)
    expect(again).toEqual(wrong)
  })

  it.each([0, 1, 2, 8, 64])('name each of %i frames once', (count) => {
    expect(wrongOrder(count, 7).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index))
  })
})
