import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Describer, draftCaptions } from '../../../src/data/draft-captions.ts'
import { LeftOut, type Problem } from '../../../src/data/left-out.ts'
import { AppError } from '../../../src/errors.ts'
import { readClips } from '../../helpers/data-rows.ts'
import { LOSSLESS_H264, writeColourClip } from '../../helpers/make-clips.ts'
import { leftBehind, runCli } from '../../helpers/run-cli.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const DESCRIBED: Describer = async (path) => ({ caption: ` Clip ${basename(path)}. `, model: 'tiny' })

async function draft(folder: string, out: string, describer: Describer = DESCRIBED, concurrency = 1) {
  const problems: Problem[] = []
  const counts = await draftCaptions(
    { folder, out, concurrency },
    describer,
    new LeftOut((problem) => problems.push(problem)),
  )
  return { counts, problems }
}

function makeFolder(...names: readonly string[]): string {
  const folder = temporaryFolder()
  for (const name of names) writeFileSync(join(folder, name), '')
  return folder
}

describe('drafted captions', () => {
  it('make a table of every clip of a folder', async () => {
    const folder = makeFolder('b.mp4', 'a.webm', 'notes.txt')
    const out = join(temporaryFolder(), 'deep', 'captions.jsonl')
    expect(await draft(folder, out)).toEqual({ counts: { written: 2, kept: 0 }, problems: [] })
    expect((await readClips(out)).items.map(({ clip, caption }) => [clip, caption])).toEqual([
      ['a.webm', 'Clip a.webm.'],
      ['b.mp4', 'Clip b.mp4.'],
    ])
  })

  it('go on where a run was broken off, also in the middle of a line', async () => {
    const folder = makeFolder('a.mp4', 'b.mp4', 'c.mp4')
    const out = join(temporaryFolder(), 'captions.jsonl')
    const failing: Describer = async (path) => {
      if (path.endsWith('b.mp4')) throw new Error('killed')
      return DESCRIBED(path)
    }
    await expect(draft(folder, out, failing)).rejects.toThrow('killed')
    appendFileSync(out, '{"clip":"b.mp4","capt')
    expect((await draft(folder, out)).counts).toEqual({ written: 2, kept: 1 })
    const { items, problems } = await readClips(out)
    expect(items.map(({ clip }) => clip)).toEqual(['a.mp4', 'b.mp4', 'c.mp4'])
    expect(problems.map(({ reason }) => reason)).toEqual(['not-json'])
  })

  it('stand in the order of the clips, so many at once as is allowed, however long each takes', async () => {
    const folder = makeFolder('a.mp4', 'b.mp4', 'c.mp4', 'd.mp4')
    const out = join(temporaryFolder(), 'captions.jsonl')
    let [atOnce, most] = [0, 0]
    const describer: Describer = async (path) => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setTimeout(resolve, path.endsWith('a.mp4') ? 30 : 1))
      atOnce -= 1
      return DESCRIBED(path)
    }
    expect((await draft(folder, out, describer, 3)).counts).toEqual({ written: 4, kept: 0 })
    expect((await readClips(out)).items.map(({ clip }) => clip)).toEqual(['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4'])
    expect(most).toBe(3)
  })

  it('leave out a clip that cannot be read, and one of which nothing is said', async () => {
    const folder = makeFolder('a.mp4', 'b.mp4', 'c.mp4')
    const { counts, problems } = await draft(folder, join(folder, 'captions.jsonl'), async (path) => {
      if (path.endsWith('a.mp4')) throw new AppError('CLIP_UNREADABLE', 'It is empty.')
      return path.endsWith('b.mp4') ? { caption: ' ', model: 'tiny' } : DESCRIBED(path)
    })
    expect(counts).toEqual({ written: 1, kept: 0 })
    expect(problems.map(({ row, reason }) => [row, reason])).toEqual([
      [1, 'bad-clip'],
      [2, 'empty-answer'],
    ])
  })
})

describe('valley data draft', () => {
  it('has a real model look at real clips', async () => {
    const [folder, temporary] = [temporaryFolder(), join(temporaryFolder(), 'tmp')]
    mkdirSync(temporary)
    writeColourClip(join(folder, 'clip.mp4'), 8, LOSSLESS_H264, { width: 64, height: 48 })
    writeFileSync(join(folder, 'broken.mp4'), 'no clip')
    const out = join(folder, 'captions.jsonl')
    const { status, stdout, stderr } = await runCli({
      cliArguments: ['data', 'draft', folder, out],
      temporaryFolder: temporary,
      environment: { VALLEY_MODEL: await buildTinyPackage('mean') },
    })
    expect(status).toBe(0)
    expect(stderr).toMatch(/^left out: .*broken\.mp4 row 1: bad-clip, seen "CLIP_NOT_VIDEO"/)
    const [, written, kept, leftOut] = /^written: (\d)\nthere before: (\d)\nleft out: (\d)\n/.exec(stdout)!.map(Number)
    // A model with random weights may have nothing to say; then that is told.
    expect([written! + leftOut!, kept]).toEqual([2, 0])
    for (const line of readFileSync(out, 'utf8').trim().split('\n').filter(Boolean)) {
      expect(JSON.parse(line)).toMatchObject({ clip: 'clip.mp4', draftedBy: 'tiny-mean' })
    }
    expect(leftBehind(temporary)).toEqual([])
  })
})
