// Clips come over the wire into the real video room: whatever Slack's file servers do ends in a sentence, and the next
// question works.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ClipAnswerer } from '../../../src/answering/clip-answerer.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { downloadClip } from '../../../src/video/download-clip.ts'
import { DEFAULT_SEARCH_PATH } from '../../../src/video/ffmpeg-process.ts'
import { openClip } from '../../../src/video/open-clip.ts'
import type { DownloadScript } from '../../doubles/slack/files/download-script.ts'
import type { FileToShare } from '../../doubles/slack/world/stored-file.ts'
import { FakeEngine } from '../../helpers/fake-engine.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { finished, type RunningValley, useValley } from './slack-talk.ts'

const TOOLS = { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', searchPath: DEFAULT_SEARCH_PATH }
const MAX_CLIP_BYTES = 200_000
const LIMITS = { maxClipBytes: MAX_CLIP_BYTES, totalTimeoutMs: 60_000, stallTimeoutMs: 500, maxRedirects: 3 }

const fixture = useValley()
const { folder, removeFolder } = makeTestFolder()
const asked: string[] = []
let insideServer: Server
let insideUrl = ''
let bytes: Buffer

beforeAll(async () => {
  writeColourClip(join(folder, 'clip.mp4'), 10, LOSSLESS_H264, { width: 64, height: 48 })
  bytes = readFileSync(join(folder, 'clip.mp4'))
  insideServer = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('secrets of the network inside')
  })
  await new Promise<void>((resolve) => insideServer.listen(0, '127.0.0.1', resolve))
  insideUrl = `http://127.0.0.1:${(insideServer.address() as AddressInfo).port}/`
})
afterAll(async () => {
  await new Promise((resolve) => insideServer.close(resolve))
  removeFolder()
})

/** Valley with the real way of a clip from Slack to frames; the model alone is a double. */
async function start(): Promise<RunningValley> {
  const { slack } = fixture
  const trustedHosts = [new URL(slack.origin).host]
  let adapter: RunningValley['adapter'] | null = null
  const answerer = new ClipAnswerer({
    engine: new FakeEngine(),
    locateClip: (clip, signal) => adapter!.locateClip(clip, signal),
    downloadClip: (source, watch) => downloadClip(source, { ...watch, trustedHosts, limits: LIMITS }),
    openClip: (path, signal) => openClip(path, { tools: TOOLS, signal }),
  })
  const valley = await fixture.start({ answerer })
  adapter = valley.adapter
  return valley
}

/** The first request only looks whether the file is there; this lets it see that it is. */
const THERE: DownloadScript = { kind: 'length', contentLength: null }
const toInside = (): DownloadScript => ({ kind: 'redirect', location: insideUrl, status: 302 })
const toMetadata: DownloadScript = { kind: 'redirect', location: 'http://169.254.169.254/latest/', status: 307 }

it.each<[string, Partial<FileToShare>, readonly (DownloadScript | (() => DownloadScript))[], ErrorCode]>([
  ['is larger than the limit', { declaredSize: MAX_CLIP_BYTES + 1 }, [], 'CLIP_TOO_LARGE'],
  ['says it is small and never ends', { declaredSize: 10 }, [THERE, { kind: 'endless' }], 'CLIP_TOO_LARGE'],
  ['comes with a length over the limit', {}, [THERE, { kind: 'length', contentLength: 10 ** 9 }], 'CLIP_TOO_LARGE'],
  ['comes with a length that is too short', {}, [THERE, { kind: 'length', contentLength: 40 }], 'CLIP_UNREADABLE'],
  ['breaks off', {}, [THERE, { kind: 'cut', afterBytes: 40 }], 'CLIP_UNREACHABLE'],
  ['stalls', {}, [THERE, { kind: 'stall', afterBytes: 40 }], 'TIMED_OUT'],
  ['leads into the network inside', {}, [toInside], 'CLIP_ACCESS_DENIED'],
  ['leads inside after the first look', {}, [THERE, toInside], 'CLIP_UNREACHABLE'],
  ['leads to the metadata of a cloud', {}, [THERE, toMetadata], 'CLIP_UNREACHABLE'],
  ['is a sign-in page', {}, [{ kind: 'login-page' }], 'CLIP_ACCESS_DENIED'],
  ['is a sign-in page after the first look', {}, [THERE, { kind: 'login-page' }], 'CLIP_ACCESS_DENIED'],
  ['is refused by a broken server', {}, [THERE, { kind: 'status', status: 500 }], 'CLIP_UNREACHABLE'],
  ['is gone', {}, [{ kind: 'status', status: 404 }], 'CLIP_MISSING'],
  ['is no clip', { bytes: Buffer.from('#EXTM3U\nhttp://127.0.0.1/\n') }, [], 'CLIP_NOT_VIDEO'],
])('says why when a clip %s, and answers the next question', async (_, change, scripts, code) => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { log } = await start()
  asked.length = 0

  const held = slack.hold('files.info')
  const post = ann.posts(general, '@valley what is in the hidden clip?', {
    files: [{ name: 'hidden.mp4', bytes, ...change }],
  })
  slack.planDownloads(post.files[0]!, ...scripts.map((script) => (typeof script === 'function' ? script() : script)))
  held.release()
  const refusal = await finished(slack, general, new RegExp(`^${en.errors[code].replaceAll('.', '\\.')}$`))
  ann.posts(general, '@valley and now?', { files: [{ name: 'good.mp4', bytes }] })
  await finished(slack, general, /^Two words$/)

  expect(refusal.threadTs).toBe(post.ts)
  expect(asked).toEqual([])
  expect(slack.downloads.every(({ bearer }) => bearer === slack.team.botToken)).toBe(true)
  expect(log.find((line) => line.includes(`"${code}"`))).toBeDefined()
  expect(log.join('')).not.toMatch(/xox[a-z]-|hidden/)
})
