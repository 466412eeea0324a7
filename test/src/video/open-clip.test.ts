import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { DecoderRoom } from '../../../src/video/decoder-room.ts'
import { DEFAULT_VIDEO_LIMITS, type VideoLimits } from '../../../src/video/limits.ts'
import { type OpenClip, openClip } from '../../../src/video/open-clip.ts'
import {
  collectFrames,
  FFMPEG_TEST_TIMEOUT_MS,
  INSTALLED_TOOLS,
  LOSSLESS_FFV1,
  LOSSLESS_H264,
  makeTestFolder,
  pictureColour,
  pixelOf,
  runFfmpeg,
  runningChildren,
  writeColourClip,
} from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'temporary')
mkdirSync(temporaryFolder)

function expectNothingLeft(): void {
  expect(runningChildren()).toEqual([])
  expect(readdirSync(temporaryFolder)).toEqual([])
}
afterEach(expectNothingLeft)
afterAll(removeFolder)

function open(path: string, limits: Partial<VideoLimits> = {}, signal?: AbortSignal): Promise<OpenClip> {
  return openClip(path, {
    tools: INSTALLED_TOOLS,
    limits: { ...DEFAULT_VIDEO_LIMITS, ...limits },
    signal,
    temporaryFolder,
  })
}

function writeBytes(name: string, bytes: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

describe('openClip', () => {
  it('goes from a path to the frames of a recipe', async () => {
    const path = writeColourClip(join(folder, 'clip.mp4'), 40, LOSSLESS_H264)
    const clip = await open(path)
    try {
      expect(clip.kind).toBe('video')
      expect(clip.contentHash).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
      const pictures = clip.sample({ mode: 'uniform', count: 4 })
      // linspace(0, 3.9, 4) = 0, 1.3, 2.6, 3.9
      expect(pictures.map(({ index }) => index)).toEqual([0, 13, 26, 39])
      // linspace(0, 1.5, 4) = 0, 0.5, 1, 1.5
      const ofBeginning = clip.sample({ mode: 'uniform', count: 4 }, { lastSeconds: 1.5 })
      expect(ofBeginning.map(({ index }) => index)).toEqual([0, 5, 10, 15])
      const frames = await collectFrames(clip.decode(pictures))
      expect(frames.map((frame) => pixelOf(frame))).toEqual([0, 13, 26, 39].map(pictureColour))
      expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual(pictures.map(({ timeSeconds }) => timeSeconds))
    } finally {
      await clip.close()
    }
  })

  it('gives each picture once when the clip has fewer than asked for', async () => {
    const clip = await open(writeColourClip(join(folder, 'short.mp4'), 3, LOSSLESS_H264))
    const frames = await collectFrames(clip.decode(clip.sample({ mode: 'uniform', count: 8 })))
    expect(frames.map((frame) => pixelOf(frame))).toEqual([0, 1, 2].map(pictureColour))
    await clip.close()
  })

  it.each(['-dash.mp4', '-i.mp4', 'file:x.mp4', 'a%03d.mp4', 'two\nlines.mp4'])(
    'opens a clip named %j like any other',
    async (name) => {
      writeFileSync(join(folder, name), readFileSync(writeColourClip(join(folder, 'ordinary.mp4'), 3, LOSSLESS_H264)))
      const clip = await open(join(folder, name))
      expect(await collectFrames(clip.decode(clip.sample({ mode: 'uniform', count: 2 })))).toHaveLength(2)
      await clip.close()
    },
  )

  it('decodes twice, also at the same time', async () => {
    const clip = await open(writeColourClip(join(folder, 'twice.mkv'), 10, LOSSLESS_FFV1))
    const pictures = clip.sample({ mode: 'uniform', count: 3 })
    const [first, second] = await Promise.all([
      collectFrames(clip.decode(pictures)),
      collectFrames(clip.decode(pictures)),
    ])
    expect(first).toEqual(second)
    await clip.close()
  })

  it('works with `await using`, through Symbol.asyncDispose', async () => {
    const clip = await open(writeColourClip(join(folder, 'disposed.mp4'), 2, LOSSLESS_H264))
    await clip[Symbol.asyncDispose]()
    expectNothingLeft()
  })

  it('stops a decoding that is under way when it is closed, and may be closed twice', async () => {
    const size = { width: 256, height: 256 }
    const clip = await open(writeColourClip(join(folder, 'closed.mkv'), 60, LOSSLESS_FFV1, size))
    const frames = clip.decode(clip.sample({ mode: 'uniform', count: 60 }))
    await frames.next()
    await clip.close()
    expectNothingLeft()
    await expect(collectFrames(frames)).rejects.toThrow('closed')
    await clip.close()
  })

  it('waits with its decoder while there is room for that of another clip only, until it is closed', async () => {
    const size = { width: 256, height: 256 }
    const path = writeColourClip(join(folder, 'shared.mkv'), 60, LOSSLESS_FFV1, size)
    const options = { tools: INSTALLED_TOOLS, temporaryFolder, room: new DecoderRoom(1) }
    const [one, next, last] = await Promise.all([1, 2, 3].map(() => openClip(path, options)))
    const decode = (clip = one!) => clip.decode(clip.sample({ mode: 'uniform', count: 60 }))
    const frames = decode()
    await frames.next()
    const [waiting, behind] = [decode(next).next(), collectFrames(decode(last))]
    await setImmediate()
    expect(runningChildren()).toHaveLength(1)
    const refused = expect(waiting).rejects.toThrow('closed')
    await next!.close()
    await refused
    expect(await collectFrames(frames)).toHaveLength(59)
    expect(await behind).toHaveLength(60)
    await Promise.all([one!.close(), last!.close()])
  })

  it('needs room to be opened where only decoding tells its times', async () => {
    const room = new DecoderRoom()
    const entered = vi.spyOn(room, 'enter')
    const options = [...LOSSLESS_H264, '-bf', '3', '-b_strategy', '0']
    const path = writeColourClip(join(folder, 'timeless.avi'), 10, options)
    await using clip = await openClip(path, { tools: INSTALLED_TOOLS, temporaryFolder, room })
    expect(clip.info.timeline.selectBy).toBe('index')
    expect(entered.mock.calls.map(([pixels]) => pixels)).toEqual([32 * 16])
  })

  it('ends with the reason of an abort in the middle of decoding', async () => {
    const size = { width: 256, height: 256 }
    const controller = new AbortController()
    const clip = await open(
      writeColourClip(join(folder, 'aborted.mkv'), 60, LOSSLESS_FFV1, size),
      {},
      controller.signal,
    )
    const reason = new Error('no longer wanted')
    const frames = clip.decode(clip.sample({ mode: 'uniform', count: 60 }))
    await frames.next()
    controller.abort(reason)
    await expect(collectFrames(frames)).rejects.toBe(reason)
    expect(runningChildren()).toEqual([])
    await clip.close()
  })

  it('ends with the reason of an abort in the middle of opening', async () => {
    const path = writeColourClip(join(folder, 'aborted-early.mkv'), 60, LOSSLESS_FFV1)
    const reason = new Error('no longer wanted')
    await expect(open(path, {}, AbortSignal.abort(reason))).rejects.toBe(reason)
    for (const delayMs of [1, 20, 60]) {
      const controller = new AbortController()
      const opening = open(path, {}, controller.signal).then(async (clip) => {
        // It was faster than the abort, which is as good.
        await clip.close()
        throw reason
      })
      setTimeout(() => controller.abort(reason), delayMs)
      await expect(opening).rejects.toBe(reason)
      expectNothingLeft()
    }
  })
})

describe('openClip with bad input', () => {
  /** Opens a bad clip and returns the error, checked for what every error must have. */
  async function refusal(path: string, limits: Partial<VideoLimits> = {}): Promise<AppError> {
    const error: unknown = await open(path, limits).then(
      (clip) => clip.close(),
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(AppError)
    const { message } = error as AppError
    expect(message).toMatch(/^[^\n\r]+$/)
    // What is allowed, and what to do.
    expect(message).toMatch(/limit|[Aa]llowed|needed/)
    expect(message).toMatch(/Send|Check|Export|Install|Give/)
    expectNothingLeft()
    return error as AppError
  }

  it('refuses text named .mp4', async () => {
    expect((await refusal(writeBytes('text.mp4', 'hello\n'))).code).toBe('CLIP_NOT_VIDEO')
  })

  it('refuses zero bytes', async () => {
    expect((await refusal(writeBytes('empty.mp4', ''))).code).toBe('CLIP_UNREADABLE')
  })

  it.each([
    ['concat list', 'ffconcat version 1.0\nfile sibling.mp4\n'],
    ['playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsibling.ts\n#EXT-X-ENDLIST\n'],
  ])('does not follow a %s to the file beside it', async (_, text) => {
    writeColourClip(join(folder, 'sibling.mp4'), 3, LOSSLESS_H264)
    writeColourClip(join(folder, 'sibling.ts'), 3, LOSSLESS_H264)
    expect((await refusal(writeBytes('list.mp4', text))).code).toBe('CLIP_NOT_VIDEO')
  })

  it('refuses an mp4 that is cut off before its index', async () => {
    const whole = readFileSync(writeColourClip(join(folder, 'whole.mp4'), 40, LOSSLESS_H264))
    const error = await refusal(writeBytes('cut.mp4', whole.subarray(0, whole.length >> 1)))
    expect(error.code).toBe('CLIP_UNREADABLE')
    expect(error.message).toContain('moov atom not found')
  })

  it('refuses a header with nothing behind it', async () => {
    const whole = readFileSync(writeColourClip(join(folder, 'headed.mkv'), 40, LOSSLESS_FFV1))
    expect((await refusal(writeBytes('header.mkv', whole.subarray(0, 60)))).code).toBe('CLIP_UNREADABLE')
  })

  it('refuses noise behind a good signature', async () => {
    const noise = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index * 31) % 251))
    const header = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isommp41', 'latin1')
    expect((await refusal(writeBytes('noise.mp4', Buffer.concat([header, noise])))).code).toBe('CLIP_UNREADABLE')
  })

  it('refuses sound without pictures', async () => {
    const path = join(folder, 'sound.mp4')
    runFfmpeg(['-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac', '-y', path])
    const error = await refusal(path)
    expect(error.code).toBe('CLIP_NOT_VIDEO')
    expect(error.message).toContain('audio')
  })

  it('refuses pictures of 16384x8640', async () => {
    const path = join(folder, 'huge.mp4')
    const colour = 'color=red:s=16384x8640:r=1:d=1'
    runFfmpeg(['-f', 'lavfi', '-i', colour, '-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', '-y', path])
    const error = await refusal(path)
    expect(error.code).toBe('CLIP_TOO_MANY_PIXELS')
    expect(error.message).toContain('16384x8640')
    expect(error.message).toContain('33177600')
  })

  it.each(['mkv', 'mp4'])('refuses a clip of a hundred hours (%s)', async (ending) => {
    const spread = ['-vf', 'settb=1/1000,setpts=N*180000000', '-enc_time_base', '-1', '-fps_mode', 'passthrough']
    const codec = ending === 'mkv' ? LOSSLESS_FFV1 : ['-c:v', 'mpeg4']
    const error = await refusal(writeColourClip(join(folder, `long.${ending}`), 3, [...spread, ...codec]))
    expect(error.code).toBe('CLIP_TOO_LONG')
    expect(error.message).toMatch(/lasts 36\d{4} s/)
  })

  it('refuses a file above the size limit', async () => {
    const path = writeColourClip(join(folder, 'sized.mp4'), 3, LOSSLESS_H264)
    expect((await refusal(path, { maxClipBytes: 100 })).code).toBe('CLIP_TOO_LARGE')
  })

  it('refuses a folder, and a file that is not there', async () => {
    expect((await refusal(folder)).code).toBe('CLIP_NOT_VIDEO')
    expect((await refusal(join(folder, 'nowhere.mp4'))).code).toBe('CLIP_MISSING')
  })

  it('says what to install when ffmpeg is not there', async () => {
    const path = writeColourClip(join(folder, 'toolless.mp4'), 3, LOSSLESS_H264)
    const tools = { ffmpegPath: '/no/ffmpeg', ffprobePath: '/no/ffprobe' }
    await expect(openClip(path, { tools, temporaryFolder })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('apt-get install ffmpeg'),
    })
  })
})
