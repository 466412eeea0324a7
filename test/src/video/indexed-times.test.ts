import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { ClipSource } from '../../../src/video/clip-source.ts'
import * as clipTools from '../../../src/video/clip-source.ts'
import { probeClip } from '../../../src/video/probe.ts'
import type { Timeline } from '../../../src/video/timeline.ts'
import { withClipSource } from '../../helpers/clip-source.ts'
import { FFMPEG_TEST_TIMEOUT_MS, makeTestFolder, runFfmpeg, runningChildren } from '../../helpers/make-clips.ts'
import { box, withMore } from '../../hostile/boxes.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)
afterEach(() => {
  vi.restoreAllMocks()
  expect(runningChildren()).toEqual([])
})

const PICTURES = ['-f', 'lavfi', '-i', 'color=gray:s=16x16:r=50:d=33']
const SOUND = ['-f', 'lavfi', '-i', 'anullsrc=d=34']
const CODEC = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50']
const REORDERED = [...CODEC, '-bf', '3', '-b_strategy', '0']

function clip(name: string, options: readonly string[]): string {
  const path = join(folder, name)
  runFfmpeg([...options, '-y', path])
  return path
}

/** The times found, and whether the packets had to be read for them. */
async function timesOf(
  path: string,
  change: (source: ClipSource) => ClipSource = (source) => source,
): Promise<{ timeline: Timeline; readPackets: boolean }> {
  const started = vi.spyOn(clipTools, 'startClipTool')
  const timeline = await withClipSource(path, async (source) => (await probeClip(change(source))).timeline)
  const readPackets = started.mock.calls.some(([, , argv]) => argv.includes('packet=pts,duration,flags'))
  started.mockRestore()
  return { timeline, readPackets }
}

/** Under its demuxer's other name a clip counts as one of an unknown container, whose packets are read. */
const byPackets = (path: string) =>
  timesOf(path, (source) => ({ ...source, sniffed: { ...source.sniffed, demuxer: 'mp4' } }))

describe('the times of a long clip', () => {
  it.each([
    ['pictures in the order they are shown', 'plain.mp4', [...PICTURES, ...CODEC, '-bf', '0']],
    ['pictures stored out of order', 'reordered.mov', [...PICTURES, ...REORDERED]],
    ['times that are moved back', 'back.mp4', [...PICTURES, ...REORDERED, '-movflags', '+negative_cts_offsets']],
    ['pictures before key frames', 'open.mp4', [...PICTURES, ...REORDERED, '-x264-params', 'open-gop=1']],
    [
      'a rate that changes, behind sound and a pause',
      'changing.mp4',
      [
        ...['-itsoffset', '1.5', ...PICTURES, ...SOUND, '-map', '1:a', '-map', '0:v', ...REORDERED, '-c:a', 'aac'],
      ].concat(['-vf', "select='not(mod(n,20))+lt(n,1600)'", '-fps_mode', 'vfr']),
    ],
  ])('are those of its packets, which are not read: %s', async (_, name, options) => {
    const path = clip(name, options)
    const { timeline, readPackets } = await timesOf(path)
    expect(readPackets).toBe(false)
    expect(timeline.keyPlaces.length).toBeGreaterThan(30)
    const asked = await byPackets(path)
    expect(asked.readPackets).toBe(true)
    expect(timeline).toEqual(asked.timeline)
  })

  describe('are read from its packets', () => {
    const empty = (count: number) => Buffer.alloc(8 * count, box('free'))
    const inTables = ['moov', 'trak', 'mdia', 'minf', 'stbl']
    const whole = clip('whole.mp4', [...PICTURES, ...REORDERED, '-movflags', '+faststart'])
    const bytes = readFileSync(whole)
    const changed = (name: string, change: (copy: Buffer) => Buffer): string => {
      const path = join(folder, name)
      writeFileSync(path, change(Buffer.from(bytes)))
      return path
    }
    /** Sets the 32-bit number at a distance from the name of a box. */
    const set = (box: string, distance: number, value: number) => (copy: Buffer) => {
      copy.writeUInt32BE(value, copy.indexOf(box, 0, 'latin1') + distance)
      return copy
    }

    it.each([
      ['an edit cuts some away', () => clip('edited.mp4', ['-ss', '1.5', '-i', whole, '-c', 'copy'])],
      ['it is in pieces', () => clip('pieces.mp4', ['-i', whole, '-c', 'copy', '-movflags', '+frag_keyframe'])],
      ['it is cut off', () => changed('cut.mp4', (copy) => copy.subarray(0, copy.length * 0.99))],
      ['its index has fewer times than pictures', () => changed('few.mp4', set('stts', 12, 1600))],
      ['its index begins without a key frame', () => changed('late.mp4', set('stss', 12, 2))],
      [
        'more boxes stand in its index than belong there',
        () => changed('many.mp4', (copy) => withMore(copy, inTables, empty(300))),
      ],
      [
        'its edits stand among many empty boxes',
        () => changed('edits.mp4', (copy) => withMore(copy, ['moov', 'trak', 'edts'], empty(300))),
      ],
    ])('where %s', async (_, make) => {
      const { timeline, readPackets } = await timesOf(make())
      expect(readPackets).toBe(true)
      expect(timeline.timesSeconds.length).toBeGreaterThan(1500)
    })
  })

  it('are held to the limits, whatever the headers say', async () => {
    const path = clip('limits.mp4', [...PICTURES, ...CODEC])
    const shorter = (limits: object) =>
      timesOf(path, (source) => ({ ...source, limits: { ...source.limits, ...limits } }))
    await expect(shorter({ maxPictures: 1649 })).rejects.toMatchObject({ code: 'CLIP_TOO_LONG' })
    await expect(shorter({ maxDurationSeconds: 32 })).rejects.toMatchObject({ code: 'CLIP_TOO_LONG' })
    expect((await shorter({ maxPictures: 1650, maxDurationSeconds: 33 })).timeline.durationSeconds).toBe(33)
  })
})
