import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ClipShelf } from '../../../../src/data/fetch/clip-shelf.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** What comes of copying a file; null copies it. */
let copying: ((target: string) => Promise<void>) | null = null

// A file system without hard links, which no test can bring along.
vi.mock(import('node:fs/promises'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    ...original,
    link: () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' })),
    copyFile: (source, target) => (copying === null ? original.copyFile(source, target) : copying(String(target))),
  }
})

/** A shelf with one content, as an earlier row has left it. */
function shelfWith(bytes: string) {
  const [folder, content] = [temporaryFolder(), 'ab'.repeat(32)]
  const path = join(folder, '.content', 'ab', content)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return { folder, content, shelf: new ClipShelf(folder) }
}

describe('a clip that is named where the file system has no hard links', () => {
  it('is copied', async () => {
    const { folder, content, shelf } = shelfWith('whole clip')
    copying = null
    await shelf.name(content, 'deep/1.mp4')
    expect(readFileSync(join(folder, 'deep/1.mp4'), 'utf8')).toBe('whole clip')
    expect(readdirSync(join(folder, '.content/incoming'))).toEqual([])
  })

  it('is not there by its name when the run is killed while it is copied, and comes whole with the next run', async () => {
    const { folder, content, shelf } = shelfWith('whole clip')
    await new Promise<void>((resolve) => {
      copying = (target) => {
        writeFileSync(target, 'whole')
        resolve()
        return new Promise(() => {})
      }
      shelf.name(content, '1.mp4')
    })
    copying = null
    const next = new ClipShelf(folder)
    expect(await next.has('1.mp4')).toBe(false)
    await next.name(content, '1.mp4')
    expect(readFileSync(join(folder, '1.mp4'), 'utf8')).toBe('whole clip')
  })

  it('leaves nothing on a full disk, and tells it in one line', async () => {
    const { folder, content, shelf } = shelfWith('whole clip')
    copying = async (target) => {
      writeFileSync(target, 'whole')
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
    }
    await expect(shelf.name(content, '1.mp4')).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      message: expect.stringMatching(/^.*1\.mp4 cannot be written \(ENOSPC\); .*$/),
    })
    expect(existsSync(join(folder, '1.mp4'))).toBe(false)
    expect(readdirSync(join(folder, '.content/incoming'))).toEqual([])
  })
})
