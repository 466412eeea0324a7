// Clips that really come over the wire: Discord's CDN, the real download, the real ffmpeg, a storyboard. Only the engine is
// a double, so that what it is shown can be seen.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { APIEmbed } from 'discord.js'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ClipAnswerer } from '../../../src/answering/clip-answerer.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { downloadClip } from '../../../src/video/download-clip.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from '../../../src/video/download-limits.ts'
import { DEFAULT_SEARCH_PATH } from '../../../src/video/ffmpeg-process.ts'
import { DEFAULT_VIDEO_LIMITS } from '../../../src/video/limits.ts'
import { openClip } from '../../../src/video/open-clip.ts'
import type { CdnFault } from '../../doubles/discord/http/cdn.ts'
import { type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { FakeEngine } from '../../helpers/fake-engine.ts'
import {
  INSTALLED_TOOLS,
  LOSSLESS_H264,
  makeTestFolder,
  runningChildren,
  writeColourClip,
} from '../../helpers/make-clips.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const TOOLS = { ...INSTALLED_TOOLS, searchPath: DEFAULT_SEARCH_PATH }
/** Above the clips of this test, below what one of them pretends. */
const MAX_CLIP_BYTES = 1_000_000
const STALL_MS = 300
const ONE_DAY_MS = 25 * 60 * 60 * 1000

const { folder, removeFolder } = makeTestFolder()
let mp4: { name: string; bytes: Buffer }
let gif: { name: string; bytes: Buffer }
let other: { name: string; bytes: Buffer }
let stage: DiscordStage
let engine: FakeEngine
let work: string

beforeAll(() => {
  const make = (name: string, count: number, options: readonly string[]) => {
    const path = writeColourClip(join(folder, name), count, options, { width: 64, height: 48 })
    return { name, bytes: readFileSync(path) }
  }
  mp4 = make('clip.mp4', 20, LOSSLESS_H264)
  other = make('other.mp4', 30, LOSSLESS_H264)
  gif = make('wave.gif', 12, [])
})
afterAll(removeFolder)

beforeEach(async () => {
  work = temporaryFolder()
  engine = new FakeEngine()
  stage = await openStage({
    settings: { openThreads: false },
    channel: { storyboard: true, answerOptions: { frameCount: 4 }, clipLimits: { maxDurationSeconds: 100 } },
    answererOf: (locateClip) =>
      new ClipAnswerer({
        engine,
        locateClip,
        downloadClip: (source, watch) => {
          const limits = { ...DEFAULT_DOWNLOAD_LIMITS, maxClipBytes: MAX_CLIP_BYTES, stallTimeoutMs: STALL_MS }
          return downloadClip(source, { ...watch, limits, trustedHosts: [stage.discord.host], temporaryFolder: work })
        },
        openClip: (path, signal, { maxDurationSeconds }) => {
          const limits = { ...DEFAULT_VIDEO_LIMITS, maxDurationSeconds: maxDurationSeconds! }
          return openClip(path, { tools: TOOLS, signal, limits, temporaryFolder: work })
        },
      }),
  })
})
afterEach(async () => {
  await stage.close()
  expect(readdirSync(work)).toEqual([])
  expect(runningChildren()).toEqual([])
})

/** Waits until a whole answer about a clip is there. @param count answers so far */
async function answers(count = 1) {
  const whole = () =>
    stage.discord
      .botMessagesIn(stage.general)
      .filter((one) => one.content === 'Two words' && one.attachments.length > 0)
  await stage.discord.waitUntil(() => whole().length === count)
  return whole().at(-1)!
}

/** Lengths of the clips whose pictures the engine was shown for the last question, as keys. */
function shownKeys(): string[] {
  const { messages } = engine.generated.at(-1)!
  return messages.flatMap(({ content }) => content.flatMap((part) => (part.type === 'clip' ? [part.key] : [])))
}

describe('what is in', () => {
  it('this video? is answered with a strip of the frames that were looked at', async () => {
    stage.mention('what is it?', { files: [mp4] })
    const { attachments } = await answers()
    // Ten pictures a second; of twenty, numbers 0, 6, 12 and 19 stand evenly.
    const times = [0, 0.6, 1.2, 1.9].map((time) => expect.closeTo(time))
    expect(engine.encoded[0]).toMatchObject({ kind: 'video', times })
    expect(attachments[0]).toMatchObject({ filename: 'storyboard.png', description: expect.stringContaining('0:01') })
    const picture = Buffer.from(await (await fetch(attachments[0]!.url)).arrayBuffer())
    // Four frames of 64 pixels beside each other.
    expect((await sharp(picture).metadata()).width).toBeGreaterThan(4 * 64)
  })

  it('this GIF? is answered, as of a video', async () => {
    stage.mention('what is it?', { files: [gif] })
    await answers()
    expect(engine.encoded[0]?.kind).toBe('video')
    expect(engine.encoded[0]?.times).toHaveLength(4)
  })

  it('both clips? and the first clip? are answered about those', async () => {
    stage.mention('compare these', { files: [mp4, other] })
    await answers()
    const [first, second] = shownKeys()
    expect(first).not.toBe(second)
    stage.mention('what is in the first clip?')
    await answers(2)
    expect(shownKeys()).toEqual([first, second, first])
    stage.mention('how do both clips end?')
    await answers(3)
    expect(shownKeys()).toEqual([first, second, first, first, second])
  })

  it('the clip of yesterday? is answered: its expired address is renewed from the message', async () => {
    const post = stage.guild.person('Ben').posts(stage.guild.channel('elsewhere'), 'look!', { files: [mp4] })
    const forwarded = stage.ana.forwards(post, stage.general)
    stage.mention('what is it?', { replyTo: forwarded })
    await answers()
    stage.mention('and this one?', { files: [other] })
    await answers(2)
    stage.discord.advance(ONE_DAY_MS)
    // As after a restart.
    engine.kept.clear()
    stage.mention('what is in both clips?')
    await answers(3)
    expect(engine.encoded).toHaveLength(4)
    const downloads = [...stage.discord.requests].filter(({ route, path }) => route === 'cdn' && path.endsWith('.mp4'))
    expect(downloads.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })

  it('the video that an embed shows from the CDN? is answered', async () => {
    const post = stage.guild.person('Ben').posts(stage.guild.channel('elsewhere'), 'look!', { files: [mp4] })
    const { url } = post.attachments[0]!
    const embed = { type: 'video', url, video: { url, width: 64, height: 48 } } as APIEmbed
    stage.mention('what is it?', { embeds: [embed] })
    await answers()
  })
})

describe('each of these ends in a sentence that says why, and the next question works:', () => {
  /** The sentence comes, the model does not run, and a good clip is answered afterwards. */
  async function isRefused(code: ErrorCode, file = mp4): Promise<void> {
    stage.mention('what is it?', { files: [file] })
    await stage.sees(en.errors[code])
    expect(engine.generated).toEqual([])
    stage.mention('and this?', { files: [other] })
    await answers()
  }

  it('a clip over the limit, which is not even asked for', async () => {
    await isRefused('CLIP_TOO_LARGE', { ...mp4, claimedSize: MAX_CLIP_BYTES + 1 } as typeof mp4)
    expect(
      [...stage.discord.requests].filter(({ route, path }) => route === 'cdn' && path.endsWith('clip.mp4')),
    ).toEqual([])
  })

  const faults: [string, ErrorCode, CdnFault][] = [
    ['a clip whose length is stated as too large', 'CLIP_TOO_LARGE', { kind: 'lying-length', claimedBytes: 2e9 }],
    ['a clip that is shorter than its stated length', 'CLIP_UNREACHABLE', { kind: 'lying-length', claimedBytes: 9e5 }],
    ['a clip that has no end, whatever its size is said to be', 'CLIP_TOO_LARGE', { kind: 'endless' }],
    ['a download that stalls', 'TIMED_OUT', { kind: 'stalls', afterBytes: 100 }],
    ['a download that breaks off', 'CLIP_UNREACHABLE', { kind: 'cut', afterBytes: 100 }],
    ['a CDN that fails', 'CLIP_UNREACHABLE', { kind: 'status', status: 503 }],
    ['a clip that the CDN does not have', 'CLIP_MISSING', { kind: 'status', status: 404 }],
    [
      'a web page in the place of the clip',
      'CLIP_ACCESS_DENIED',
      { kind: 'wrong-type', contentType: 'text/html', body: '<html>' },
    ],
    [
      'a redirect to the metadata of a cloud',
      'CLIP_UNREACHABLE',
      { kind: 'redirect', location: 'http://169.254.169.254/' },
    ],
    [
      'a redirect to another site',
      'CLIP_UNREACHABLE',
      { kind: 'redirect', location: 'https://video.example/clip.mp4' },
    ],
    ['a redirect to nowhere', 'CLIP_UNREACHABLE', { kind: 'redirect', location: 'http://[' }],
  ]
  it.each(faults)('%s', async (_, code, fault) => {
    stage.discord.cdn.failNext(fault)
    await isRefused(code)
  })

  it('a redirect to this machine, which gets no request', async () => {
    let requests = 0
    const inside = createServer((_, response) => {
      requests += 1
      response.end()
    })
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = inside.address() as AddressInfo
      stage.discord.cdn.failNext({ kind: 'redirect', location: `http://127.0.0.1:${port}/admin` })
      await isRefused('CLIP_UNREACHABLE')
      expect(requests).toBe(0)
    } finally {
      await new Promise((resolve) => inside.close(resolve))
    }
  })

  it('a text that is named like a video', async () => {
    await isRefused('CLIP_NOT_VIDEO', {
      name: 'clip.mp4',
      bytes: Buffer.from('ffconcat version 1.0\nfile /etc/passwd\n'),
    })
  })

  it('a video that is cut short', async () => {
    await isRefused('CLIP_UNREADABLE', { name: 'clip.mp4', bytes: mp4.bytes.subarray(0, mp4.bytes.length / 2) })
  })

  it('a clip that lasts too long for this channel', async () => {
    const path = writeColourClip(join(folder, 'long.mp4'), 11, LOSSLESS_H264, { rate: '1/10' })
    await isRefused('CLIP_TOO_LONG', { name: 'long.mp4', bytes: readFileSync(path) })
  })

  it('a clip whose post is deleted before it is fetched', async () => {
    stage.discord.faults.add('GET /channels/:channel/messages/:message', { kind: 'refused', code: 10008 })
    await isRefused('CLIP_MISSING')
  })
})
