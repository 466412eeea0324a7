import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { VideoLimits } from '../../../src/video/limits.ts'
import { probeClip } from '../../../src/video/probe.ts'
import type { Timeline } from '../../../src/video/timeline.ts'
import { withClipSource } from '../../helpers/clip-source.ts'
import {
  FFMPEG_TEST_TIMEOUT_MS,
  LOSSLESS_FFV1,
  LOSSLESS_H264,
  makeTestFolder,
  runFfmpeg,
  runningChildren,
  writeColourClip,
} from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)
afterEach(() => expect(runningChildren()).toEqual([]))

/** probeClip is what finds the stream that a timeline is read of. */
async function timelineOf(path: string, limits: Partial<VideoLimits> = {}): Promise<Timeline> {
  return withClipSource(path, async (source) => (await probeClip(source)).timeline, limits)
}

const tenths = (count: number): number[] => Array.from({ length: count }, (_, index) => index / 10)

function expectTimes(timeline: Timeline, times: readonly number[]): void {
  expect(timeline.timesSeconds).toHaveLength(times.length)
  // Matroska counts in milliseconds.
  for (const [index, time] of times.entries()) expect(timeline.timesSeconds[index]).toBeCloseTo(time, 3)
}

describe('readTimeline', () => {
  it('gives a time for each picture at a steady rate, and the end of the last', async () => {
    const path = writeColourClip(join(folder, 'steady.mp4'), 20, LOSSLESS_H264)
    const timeline = await timelineOf(path)
    expect(timeline).toMatchObject({ selectBy: 'pts', isCutOff: false })
    expectTimes(timeline, tenths(20))
    expect(timeline.durationSeconds).toBeCloseTo(2, 6)
  })

  it('puts pictures that are stored out of order into the order they are shown', async () => {
    const options = ['-c:v', 'libx264', '-bf', '3', '-b_strategy', '0', '-g', '250']
    const path = writeColourClip(join(folder, 'b-frames.mp4'), 40, options, { width: 64, height: 64 })
    const timeline = await timelineOf(path)
    expectTimes(timeline, tenths(40))
    expect(timeline.selectors).toEqual([...timeline.selectors].sort((left, right) => left - right))
  })

  it('keeps times that are not evenly spaced', async () => {
    const options = ['-vf', 'settb=1/1000,setpts=N*(N+1)*50', '-enc_time_base', '-1', '-fps_mode', 'passthrough']
    const path = writeColourClip(join(folder, 'uneven.mkv'), 6, [...options, ...LOSSLESS_FFV1])
    expectTimes(await timelineOf(path), [0, 0.1, 0.3, 0.6, 1, 1.5])
  })

  it('decodes once where packets have no times, and selects by number then', async () => {
    const options = ['-c:v', 'libx264', '-bf', '2', '-b_strategy', '0']
    const path = writeColourClip(join(folder, 'no-times.avi'), 12, options, { width: 64, height: 64 })
    const timeline = await timelineOf(path)
    expect(timeline.selectBy).toBe('index')
    expect(timeline.selectors).toEqual(Array.from({ length: 12 }, (_, index) => index))
    expectTimes(timeline, tenths(12))
  })

  it('does not count the hidden pictures of VP8', async () => {
    const options = ['-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-b:v', '200k']
    const path = join(folder, 'hidden.webm')
    const source = ['-f', 'lavfi', '-i', 'testsrc=s=64x64:r=10:d=4']
    const log = ['-passlogfile', join(folder, 'hidden')]
    runFfmpeg([...source, ...options, ...log, '-pass', '1', '-f', 'null', '-'])
    runFfmpeg([...source, ...options, ...log, '-pass', '2', '-y', path])
    expectTimes(await timelineOf(path), tenths(40))
  })

  it('leaves out pictures that an edit cuts away', async () => {
    const whole = writeColourClip(join(folder, 'whole.mp4'), 30, ['-g', '30', ...LOSSLESS_H264])
    const path = join(folder, 'edited.mp4')
    // Copying from 1.5 s has to start at the key frame at 0; an edit list hides what lies between.
    runFfmpeg(['-ss', '1.5', '-i', whole, '-c', 'copy', '-y', path])
    expectTimes(await timelineOf(path), tenths(15))
  })

  it('goes by the pictures when the sound lasts longer', async () => {
    const pictures = writeColourClip(join(folder, 'silent.mkv'), 10, LOSSLESS_FFV1)
    const path = join(folder, 'long-sound.mkv')
    runFfmpeg(['-i', pictures, '-f', 'lavfi', '-i', 'sine=d=5', '-c:v', 'copy', '-c:a', 'flac', '-y', path])
    const timeline = await timelineOf(path, { maxDurationSeconds: 2 })
    expectTimes(timeline, tenths(10))
    expect(timeline.durationSeconds).toBeCloseTo(1, 2)
  })

  it('gives one picture at 0 for a clip of one picture', async () => {
    const timeline = await timelineOf(writeColourClip(join(folder, 'one.mp4'), 1, LOSSLESS_H264))
    expect(timeline.timesSeconds).toEqual([0])
    expect(timeline.durationSeconds).toBeCloseTo(0.1, 3)
  })

  it.each([
    ['index.mp4', ['-movflags', '+faststart']],
    ['fragments.mp4', ['-movflags', '+frag_keyframe+empty_moov', '-g', '10']],
    ['cut.mkv', []],
    ['cut.ts', []],
    ['cut.avi', []],
  ])('reads the pictures that are there when %s is cut off', async (name, options) => {
    const codec = name.endsWith('.avi') ? ['-c:v', 'mpeg4', '-bf', '0'] : ['-c:v', 'libx264', '-bf', '2']
    const whole = join(folder, `whole-${name}`)
    runFfmpeg(['-f', 'lavfi', '-i', 'testsrc=s=128x96:r=10:d=6', ...codec, ...options, '-y', whole])
    const bytes = readFileSync(whole)
    const path = join(folder, name)
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
    const { timesSeconds } = await timelineOf(path)
    expect(timesSeconds.length).toBeGreaterThan(5)
    expect(timesSeconds.length).toBeLessThan(60)
    expect(timesSeconds[0]).toBe(0)
  })

  it('stops at the limits of length and of pictures, whatever the headers say', async () => {
    const path = writeColourClip(join(folder, 'limits.mkv'), 20, LOSSLESS_FFV1)
    const exact = await timelineOf(path, { maxPictures: 20, maxDurationSeconds: 2 })
    expect(exact.timesSeconds).toHaveLength(20)
    await expect(timelineOf(path, { maxPictures: 19 })).rejects.toMatchObject({
      code: 'CLIP_TOO_LONG',
      message: expect.stringContaining('19 pictures'),
    })
    await expect(timelineOf(path, { maxDurationSeconds: 1 })).rejects.toMatchObject({
      code: 'CLIP_TOO_LONG',
      message: expect.stringMatching(/lasts 2 s; the limit is 1 s/),
    })
  })
})
