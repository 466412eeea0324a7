import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IncomingClip } from '../../../src/conversation/clip.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'

const A_DAY_MS = 25 * 60 * 60 * 1000

let stage: DiscordStage
let nowMs: () => number

beforeEach(async () => {
  let movedMs = 0
  stage = await openStage({ settings: { openThreads: false }, adapter: { now: () => Date.now() + movedMs } })
  nowMs = () => {
    movedMs += A_DAY_MS
    stage.discord.advance(A_DAY_MS)
    return movedMs
  }
})

afterEach(async () => {
  await stage.close()
})

/** The clip of the last question. */
function lastClip(): IncomingClip {
  const parts = stage.answerer.questions.at(-1)!.messages.flatMap(({ content }) => content)
  const part = parts.findLast(({ type }) => type === 'clip')
  if (part?.type !== 'clip') throw new Error('The question has no clip.')
  return part.clip
}

async function download(clip = lastClip()): Promise<number> {
  const location = await stage.adapter.locateClip(clip, new AbortController().signal)
  if (location.kind !== 'address') throw new Error('It has no address.')
  expect(location.allowedHosts).toEqual([stage.discord.host])
  expect(location.headers).toBeUndefined()
  return (await fetch(location.url)).status
}

const refusal = (clip = lastClip()) =>
  stage.adapter.locateClip(clip, new AbortController().signal).then(
    () => 'located',
    (error: { code: string }) => error.code,
  )

describe('a clip of a post', () => {
  it('can be had, and a day later again by another address', async () => {
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    expect(await download()).toBe(200)
    nowMs()
    expect(await download()).toBe(200)
  })

  it('has a handle without address or signature', async () => {
    const post = stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    expect(lastClip().handle).toBe(`${stage.general.id}/${post.id}/${post.attachments[0]?.id}`)
    expect(JSON.stringify(stage.answerer.questions)).not.toMatch(/https?:|hm=/)
  })

  it('that was deleted is missing', async () => {
    const post = stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    stage.ana.deletes(post)
    expect(await refusal()).toBe('CLIP_MISSING')
  })

  it('in a channel that the bot was shut out of is out of reach once its address has expired', async () => {
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    stage.general.denies(stage.discord.bot, 'ViewChannel')
    nowMs()
    expect(await refusal()).toBe('CLIP_ACCESS_DENIED')
  })

  it('is unreachable while Discord fails', async () => {
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    stage.discord.faults.add('GET /channels/:channel/messages/:message', { kind: 'broken', status: 503 }, 4)
    expect(await refusal()).toBe('CLIP_UNREACHABLE')
  })

  it('is not looked for when the question was stopped', async () => {
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    const reason = new Error('stopped')
    await expect(stage.adapter.locateClip(lastClip(), AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('a clip of a command', () => {
  it('can be had until its address expires', async () => {
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'one', clip: CAT })
    await used.answer(({ content }) => content.includes('You said'))
    expect(await download()).toBe(200)
    nowMs()
    expect(await refusal()).toBe('CLIP_MISSING')
  })
})
