import { devNull } from 'node:os'
import { afterEach, expect, it, vi } from 'vitest'
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

it('questions share room for their decoders, and wait for none that moderation looks with', async () => {
  const entered = vi.spyOn(DecoderRoom.prototype, 'enter')
  const config = loadConfig({ environment: { VALLEY_CONFIG: devNull } })
  const engine = new FakeEngine()
  let openAsked: ClipOpener | undefined
  const wrapOpener = (opener: ClipOpener) => {
    openAsked = opener
    return opener
  }
  const answerer = openAnswerer('nowhere', config, { engine: Promise.resolve(engine), wrapOpener })
  const { openClip } = lookPorts({ config, engine, whenIdle: async () => {}, locateClip: locateLocalClip })
  const path = writeColourClip(`${temporaryFolder()}/clip.mp4`, 2, LOSSLESS_H264)
  const { signal } = new AbortController()
  for (const open of [
    () => openAsked!(path, signal, {}),
    () => openAsked!(path, signal, {}),
    () => openClip(path, signal),
  ]) {
    await using clip = await open()
    expect(await collectFrames(clip.decode(clip.sample({ mode: 'uniform', count: 1 })))).toHaveLength(1)
  }
  await answerer.close()
  const [first, second, ofModeration] = entered.mock.contexts
  expect(second).toBe(first)
  expect(ofModeration).toBeInstanceOf(DecoderRoom)
  expect(ofModeration).not.toBe(first)
})
