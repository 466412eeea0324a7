import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ClipOpener } from '../../../src/answering/look-at-clip.ts'
import { lookPorts } from '../../../src/commands/look-ports.ts'
import { openAnswerer } from '../../../src/commands/open-answerer.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import { FakeEngine } from '../../helpers/fake-engine.ts'
import { LOSSLESS_H264, writeColourClip } from '../../helpers/make-clips.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

it('moderation opens a clip that is too long to ask about: nobody keeps one from being looked at by making it longer', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'valley.yaml')
  writeFileSync(file, 'limits:\n  maxDurationSeconds: 1\n')
  const config = loadConfig({ environment: { VALLEY_CONFIG: file } })
  const engine = new FakeEngine()
  let openAsked: ClipOpener | undefined
  const wrapOpener = (opener: ClipOpener) => {
    openAsked = opener
    return opener
  }
  const answerer = openAnswerer('nowhere', config, { engine: Promise.resolve(engine), wrapOpener })
  const { openClip } = lookPorts({ config, engine, whenIdle: async () => {}, locateClip: locateLocalClip })
  const path = writeColourClip(join(folder, 'clip.mp4'), 20, LOSSLESS_H264)
  const { signal } = new AbortController()
  await expect(openAsked!(path, signal, {})).rejects.toMatchObject({ code: 'CLIP_TOO_LONG' })
  await using opened = await openClip(path, signal)
  expect(opened.info.durationSeconds).toBeCloseTo(2, 6)
  await answerer.close()
})
