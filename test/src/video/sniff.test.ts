import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { sniffClip } from '../../../src/video/sniff.ts'
import {
  FFMPEG_TEST_TIMEOUT_MS,
  LOSSLESS_FFV1,
  LOSSLESS_H264,
  makeTestFolder,
  runFfmpeg,
  writeColourClip,
} from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)

function writeBytes(name: string, bytes: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

describe('sniffClip', () => {
  it.each([
    ['clip.mp4', LOSSLESS_H264, 'mov'],
    ['clip.mov', LOSSLESS_H264, 'mov'],
    ['fragmented.mp4', [...LOSSLESS_H264, '-movflags', '+frag_keyframe+empty_moov'], 'mov'],
    ['clip.mkv', LOSSLESS_FFV1, 'matroska'],
    ['clip.webm', ['-c:v', 'libvpx'], 'matroska'],
    ['clip.avi', LOSSLESS_FFV1, 'avi'],
    ['clip.ts', ['-c:v', 'mpeg2video', '-r', '25'], 'mpegts'],
    ['clip.mpg', ['-c:v', 'mpeg2video', '-r', '25'], 'mpeg'],
    ['clip.flv', ['-c:v', 'flv'], 'flv'],
    ['clip.gif', [], 'gif'],
  ])('knows %s by its bytes', async (name, options, demuxer) => {
    const path = writeColourClip(join(folder, name), 3, options, { width: 64, height: 64 })
    expect(await sniffClip(path)).toMatchObject({ demuxer, isStill: false })
  })

  it.each([
    ['still.png', 'png_pipe'],
    ['still.jpg', 'jpeg_pipe'],
    ['still.webp', 'webp_pipe'],
    ['still.bmp', 'bmp_pipe'],
  ])('knows %s as a still', async (name, demuxer) => {
    const path = writeColourClip(join(folder, name), 1, ['-frames:v', '1'])
    expect(await sniffClip(path)).toMatchObject({ demuxer, isStill: true })
  })

  it('goes by the bytes whatever the name says', async () => {
    const path = writeColourClip(join(folder, 'really-matroska.mp4'), 3, [...LOSSLESS_FFV1, '-f', 'matroska'])
    expect((await sniffClip(path)).demuxer).toBe('matroska')
  })

  it.each([
    ['a playlist', '#EXTM3U\n#EXTINF:1,\nclip.ts\n', 'playlist'],
    ['a concat list', 'ffconcat version 1.0\nfile clip.mp4\n', 'concat list'],
    ['text', 'this is not a video\n', 'plain text'],
    ['bytes of no known kind', Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]), 'unknown type'],
    ['a PDF', '%PDF-1.4\n', 'application/pdf'],
  ])('refuses %s named .mp4 and says what it saw', async (_, bytes, seen) => {
    const path = writeBytes('named.mp4', bytes)
    await expect(sniffClip(path)).rejects.toMatchObject({
      code: 'CLIP_NOT_VIDEO',
      message: expect.stringContaining(seen),
    })
  })

  it('refuses sound in a container of its own', async () => {
    const path = join(folder, 'sound.mp4')
    runFfmpeg(['-f', 'lavfi', '-i', 'sine=d=1', '-f', 'wav', '-y', path])
    await expect(sniffClip(path)).rejects.toMatchObject({ code: 'CLIP_NOT_VIDEO' })
  })

  it('refuses an empty file as unreadable', async () => {
    const path = writeBytes('empty.mp4', '')
    await expect(sniffClip(path)).rejects.toMatchObject({
      code: 'CLIP_UNREADABLE',
      message: expect.stringContaining('0 bytes'),
    })
  })

  it('refuses an animated WebP, which ffmpeg cannot read', async () => {
    // RFC 9649: RIFF header, then VP8X whose flags have the animation bit.
    const header = Buffer.from('RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0', 'latin1')
    await expect(sniffClip(writeBytes('moving.webp', header))).rejects.toMatchObject({
      code: 'CLIP_NOT_VIDEO',
      message: expect.stringContaining('animated WebP'),
    })
  })
})
