import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { WORKSPACE_CLIP_NAME } from '../../../src/video/clip-workspace.ts'
import type { VideoLimits } from '../../../src/video/limits.ts'
import { type ClipInfo, probeClip } from '../../../src/video/probe.ts'
import { withClipSource } from '../../helpers/clip-source.ts'
import {
  FFMPEG_TEST_TIMEOUT_MS,
  LOSSLESS_FFV1,
  LOSSLESS_H264,
  makeTestFolder,
  QUARTER_TURN_CLOCKWISE,
  runFfmpeg,
  runningChildren,
  setDisplayMatrix,
  writeColourClip,
} from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)
afterEach(() => expect(runningChildren()).toEqual([]))

async function infoOf(path: string, limits: Partial<VideoLimits> = {}): Promise<ClipInfo> {
  return withClipSource(path, probeClip, limits)
}

describe('probeClip', () => {
  it('tells kind, demuxer, codec, size and length', async () => {
    const path = writeColourClip(join(folder, 'plain.mp4'), 10, LOSSLESS_H264, { width: 48, height: 32 })
    expect(await infoOf(path)).toMatchObject({
      kind: 'video',
      demuxer: 'mov',
      codec: 'h264',
      streamIndex: 0,
      widthPixels: 48,
      heightPixels: 32,
      orientation: { clockwiseDegrees: 0, flipped: false },
    })
  })

  it('tells the size as seen of a clip that is stored lying on its side', async () => {
    const path = writeColourClip(join(folder, 'lying.mp4'), 3, LOSSLESS_H264, { width: 48, height: 32 })
    setDisplayMatrix(path, QUARTER_TURN_CLOCKWISE)
    expect(await infoOf(path)).toMatchObject({
      widthPixels: 32,
      heightPixels: 48,
      orientation: { clockwiseDegrees: 90, flipped: false },
    })
  })

  it('widens a picture whose pixels are wider than high, and narrows the opposite', async () => {
    for (const [aspect, width] of [
      ['2/1', 96],
      ['1/2', 24],
    ] as const) {
      const options = ['-vf', `setsar=${aspect}`, ...LOSSLESS_H264]
      const path = writeColourClip(join(folder, 'aspect.mp4'), 2, options, { width: 48, height: 32 })
      expect(await infoOf(path)).toMatchObject({ widthPixels: width, heightPixels: 32 })
    }
  })

  it('keeps odd sizes', async () => {
    const path = writeColourClip(join(folder, 'odd.mkv'), 2, LOSSLESS_FFV1, { width: 33, height: 17 })
    expect(await infoOf(path)).toMatchObject({ widthPixels: 33, heightPixels: 17 })
  })

  it.each(['still.png', 'still.jpg', 'still.webp', 'single.gif'])('takes %s as an image of no length', async (name) => {
    const path = writeColourClip(join(folder, name), 1, ['-frames:v', '1'], { width: 33, height: 17 })
    const info = await infoOf(path)
    expect(info).toMatchObject({ kind: 'image', durationSeconds: 0, widthPixels: 33, heightPixels: 17 })
    expect(info.timeline.timesSeconds).toEqual([0])
  })

  it('takes a GIF that moves as a video', async () => {
    const info = await infoOf(writeColourClip(join(folder, 'moving.gif'), 5, []))
    expect(info.kind).toBe('video')
    expect(info.durationSeconds).toBeCloseTo(0.5, 3)
  })

  it('does not take cover art for a video', async () => {
    const cover = writeColourClip(join(folder, 'cover.png'), 1, ['-frames:v', '1'])
    const path = join(folder, 'song.m4a')
    const inputs = ['-f', 'lavfi', '-i', 'sine=d=1', '-i', cover, '-map', '0', '-map', '1']
    runFfmpeg([...inputs, '-c:a', 'aac', '-c:v', 'copy', '-disposition:v:0', 'attached_pic', '-f', 'mp4', '-y', path])
    await expect(infoOf(path)).rejects.toMatchObject({
      code: 'CLIP_NOT_VIDEO',
      message: expect.stringContaining('audio, cover art'),
    })
  })

  it('refuses too many pixels with the size it saw, before a picture is decoded', async () => {
    const path = writeColourClip(join(folder, 'pixels.mp4'), 2, LOSSLESS_H264, { width: 48, height: 32 })
    expect(await infoOf(path, { maxPixels: 2048 })).toMatchObject({ widthPixels: 48 })
    await expect(infoOf(path, { maxPixels: 1024 })).rejects.toMatchObject({
      code: 'CLIP_TOO_MANY_PIXELS',
      message: expect.stringMatching(/48x32, 1536 pixels; the limit is 1024/),
    })
  })

  it('counts pixels as shown, so that a pixel aspect cannot blow a picture up', async () => {
    const options = ['-vf', 'setsar=100/1', ...LOSSLESS_H264]
    const path = writeColourClip(join(folder, 'stretched.mp4'), 2, options, { width: 48, height: 32 })
    await expect(infoOf(path, { maxPixels: 100_000 })).rejects.toMatchObject({ code: 'CLIP_TOO_MANY_PIXELS' })
  })

  it('counts pixels as coded, so that a pixel aspect cannot make a picture small', async () => {
    const options = ['-vf', 'setsar=1/4', ...LOSSLESS_H264]
    const path = writeColourClip(join(folder, 'squeezed.mp4'), 2, options, { width: 48, height: 32 })
    expect(await infoOf(path)).toMatchObject({ widthPixels: 12, heightPixels: 32, picturePixels: 48 * 32 })
  })

  it('refuses more streams than allowed', async () => {
    const one = writeColourClip(join(folder, 'one-stream.mkv'), 2, LOSSLESS_FFV1)
    const path = join(folder, 'streams.mkv')
    runFfmpeg(['-i', one, ...Array.from({ length: 4 }, () => ['-map', '0']).flat(), '-c', 'copy', '-y', path])
    expect(await infoOf(path, { maxStreams: 4 })).toMatchObject({ kind: 'video' })
    await expect(infoOf(path, { maxStreams: 3 })).rejects.toMatchObject({ code: 'CLIP_UNREADABLE' })
  })

  it.each([
    ['a concat list', 'ffconcat version 1.0\nfile sibling.mp4\n'],
    ['a playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsibling.ts\n#EXT-X-ENDLIST\n'],
  ])('lets ffprobe follow %s nowhere, even had its bytes been taken for a video', async (_, text) => {
    const trusting = writeColourClip(join(folder, 'trusted.mp4'), 2, LOSSLESS_H264)
    for (const demuxer of ['mov', 'matroska', 'mpegts']) {
      const outcome = withClipSource(trusting, async (source) => {
        unlinkSync(join(source.folder, WORKSPACE_CLIP_NAME))
        writeFileSync(join(source.folder, WORKSPACE_CLIP_NAME), text)
        writeColourClip(join(source.folder, 'sibling.mp4'), 2, LOSSLESS_H264)
        writeColourClip(join(source.folder, 'sibling.ts'), 2, LOSSLESS_H264)
        return probeClip({ ...source, sniffed: { demuxer, isStill: false, mimeType: 'video/mp4' } })
      })
      // Matroska and MPEG-TS may read it as an empty file of theirs, which has no stream.
      await expect(outcome).rejects.toMatchObject({ code: expect.stringMatching(/^CLIP_(UNREADABLE|NOT_VIDEO)$/) })
    }
  })
})
