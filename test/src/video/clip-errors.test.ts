import { describe, expect, it } from 'vitest'
import { clipFailure, saysCutOff } from '../../../src/video/clip-errors.ts'
import { DEFAULT_VIDEO_LIMITS } from '../../../src/video/limits.ts'

const failure = (messages: string, status: number | null = 1): ReturnType<typeof clipFailure> =>
  clipFailure('read', { status, stopped: false, messages }, DEFAULT_VIDEO_LIMITS)

describe('clipFailure', () => {
  it('gives the reason of the demuxer rather than the general words after it', () => {
    const messages = '[mov,mp4 @ 0x55d0] moov atom not found\nfile:clip: Invalid data found when processing input\n'
    expect(failure(messages)).toMatchObject({
      code: 'CLIP_UNREADABLE',
      message: expect.stringContaining('(moov atom not found, exit status 1)'),
    })
  })

  it('gives the general words when there are no others, and says so when there are none', () => {
    expect(failure('file:clip: Invalid data found when processing input').message).toContain('Invalid data found')
    expect(failure('').message).toContain('no reason given')
  })

  it('tells a size that was refused', () => {
    const messages = '[h264 @ 0x1] [IMGUTILS @ 0x2] Picture size 16384x8640 exceeds specified max pixel count 33177600'
    expect(failure(messages)).toMatchObject({
      code: 'CLIP_TOO_MANY_PIXELS',
      details: { widthPixels: 16384, heightPixels: 8640, maxPixels: 33_177_600 },
    })
  })

  it.each([
    'file:clip: Cannot allocate memory',
    '[png @ 0x1] get_buffer() failed',
    '[rawvideo @ 0x1] Failed to allocate packet of size 99532800\nError submitting video frame',
  ])('tells that memory ran out: %s', (text) => {
    expect(failure(text)).toMatchObject({
      code: 'CLIP_UNREADABLE',
      message: expect.stringContaining('maxMemoryBytes'),
    })
  })

  it('tells a crash from a refusal', () => {
    expect(failure('', null).message).toContain('the decoder crashed')
  })

  it('lets nothing out of a clip reach a terminal but words on one line', () => {
    const { message } = failure('[mov @ 0x1] title \u001b[2J\u0007\r\u2028\u202e evil')
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(failure(`x${'y'.repeat(5000)}`).message.length).toBeLessThan(500)
  })
})

describe('saysCutOff', () => {
  it.each([
    '[mov @ 0x1] stream 0, offset 0x4e49: partial file',
    '[avi @ 0x1] Packet corrupt (stream = 0, dts = 55).',
    '[matroska,webm @ 0x1] File ended prematurely',
  ])('knows what ffmpeg 5.1 says of a file that ends too early: %s', (messages) => {
    expect(saysCutOff(messages)).toBe(true)
  })

  it('does not take other warnings for it', () => {
    expect(saysCutOff('[h264 @ 0x1] deprecated pixel format used')).toBe(false)
  })
})
