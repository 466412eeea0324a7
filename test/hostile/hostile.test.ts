// What strangers send who mean no good is refused in words or looked at within the limits, and leads nowhere else.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import {
  FFMPEG_TEST_TIMEOUT_MS,
  LOSSLESS_H264,
  makeTestFolder,
  runningChildren,
  solidPicture,
  writeClip,
  writeColourClip,
} from '../helpers/make-clips.ts'
import { hostileFiles } from './corpus.ts'
import { fuzzClips } from './fuzz.ts'
import { tryClip } from './try-clip.ts'

vi.setConfig({ testTimeout: FFMPEG_TEST_TIMEOUT_MS })

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'temporary')
mkdirSync(temporaryFolder)
const SECRET_COLOUR = [1, 2, 3] as const
const secretPath = writeClip({
  path: join(folder, 'secret.mp4'),
  width: 32,
  height: 16,
  pictures: [solidPicture(32, 16, SECRET_COLOUR), solidPicture(32, 16, SECRET_COLOUR)],
  options: LOSSLESS_H264,
})
const clip = readFileSync(writeColourClip(join(folder, 'good.mp4'), 10, LOSSLESS_H264))
const corpus = hostileFiles({ clip, secretPath })

afterEach(() => {
  expect(runningChildren()).toEqual([])
  expect(readdirSync(temporaryFolder)).toEqual([])
})
afterAll(removeFolder)

describe('a hostile file', () => {
  it('has as many kinds as there are names', () => {
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length)
    expect(corpus.length).toBeGreaterThanOrEqual(45)
  })

  it.each(corpus)('is refused or looked at within the limits: $name', async ({ bytes }) => {
    const path = join(folder, 'clip.mp4')
    writeFileSync(path, bytes)
    const outcome = await tryClip(path, temporaryFolder)
    // A picture of somebody else's clip would show that it was reached.
    if ('colours' in outcome) expect(outcome.colours).not.toContain(SECRET_COLOUR.join())
  })

  it.each(corpus.filter(({ name }) => /playlist|list|manifest|description|presentation|page|reference/.test(name)))(
    'that names other files is no clip: $name',
    async ({ name, bytes }) => {
      // These begin as a good clip or picture, and are one.
      const isClip = /^(film with|picture that)/.test(name)
      const path = join(folder, 'clip.mp4')
      writeFileSync(path, bytes)
      expect('refused' in (await tryClip(path, temporaryFolder))).toBe(!isClip)
    },
  )

  it.each([
    ['a text of the machine', '/etc/passwd'],
    ['a device without end', '/dev/zero'],
    ['a folder', '/etc'],
    ['itself', join(folder, 'link-3')],
  ])('that is a link to %s is refused', async (_, target) => {
    const path = join(folder, `link-${readdirSync(folder).filter((name) => name.startsWith('link-')).length}`)
    symlinkSync(target, path)
    expect(await tryClip(path, temporaryFolder)).toHaveProperty('refused')
  })
})

describe('a real clip that is damaged at random', () => {
  it('never crashes, hangs or leaves anything', async () => {
    const { faults, outcomes } = await fuzzClips(28, 20_261_121)
    expect(faults).toEqual([])
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(28)
  })
})
