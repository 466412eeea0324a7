// Clips that are not on this machine.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ClipAnswerer, type ClipAnswererOptions } from '../../../src/answering/clip-answerer.ts'
import type { AnswerEvent, AnswerReport, ClipLimits, Question } from '../../../src/conversation/answerer.ts'
import type { ClipLocation, IncomingClip } from '../../../src/conversation/clip.ts'
import { AppError } from '../../../src/errors.ts'
import { downloadClip } from '../../../src/video/download-clip.ts'
import { clipServer } from '../../helpers/clip-server.ts'
import { FakeClips, FakeEngine } from '../../helpers/fake-engine.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const ADDRESS = {
  kind: 'address',
  url: 'https://cdn.test/clip.mp4?sig=secret',
  headers: { authorization: 'Bearer secret' },
  allowedHosts: ['cdn.test'],
} as const satisfies ClipLocation

/** A question about these clips of a platform, whose ids are their places. */
function about(handles: readonly string[], changes: Partial<Question> = {}): Question {
  const clips = handles.map((handle, index) => {
    const clip = { id: `clip-${index + 1}`, platform: 'test', handle, bytes: 7 }
    return { type: 'clip', clip } as const
  })
  const messages = [{ role: 'user', content: [...clips, { type: 'text', text: 'What?' }] }] as const
  return { threadId: 'thread', messages, options: { frameCount: 2 }, ...changes }
}

/** An answerer whose downloads end in files of the test's folder. */
function answererOf(overrides: Partial<ClipAnswererOptions> = {}) {
  const folder = temporaryFolder()
  const path = join(folder, 'downloaded')
  const clips = new FakeClips({ [path]: { hash: 'ball' } })
  const located: IncomingClip[] = []
  const downloads: { source: object; limits: ClipLimits }[] = []
  const removed: string[] = []
  const engine = new FakeEngine()
  const answerer = new ClipAnswerer({
    engine,
    openClip: clips.open,
    locateClip: async (clip) => {
      located.push(clip)
      return ADDRESS
    },
    downloadClip: async (source, { onBytes }, limits) => {
      downloads.push({ source, limits })
      onBytes(0, 7)
      onBytes(7, 7)
      return { path, remove: async () => void removed.push(path) }
    },
    ...overrides,
  })
  const ask = async (question: Question): Promise<{ events: AnswerEvent[]; report: AnswerReport }> => {
    const events: AnswerEvent[] = []
    for await (const event of answerer.answer(question)) events.push(event)
    const last = events.at(-1)
    if (last?.type !== 'end') throw new Error('no end')
    return { events, report: last.report }
  }
  return { answerer, ask, clips, engine, located, downloads, removed }
}

describe('a clip of a platform', () => {
  it('is located, downloaded with its headers and its stated size, and removed after it was looked at', async () => {
    const { ask, located, downloads, removed, clips } = answererOf()
    const { events, report } = await ask(about(['1/2/3'], { clipLimits: { maxClipBytes: 100 } }))
    expect(located).toEqual([expect.objectContaining({ platform: 'test', handle: '1/2/3' })])
    const { kind: _, ...address } = ADDRESS
    expect(downloads).toEqual([{ source: { ...address, statedBytes: 7 }, limits: { maxClipBytes: 100 } }])
    expect(removed).toHaveLength(1)
    expect(clips.closed).toBe(1)
    const stages = events.flatMap((event) =>
      event.type === 'progress' ? [[event.stage, event.done, event.total]] : [],
    )
    expect(stages.slice(0, 4)).toEqual([
      ['downloading', undefined, undefined],
      ['downloading', 0, 7],
      ['downloading', 7, 7],
      ['probing', undefined, undefined],
    ])
    expect(Object.keys(report.timingsMs)).toContain('download')
  })

  it('is neither located nor downloaded again while it is still known', async () => {
    const { ask, located, engine } = answererOf()
    await ask(about(['1/2/3']))
    await ask(about(['1/2/3']))
    expect(located).toHaveLength(1)
    engine.kept.clear()
    await ask(about(['1/2/3']))
    expect(located).toHaveLength(2)
  })

  it('is known by its content, so the same clip posted twice is looked at once', async () => {
    const { ask, downloads, engine } = answererOf()
    await ask(about(['1/2/3']))
    await ask(about(['9/9/9'], { threadId: 'other' }))
    expect(downloads).toHaveLength(2)
    expect(engine.encoded).toHaveLength(1)
  })

  it('is located anew after its thread was forgotten', async () => {
    const { answerer, ask, located } = answererOf()
    await ask(about(['1/2/3']))
    await answerer.forget('thread')
    await ask(about(['1/2/3']))
    expect(located).toHaveLength(2)
  })

  it('that cannot be opened is removed, and the error names the clip', async () => {
    const { ask, removed } = answererOf({
      openClip: async () => {
        throw new AppError('CLIP_UNREADABLE', 'broken', { details: { reason: 'x' } })
      },
    })
    await expect(ask(about(['1/2/3']))).rejects.toMatchObject({
      code: 'CLIP_UNREADABLE',
      details: { clipId: 'clip-1', reason: 'x' },
    })
    expect(removed).toHaveLength(1)
  })

  it('that its platform no longer has is refused by name', async () => {
    const { ask } = answererOf({
      locateClip: async () => {
        throw new AppError('CLIP_MISSING', 'deleted')
      },
    })
    await expect(ask(about(['1/2/3']))).rejects.toMatchObject({ code: 'CLIP_MISSING', details: { clipId: 'clip-1' } })
  })

  it('really comes over the network and goes again', async () => {
    const server = await clipServer((_, response) => response.writeHead(200).end('bytes'))
    let path = ''
    const { ask } = answererOf({
      locateClip: async () => ({ kind: 'address', url: `http://${server.host}/x`, allowedHosts: [server.host] }),
      downloadClip: (source, watch) => downloadClip(source, { ...watch, trustedHosts: [server.host] }),
      openClip: async (opened, signal) => {
        path = opened
        expect(existsSync(path)).toBe(true)
        return new FakeClips({ [opened]: { hash: 'net' } }).open(opened, signal)
      },
    })
    expect((await ask(about(['1/2/3']))).report.answer).toBe('Two words')
    expect(existsSync(path)).toBe(false)
  })
})

describe('a storyboard', () => {
  it('is drawn of the clips that it is asked for, with the frames that were looked at', async () => {
    const { ask } = answererOf()
    const { report } = await ask(about(['1', '2'], { storyboardOf: ['clip-2'] }))
    expect(report.storyboard?.frames).toEqual([
      { clipId: 'clip-2', timeSeconds: 0 },
      { clipId: 'clip-2', timeSeconds: 0.5 },
    ])
    expect([...report.storyboard!.png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
  })

  it('is drawn in a follow-up too, without decoding again', async () => {
    const { ask, engine } = answererOf()
    const first = await ask(about(['1'], { storyboardOf: ['clip-1'] }))
    const second = await ask(about(['1'], { storyboardOf: ['clip-1'] }))
    expect(second.report.storyboard).toEqual(first.report.storyboard)
    expect(engine.encoded).toHaveLength(1)
  })

  it('is drawn of a clip that was looked at without one: only its frames are decoded again', async () => {
    const { ask, clips, engine } = answererOf()
    expect((await ask(about(['1']))).report).not.toHaveProperty('storyboard')
    expect((await ask(about(['1'], { storyboardOf: ['clip-1'] }))).report.storyboard?.frames).toHaveLength(2)
    expect(clips.decodedFrames).toBe(4)
    expect(engine.encoded).toHaveLength(1)
    expect((await ask(about(['1']))).report).not.toHaveProperty('storyboard')
  })

  it('shows sixteen of many frames', async () => {
    const { ask } = answererOf({ engine: new FakeEngine() })
    const { report } = await ask(about(['1', '2'], { options: { frameCount: 12 }, storyboardOf: ['clip-1', 'clip-2'] }))
    expect(report.storyboard?.frames).toHaveLength(16)
    expect(report.frames).toHaveLength(24)
  })
})
