import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { readFfmpegVersion } from '../../../src/video/ffmpeg-version.ts'
import { FFMPEG_TEST_TIMEOUT_MS, INSTALLED_TOOLS, makeTestFolder } from '../../helpers/make-clips.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)

/** A program that only tells a version. */
function toolThatSays(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\necho '${text}'\n`)
  chmodSync(path, 0o755)
  return path
}

describe('readFfmpegVersion', () => {
  it('reads both versions of the installed tools', async () => {
    const version = await readFfmpegVersion(INSTALLED_TOOLS)
    expect(version).toEqual({ ffmpeg: expect.any(String), ffprobe: version.ffmpeg, isSupported: true })
  })

  it.each([
    ['4.4.2-0ubuntu0.22.04.1', false],
    ['5.0.1', false],
    ['5.1', true],
    ['n7.1', true],
    ['10.0', true],
    ['N-118000-g1a2b3c', true],
  ])('judges version %s against 5.1', async (text, isSupported) => {
    const path = toolThatSays('ffmpeg', `ffmpeg version ${text} Copyright (c)`)
    expect(await readFfmpegVersion({ ffmpegPath: path, ffprobePath: path })).toEqual({
      ffmpeg: text,
      ffprobe: text,
      isSupported,
    })
  })

  it('reports a missing tool, and a program that is something else', async () => {
    const other = toolThatSays('other', 'hello')
    for (const ffprobePath of ['/no/such/ffprobe', other]) {
      await expect(readFfmpegVersion({ ...INSTALLED_TOOLS, ffprobePath })).rejects.toMatchObject({
        code: 'TOOL_MISSING',
      })
    }
  })
})
