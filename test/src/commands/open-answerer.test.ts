import { writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import type { ClipOpener } from '../../../src/answering/look-at-clip.ts'
import { lookPorts } from '../../../src/commands/look-ports.ts'
import { openAnswerer } from '../../../src/commands/open-answerer.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import { DecoderRoom } from '../../../src/video/decoder-room.ts'
import { FakeEngine } from '../../helpers/fake-engine.ts'
import { collectFrames, LOSSLESS_H264, writeColourClip } from '../../helpers/make-clips.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

afterEach(() => vi.restoreAllMocks())

/** What opens clips that people ask about, and what opens those that moderation looks at, by the same settings. */
async function openers(environment: NodeJS.ProcessEnv) {
  const config = loadConfig({ environment })
  const engine = new FakeEngine()
  let openAsked: ClipOpener | undefined
  const wrapOpener = (opener: ClipOpener) => {
    openAsked = opener
    return opener
  }
  const answerer = openAnswerer('nowhere', config, { engine: Promise.resolve(engine), wrapOpener })
  onTestFinished(() => answerer.close())
  const { openClip } = lookPorts({ config, engine, whenIdle: async () => {}, locateClip: locateLocalClip })
  const { signal } = new AbortController()
  return {
    openAsked: (path: string) => openAsked!(path, signal, {}),
    openWatched: (path: string) => openClip(path, signal),
  }
}

it('questions share room for their decoders, and wait for none that moderation looks with', async () => {
  const entered = vi.spyOn(DecoderRoom.prototype, 'enter')
  const { openAsked, openWatched } = await openers({ VALLEY_CONFIG: devNull })
  const path = writeColourClip(`${temporaryFolder()}/clip.mp4`, 2, LOSSLESS_H264)
  for (const open of [openAsked, openAsked, openWatched]) {
    await using clip = await open(path)
    expect(await collectFrames(clip.decode(clip.sample({ mode: 'uniform', count: 1 })))).toHaveLength(1)
  }
  const [first, second, ofModeration] = entered.mock.contexts
  expect(second).toBe(first)
  expect(ofModeration).toBeInstanceOf(DecoderRoom)
  expect(ofModeration).not.toBe(first)
})

it('moderation opens a clip that is too long to ask about: nobody keeps one from being looked at by making it longer', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'valley.yaml')
  writeFileSync(file, 'limits:\n  maxDurationSeconds: 1\n')
  const { openAsked, openWatched } = await openers({ VALLEY_CONFIG: file })
  const path = writeColourClip(join(folder, 'clip.mp4'), 20, LOSSLESS_H264)
  await expect(openAsked(path)).rejects.toMatchObject({ code: 'CLIP_TOO_LONG' })
  await using opened = await openWatched(path)
  expect(opened.info.durationSeconds).toBeCloseTo(2, 6)
})
