import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createClipWorkspace } from '../../../src/video/clip-workspace.ts'
import { DEFAULT_VIDEO_LIMITS } from '../../../src/video/limits.ts'
import { makeTestFolder } from '../../helpers/make-clips.ts'

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)
const temporary = join(folder, 'temporary')
mkdirSync(temporary)

function writeFileNamed(name: string, bytes = 'bytes'): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

describe('createClipWorkspace', () => {
  it.each(['plain.mp4', '-dash.mp4', 'per%03dcent.mp4', 'line\nend.mp4', "quote'.mp4", 'ffconcat:x.mp4'])(
    'gives the clip %j a fixed name in a folder that only we may enter',
    async (name) => {
      const workspace = await createClipWorkspace(writeFileNamed(name), DEFAULT_VIDEO_LIMITS, temporary)
      expect(readdirSync(workspace.folder)).toEqual(['clip'])
      expect(dirname(workspace.clipPath)).toBe(workspace.folder)
      expect(readFileSync(workspace.clipPath, 'utf8')).toBe('bytes')
      expect(statSync(workspace.folder).mode & 0o777).toBe(0o700)
      expect(workspace.clipBytes).toBe(5)
      await workspace.remove()
      expect(readdirSync(temporary)).toEqual([])
    },
  )

  it('keeps the clip itself when it removes the folder, and removes twice without complaint', async () => {
    const path = writeFileNamed('kept.mp4')
    const workspace = await createClipWorkspace(path, DEFAULT_VIDEO_LIMITS, temporary)
    await workspace.remove()
    await workspace.remove()
    expect(existsSync(path)).toBe(true)
  })

  it('follows a symbolic link to the file', async () => {
    const link = join(folder, 'link.mp4')
    symlinkSync(writeFileNamed('target.mp4'), link)
    const workspace = await createClipWorkspace(link, DEFAULT_VIDEO_LIMITS, temporary)
    expect(readFileSync(workspace.clipPath, 'utf8')).toBe('bytes')
    await workspace.remove()
  })

  it('says that a clip is missing, in one line, even when its name has line ends', async () => {
    const missing = createClipWorkspace(join(folder, 'no\nsuch.mp4'), DEFAULT_VIDEO_LIMITS, temporary)
    await expect(missing).rejects.toMatchObject({ code: 'CLIP_MISSING', message: expect.stringMatching(/^[^\n]+$/) })
  })

  it('refuses a folder and never opens a named pipe', async () => {
    const pipe = join(folder, 'pipe.mp4')
    spawnSync('mkfifo', [pipe])
    for (const path of [folder, pipe, '/dev/zero']) {
      const refused = createClipWorkspace(path, DEFAULT_VIDEO_LIMITS, temporary)
      await expect(refused).rejects.toMatchObject({ code: 'CLIP_NOT_VIDEO' })
    }
    expect(readdirSync(temporary)).toEqual([])
  })

  it('takes a clip at the size limit and refuses one byte more with both numbers', async () => {
    const limits = { ...DEFAULT_VIDEO_LIMITS, maxClipBytes: 5 }
    const workspace = await createClipWorkspace(writeFileNamed('five.mp4', '12345'), limits, temporary)
    await workspace.remove()
    await expect(createClipWorkspace(writeFileNamed('six.mp4', '123456'), limits, temporary)).rejects.toMatchObject({
      code: 'CLIP_TOO_LARGE',
      message: expect.stringMatching(/6 bytes.*limit is 5/),
    })
    expect(readdirSync(temporary)).toEqual([])
  })
})
