import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import * as clipTools from '../../../src/video/clip-source.ts'
import { type DecodeRequest, decodeFrames } from '../../../src/video/decode-frames.ts'
import type { Frame } from '../../../src/video/frame.ts'
import { probeClip } from '../../../src/video/probe.ts'
import { samplePictures } from '../../../src/video/sample-frames.ts'
import { withClipSource } from '../../helpers/clip-source.ts'
import {
  collectFrames,
  FFMPEG_TEST_TIMEOUT_MS,
  LOSSLESS_FFV1,
  LOSSLESS_H264,
  makeTestFolder,
  markedPicture,
  pictureColour,
  pixelOf,
  QUARTER_TURN_CLOCKWISE,
  runFfmpeg,
  runningChildren,
  setDisplayMatrix,
  solidPicture,
  writeClip,
  writeColourClip,
} from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)
afterEach(() => expect(runningChildren()).toEqual([]))

async function decode(
  path: string,
  pictureIndices: readonly number[],
  more: Partial<DecodeRequest> = {},
): Promise<Frame[]> {
  return withClipSource(path, async (source) =>
    collectFrames(decodeFrames(source, await probeClip(source), { pictureIndices, ...more })),
  )
}

const chosen = [0, 1, 7, 8, 20, 39]

function expectChosenColours(frames: readonly Frame[]): void {
  expect(frames.map((frame) => pixelOf(frame))).toEqual(chosen.map(pictureColour))
  for (const [place, { timeSeconds }] of frames.entries()) expect(timeSeconds).toBeCloseTo(chosen[place]! / 10, 3)
}

describe('decodeFrames', () => {
  it.each([
    ['mp4', 'steady.mp4', LOSSLESS_H264],
    ['one key frame and none after', 'gop.mp4', ['-g', '250', ...LOSSLESS_H264]],
    ['fragments', 'fragments.mp4', ['-movflags', '+frag_keyframe+empty_moov', '-g', '8', ...LOSSLESS_H264]],
    ['Matroska', 'clip.mkv', LOSSLESS_FFV1],
    ['AVI', 'clip.avi', LOSSLESS_FFV1],
    // preset ultrafast turns B-frames off, so they are asked for after it.
    ['B-frames', 'b.mp4', [...LOSSLESS_H264, '-bf', '3', '-b_strategy', '0']],
    ['B-frames in AVI, whose packets have no times', 'b.avi', [...LOSSLESS_H264, '-bf', '3', '-b_strategy', '0']],
    ['B-frames in MPEG-TS, whose times begin anywhere', 'b.ts', [...LOSSLESS_H264, '-bf', '3', '-b_strategy', '0']],
  ])('gives exactly the chosen pictures at their times: %s', async (_, name, options) => {
    expectChosenColours(await decode(writeColourClip(join(folder, name), 40, options), chosen))
  })

  it('gives exactly the chosen pictures when they are unevenly spaced', async () => {
    const options = ['-vf', 'settb=1/1000,setpts=N*(N+1)*50', '-enc_time_base', '-1', '-fps_mode', 'passthrough']
    const path = writeColourClip(join(folder, 'uneven.mkv'), 6, [...options, ...LOSSLESS_FFV1])
    const frames = await decode(path, [0, 2, 3, 5])
    expect(frames.map((frame) => pixelOf(frame))).toEqual([0, 2, 3, 5].map(pictureColour))
    expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual([0, 0.3, 0.6, 1.5])
  })

  it('gives the pictures of a GIF', async () => {
    const primaries = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 0],
    ] as const
    const pictures = primaries.map((colour) => solidPicture(20, 10, colour))
    const path = join(folder, 'moving.gif')
    writeClip({ path, width: 20, height: 10, pictures, options: [] })
    const frames = await decode(path, [0, 1, 3])
    // ffmpeg's encoder has a palette of its own, whose brightest step is 252.
    const seen = frames.map((frame) => pixelOf(frame).map((value) => (value >= 252 ? 255 : value)))
    expect(seen).toEqual([primaries[0], primaries[1], primaries[3]])
    expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual([0, 0.1, 0.3])
  })

  it.each([
    ['still.png', []],
    ['still.webp', ['-lossless', '1']],
    ['still.bmp', []],
  ])('gives every pixel of %s as it was', async (name, options) => {
    const [width, height] = [33, 17]
    const picture = markedPicture(width, height)
    const path = join(folder, name)
    writeClip({ path, width, height, pictures: [picture], options: ['-frames:v', '1', ...options] })
    const [frame] = await decode(path, [0])
    expect(frame).toMatchObject({ timeSeconds: 0, widthPixels: width, heightPixels: height })
    expect(Buffer.from(frame!.rgb).equals(picture)).toBe(true)
  })

  it('gives the colours of a JPEG as near as JPEG keeps them', async () => {
    const path = join(folder, 'still.jpg')
    writeClip({ path, width: 32, height: 16, pictures: [solidPicture(32, 16, [255, 0, 0])], options: ['-q:v', '2'] })
    const [red, green, blue] = pixelOf((await decode(path, [0]))[0]!)
    // JPEG rounds luma and chroma to whole steps: red is 76, 85, 255 there.
    expect(red).toBeGreaterThanOrEqual(252)
    expect(green).toBeLessThanOrEqual(3)
    expect(blue).toBeLessThanOrEqual(3)
  })

  it('keeps odd sizes without a stray row or column', async () => {
    const [width, height] = [33, 17]
    const picture = markedPicture(width, height)
    const path = join(folder, 'odd.mkv')
    writeClip({ path, width, height, pictures: [picture, picture], options: LOSSLESS_FFV1 })
    for (const { rgb } of await decode(path, [0, 1])) expect(Buffer.from(rgb).equals(picture)).toBe(true)
  })

  it.each([
    ['as it is', [1, 0, 0, 1], 'left', 'top'],
    ['flipped left to right', [-1, 0, 0, 1], 'right', 'top'],
    ['flipped top to bottom', [1, 0, 0, -1], 'left', 'bottom'],
    ['a half turn', [-1, 0, 0, -1], 'right', 'bottom'],
    ['a quarter turn clockwise', [0, 1, -1, 0], 'right', 'top'],
    ['a quarter turn the other way', [0, -1, 1, 0], 'left', 'bottom'],
    ['mirrored at one diagonal', [0, 1, 1, 0], 'left', 'top'],
    ['mirrored at the other diagonal', [0, -1, -1, 0], 'right', 'bottom'],
  ] as const)('shows a picture as its display matrix says: %s', async (name, matrix, side, edge) => {
    const [width, height] = [64, 48]
    const path = join(folder, `${name}.mp4`)
    writeClip({ path, width, height, pictures: [markedPicture(width, height)], options: LOSSLESS_H264 })
    setDisplayMatrix(path, matrix)
    const [frame] = await decode(path, [0])
    const isQuarterTurn = matrix[0] === 0
    expect([frame!.widthPixels, frame!.heightPixels]).toEqual(isQuarterTurn ? [48, 64] : [64, 48])
    // Where the white corner, top left in the stored picture, goes: (-1, -1) to (-a - c, -b - d).
    const x = side === 'left' ? 1 : frame!.widthPixels - 2
    const y = edge === 'top' ? 1 : frame!.heightPixels - 2
    expect(pixelOf(frame!, x, y)).toEqual([255, 255, 255])
    const others = [frame!.widthPixels - 1 - x, frame!.heightPixels - 1 - y] as const
    expect(pixelOf(frame!, ...others)).toEqual([0, 0, 255])
  })

  it('turns pictures as ffmpeg itself would', async () => {
    const [width, height] = [64, 48]
    const path = join(folder, 'turned.mp4')
    writeClip({ path, width, height, pictures: [markedPicture(width, height)], options: LOSSLESS_H264 })
    setDisplayMatrix(path, QUARTER_TURN_CLOCKWISE)
    const [frame] = await decode(path, [0])
    const reference = join(folder, 'reference.png')
    runFfmpeg(['-i', path, '-frames:v', '1', '-pix_fmt', 'rgb24', '-y', reference])
    const [expected] = await decode(reference, [0])
    expect(Buffer.from(frame!.rgb).equals(Buffer.from(expected!.rgb))).toBe(true)
  })

  it('makes pixels square by scaling the width', async () => {
    const [width, height] = [32, 16]
    const path = join(folder, 'aspect.mkv')
    const options = ['-vf', 'setsar=2/1', ...LOSSLESS_FFV1]
    writeClip({ path, width, height, pictures: [markedPicture(width, height)], options })
    const [frame] = await decode(path, [0])
    expect([frame!.widthPixels, frame!.heightPixels]).toEqual([64, 16])
    // Left half red, right half blue, as before.
    expect(pixelOf(frame!, 24, 12)).toEqual([255, 0, 0])
    expect(pixelOf(frame!, 56, 12)).toEqual([0, 0, 255])
  })

  it('makes pixels square before it turns a picture', async () => {
    const path = join(folder, 'aspect-turned.mp4')
    const options = ['-vf', 'setsar=2/1', ...LOSSLESS_H264]
    writeClip({ path, width: 32, height: 16, pictures: [markedPicture(32, 16)], options })
    setDisplayMatrix(path, QUARTER_TURN_CLOCKWISE)
    const [frame] = await decode(path, [0])
    expect([frame!.widthPixels, frame!.heightPixels]).toEqual([16, 64])
    expect(pixelOf(frame!, 15, 0)).toEqual([255, 255, 255])
  })

  it('scales down to a shorter side, and touches nothing at or below it', async () => {
    const [width, height] = [64, 48]
    const picture = markedPicture(width, height)
    const path = join(folder, 'scaled.mkv')
    writeClip({ path, width, height, pictures: [picture], options: LOSSLESS_FFV1 })
    const [small] = await decode(path, [0], { maxShortSidePixels: 12 })
    expect([small!.widthPixels, small!.heightPixels, small!.rgb.length]).toEqual([16, 12, 16 * 12 * 3])
    const [same] = await decode(path, [0], { maxShortSidePixels: 48 })
    expect(Buffer.from(same!.rgb).equals(picture)).toBe(true)
  })

  it('gives each frame memory of its own, all of it', async () => {
    const path = writeColourClip(join(folder, 'memory.mkv'), 3, LOSSLESS_FFV1)
    const frames = await decode(path, [0, 1, 2])
    expect(new Set(frames.map(({ rgb }) => rgb.buffer)).size).toBe(3)
    for (const { rgb } of frames) expect([rgb.byteOffset, rgb.buffer.byteLength]).toEqual([0, 32 * 16 * 3])
  })

  it('selects as many pictures as the limit allows, and refuses one more', async () => {
    const path = writeColourClip(join(folder, 'many.mkv'), 200, LOSSLESS_FFV1)
    const all = Array.from({ length: 200 }, (_, index) => index)
    const limits = { maxFrames: 200 }
    const decodeAll = (indices: readonly number[], changed: { maxFrames: number }): Promise<Frame[]> =>
      withClipSource(
        path,
        async (source) => collectFrames(decodeFrames(source, await probeClip(source), { pictureIndices: indices })),
        changed,
      )
    expect((await decodeAll(all, limits)).map((frame) => pixelOf(frame))).toEqual(all.map(pictureColour))
    await expect(decodeAll(all, { maxFrames: 199 })).rejects.toMatchObject({ code: 'CLIP_TOO_LONG' })
  })

  it('fails with how many came when a picture is missing', async () => {
    const path = writeColourClip(join(folder, 'missing.mkv'), 5, LOSSLESS_FFV1)
    const outcome = withClipSource(path, async (source) => {
      const info = await probeClip(source)
      // A timestamp between two pictures, as a damaged picture in the middle of a clip would leave it.
      const timeline = { ...info.timeline, selectors: [0, 100, 250, 300, 400] }
      return collectFrames(decodeFrames(source, { ...info, timeline }, { pictureIndices: [0, 2, 4] }))
    })
    await expect(outcome).rejects.toMatchObject({
      code: 'CLIP_UNREADABLE',
      message: expect.stringContaining('2 of 3 pictures could be decoded'),
    })
  })

  it('ends its process when the receiver leaves early', async () => {
    const path = writeColourClip(join(folder, 'early.mkv'), 30, LOSSLESS_FFV1, { width: 256, height: 256 })
    await withClipSource(path, async (source) => {
      const info = await probeClip(source)
      const pictureIndices = info.timeline.selectors.map((_, index) => index)
      for await (const frame of decodeFrames(source, info, { pictureIndices })) {
        expect(pixelOf(frame)).toEqual(pictureColour(0))
        break
      }
      expect(runningChildren()).toEqual([])
      expect(source.running.size).toBe(0)
    })
  })
})

describe('a long clip', () => {
  const PICTURES = 1600
  const GOP = 50
  const recipe = { mode: 'uniform', count: 12 } as const

  it.each([
    // Two processes seek to six key frames each; a stream without an index is gone through once.
    ['mp4 with B-frames', 'long.mp4', [...LOSSLESS_H264, '-g', `${GOP}`, '-bf', '3', '-b_strategy', '0'], [6, 6]],
    ['Matroska', 'long.mkv', [...LOSSLESS_H264, '-g', `${GOP}`], [6, 6]],
    ['MPEG-TS', 'long.ts', [...LOSSLESS_H264, '-g', `${GOP}`], [0]],
  ])('gives its key frames, each at its own time, without what lies between: %s', async (_, name, options, sought) => {
    await withClipSource(writeColourClip(join(folder, name), PICTURES, options), async (source) => {
      const info = await probeClip(source)
      const { timesSeconds, keyPlaces } = info.timeline
      const pictureIndices = samplePictures(recipe, timesSeconds, keyPlaces)
      expect(pictureIndices).toHaveLength(recipe.count)
      expect(pictureIndices.every((index) => index % GOP === 0)).toBe(true)
      const started = vi.spyOn(clipTools, 'startClipTool')
      const frames = await collectFrames(decodeFrames(source, info, { pictureIndices }))
      expect(frames.map((frame) => pixelOf(frame))).toEqual(pictureIndices.map(pictureColour))
      expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual(pictureIndices.map((index) => timesSeconds[index]))
      expect(started.mock.calls.map(([, , argv]) => argv.filter((word) => word === '-ss').length)).toEqual(sought)
      for (const [, , argv] of started.mock.calls) {
        const inputs = argv.filter((word) => word === '-i').length
        for (const guard of ['-skip_frame', '-format_whitelist', '-protocol_whitelist', '-max_pixels', '-threads']) {
          expect(argv.filter((word) => word === guard)).toHaveLength(inputs)
        }
      }
    })
  })

  it.each([
    ['mp4 with B-frames', 'seek.mp4', [...LOSSLESS_H264, '-bf', '3', '-b_strategy', '0']],
    ['Matroska', 'seek.mkv', LOSSLESS_H264],
  ])('gives pictures between key frames without what comes before those: %s', async (_, name, options) => {
    const path = writeColourClip(join(folder, name), PICTURES, [...options, '-g', `${GOP}`])
    await withClipSource(path, async (source) => {
      const info = await probeClip(source)
      const pictureIndices = [3, 433, 800, 812, 1234, 1599]
      const started = vi.spyOn(clipTools, 'startClipTool')
      const frames = await collectFrames(decodeFrames(source, info, { pictureIndices }))
      expect(frames.map((frame) => pixelOf(frame))).toEqual(pictureIndices.map(pictureColour))
      expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual(
        pictureIndices.map((index) => info.timeline.timesSeconds[index]),
      )
      expect(started.mock.calls.map(([, , argv]) => argv.includes('-ss'))).toEqual([true, true, true, true, true])
    })
  })

  it('finds pictures in a pass over everything when seeking does not lead to their key frames', async () => {
    const path = writeColourClip(join(folder, 'lost.mp4'), PICTURES, [...LOSSLESS_H264, '-g', `${GOP}`])
    await withClipSource(path, async (source) => {
      const info = await probeClip(source)
      // 1010 follows the key frame 1000; what is said to be one at 1005 makes the search begin behind it.
      const timeline = { ...info.timeline, keyPlaces: [0, 1005, 1150, 1200] }
      const pictureIndices = [1010, 1210]
      const frames = await collectFrames(decodeFrames(source, { ...info, timeline }, { pictureIndices }))
      expect(frames.map((frame) => pixelOf(frame))).toEqual(pictureIndices.map(pictureColour))
    })
  })

  it('ends all of its processes when the receiver leaves early', async () => {
    const path = writeColourClip(join(folder, 'leave.mp4'), PICTURES, [...LOSSLESS_H264, '-g', `${GOP}`])
    await withClipSource(path, async (source) => {
      const info = await probeClip(source)
      for await (const frame of decodeFrames(source, info, { pictureIndices: [3, 433, 812, 1234, 1599] })) {
        expect(pixelOf(frame)).toEqual(pictureColour(3))
        break
      }
      expect(source.running.size).toBe(0)
    })
  })

  it('is decoded whole where key frames are not what the container says, and gives every picture once', async () => {
    const path = writeColourClip(join(folder, 'wrong.mp4'), PICTURES, [...LOSSLESS_H264, '-g', `${GOP}`])
    await withClipSource(path, async (source) => {
      const info = await probeClip(source)
      const pictureIndices = [0, 50, 70, 100, 1450]
      const timeline = { ...info.timeline, keyPlaces: pictureIndices }
      const frames = await collectFrames(decodeFrames(source, { ...info, timeline }, { pictureIndices }))
      expect(frames.map((frame) => pixelOf(frame))).toEqual(pictureIndices.map(pictureColour))
    })
  })
})
