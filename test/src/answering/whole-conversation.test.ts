// The conversation core on the real pipeline: clips from a server, ffmpeg, a tiny model in its worker.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ClipAnswerer } from '../../../src/answering/clip-answerer.ts'
import { Bot } from '../../../src/conversation/bot.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { openEngine } from '../../../src/engine/engine.ts'
import type { Engine } from '../../../src/engine/engine-api.ts'
import { createLogger } from '../../../src/logger.ts'
import { downloadClip } from '../../../src/video/download-clip.ts'
import { DEFAULT_SEARCH_PATH } from '../../../src/video/ffmpeg-process.ts'
import { openClip } from '../../../src/video/open-clip.ts'
import { clipServer } from '../../helpers/clip-server.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../../helpers/make-clips.ts'
import { message } from '../../helpers/messages.ts'
import { endOf } from '../../helpers/open-conversation.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const TOOLS = { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', searchPath: DEFAULT_SEARCH_PATH }
const { folder, removeFolder } = makeTestFolder()
let engine: Engine

beforeAll(async () => {
  for (const [index, name] of ['a.mp4', 'b.mp4'].entries()) {
    writeColourClip(join(folder, name), 10 + index, LOSSLESS_H264, { width: 64, height: 48 })
  }
  engine = await openEngine({ packageDirectory: await buildTinyPackage('mean'), threads: 1 })
})
afterAll(async () => {
  await engine.close()
  removeFolder()
})

it('speaks of two clips from a server in turn, comes back to the first, and draws what it looked at', async () => {
  const server = await clipServer((request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp4' }).end(readFileSync(join(folder, request.url!.slice(1))))
  })
  const answerer = new ClipAnswerer({
    engine,
    locateClip: async ({ handle }) => ({
      kind: 'address',
      url: `http://${server.host}/${handle}`,
      allowedHosts: [server.host],
    }),
    downloadClip: (source, watch) => downloadClip(source, { ...watch, trustedHosts: [server.host] }),
    openClip: (path, signal) => openClip(path, { tools: TOOLS, signal }),
  })
  const bot = new Bot({
    answerer,
    store: new MemoryThreadStore(),
    logger: createLogger('silent'),
    settings: () => ({ storyboard: true, answerOptions: { frameCount: 2, maxTokens: 8, temperature: 1.5, seed: 3 } }),
  })
  const replies = [
    await endOf(bot.ask(message('What is it?', ['a.mp4']))),
    await endOf(bot.ask(message('And this?', ['b.mp4']))),
    await endOf(bot.ask(message('What is in the first clip?'))),
    await endOf(bot.ask(message('Compare both clips'))),
  ]
  expect(replies.map(({ kind, text }) => [kind, text.length > 0])).toEqual(replies.map(() => ['answer', true]))
  expect(replies.map(({ storyboard }) => storyboard?.frames.map(({ clipId }) => clipId))).toEqual([
    ['clip-1', 'clip-1'],
    ['clip-2', 'clip-2'],
    ['clip-1', 'clip-1'],
    ['clip-1', 'clip-1', 'clip-2', 'clip-2'],
  ])
  // Each was fetched once: what was looked at is kept.
  expect(server.requests.map(({ path }) => path)).toEqual(['/a.mp4', '/b.mp4'])
  const { width, height } = await sharp(replies[3]!.storyboard!.png).metadata()
  expect([width, height]).toEqual([4 + 4 * 68, 4 + 52])
})
