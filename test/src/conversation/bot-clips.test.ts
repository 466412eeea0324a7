// Which clips a conversation speaks of.
import { describe, expect, it } from 'vitest'
import { accessByPlatform } from '../../../src/conversation/clip-access.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { AppError } from '../../../src/errors.ts'
import { FakeAnswerer, questionText, textOf } from '../../helpers/fake-answerer.ts'
import { clip, message, request } from '../../helpers/messages.ts'
import { endOf, openConversation } from '../../helpers/open-conversation.ts'

describe('a thread with several clips', () => {
  it('answers about the one that a question names', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('What is it?', ['/a'])))
    await endOf(bot.ask(message('And this?', ['/b'])))
    await endOf(bot.ask(message('What is in the first clip?')))
    await endOf(bot.ask(message('Is it red?')))
    await endOf(bot.ask(message('¿Son iguales los dos clips?')))
    expect(answerer.questions.map(questionText)).toEqual([
      '[clip-1] What is it?',
      '[clip-2] And this?',
      '[clip-1] What is in the first clip?',
      'Is it red?',
      '[clip-1] [clip-2] ¿Son iguales los dos clips?',
    ])
  })

  it('asks which one is meant when the named one is not there', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('What is it?', ['/a'])))
    expect(await endOf(bot.ask(message('And the second clip?')))).toMatchObject({
      kind: 'incomplete',
      text: en.noSuchClip(1),
    })
    expect(answerer.questions).toHaveLength(1)
  })

  it('takes the clips of a replied-to message before its own, and knows them again', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('Which is longer?', ['/own'], { repliedClips: [clip('/replied')] })))
    await endOf(bot.ask(message('What is it?', [], { repliedClips: [clip('/replied')] })))
    expect(answerer.questions.map(questionText)).toEqual(['[clip-1] [clip-2] Which is longer?', '[clip-1] What is it?'])
    expect(answerer.questions[0]!.messages[0]!.content[0]).toMatchObject({ clip: { handle: '/replied' } })
  })

  it('says which of several clips it cannot read', async () => {
    const answerer = new FakeAnswerer(() => ({
      fail: new AppError('CLIP_TOO_LONG', 'too long', { details: { clipId: 'clip-2' } }),
    }))
    const { bot } = openConversation(answerer)
    const reply = await endOf(bot.ask(message('What are these?', ['/a', '/b'])))
    expect(reply.text).toBe(`Clip 2: ${en.errors.CLIP_TOO_LONG}`)
    expect((await endOf(bot.ask(message('What is it?', ['/b'])))).text).toBe(en.errors.CLIP_TOO_LONG)
  })

  it('goes on without an earlier clip that can no longer be had, and says so', async () => {
    const gone = new AppError('CLIP_MISSING', 'gone', { details: { clipId: 'clip-1' } })
    let isGone = false
    const answerer = new FakeAnswerer((question) => {
      const shown = JSON.stringify(question.messages).includes('"/a"')
      return isGone && shown ? { fail: gone } : { say: 'Yes.' }
    })
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('What is it?', ['/a'])))
    isGone = true
    const reply = await endOf(bot.ask(message('And this?', ['/b'])))
    expect(reply).toMatchObject({ kind: 'answer', notices: [en.clipsDropped(1)] })
    const last = answerer.questions.at(-1)!
    expect(last.messages.map((_, index) => textOf(last, index))).toEqual(['What is it?', 'Yes.', '[clip-2] And this?'])
    expect((await endOf(bot.ask(message('Sure?')))).notices).toEqual([])
  })

  it('does not go on without the clip that is asked about', async () => {
    const gone = new AppError('CLIP_MISSING', 'gone', { details: { clipId: 'clip-1' } })
    const { bot } = openConversation(new FakeAnswerer(() => ({ fail: gone })))
    expect(await endOf(bot.ask(message('What is it?', ['/a'])))).toMatchObject({
      kind: 'refusal',
      code: 'CLIP_MISSING',
    })
  })
})

describe('who may see a clip', () => {
  it('is who sees the place where it was shown: elsewhere the thread begins anew', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer)
    await endOf(bot.ask(message('private words', ['/private'], { channelId: 'test:closed' })))
    const reply = await endOf(bot.ask(message('What was in the clip?', [], { channelId: 'test:open' })))
    expect(reply.text).toBe(en.clipWanted)
    await endOf(bot.ask(message('And this?', ['/b'], { channelId: 'test:open' })))
    expect(JSON.stringify(answerer.questions.at(-1)!.messages)).not.toContain('private')
  })

  it('is asked again of each person: a clip that one brought from elsewhere is not there for another', async () => {
    const answerer = new FakeAnswerer()
    const { bot, store } = openConversation(answerer, {
      maySeeClip: async ({ handle }, { userId }) => handle !== '/closed' || userId === 'test:ann',
    })
    const ben = { userId: 'test:ben' }
    await endOf(bot.ask(message('one', ['/closed'])))
    expect(await endOf(bot.ask(message('two', [], ben)))).toMatchObject({ kind: 'refusal', code: 'CLIP_MISSING' })
    expect(await endOf(bot.tryAgain(request(ben)))).toMatchObject({ kind: 'refusal', code: 'CLIP_MISSING' })
    expect(await endOf(bot.moreDetail(request(ben)))).toMatchObject({ kind: 'refusal', code: 'CLIP_MISSING' })
    expect(answerer.questions).toHaveLength(1)
    await endOf(bot.ask(message('three', ['/open'], ben)))
    const shown = answerer.questions[1]!
    expect(shown.messages.map((_, index) => textOf(shown, index))).toEqual([
      'one',
      'You said: [clip-1] one',
      '[clip-2] three',
    ])
    expect((await store.load('test:one'))?.clips.map(({ handle }) => handle)).toEqual(['/closed', '/open'])
    await endOf(bot.ask(message('what was in the first clip?')))
    expect(questionText(answerer.questions[2]!)).toBe('[clip-1] what was in the first clip?')
  })

  it('is for the adapter that brought it to say', async () => {
    const maySee = accessByPlatform([
      { platform: 'strict', maySeeClip: async (_, { userId }) => userId === 'test:ann' },
      { platform: 'open' },
    ])
    const seen = (platform: string, userId: string) => maySee({ platform, handle: 'x' }, request({ userId }))
    expect(
      await Promise.all([seen('strict', 'test:ann'), seen('strict', 'test:ben'), seen('open', 'test:ben')]),
    ).toEqual([true, false, true])
  })

  it('is never mixed up between fifty threads that are asked at once', async () => {
    const answerer = new FakeAnswerer()
    const { bot } = openConversation(answerer, { queue: { concurrency: 8, maxWaiting: 1000, maxWaitingPerUser: 1000 } })
    const names = Array.from({ length: 50 }, (_, index) => `thread-${String(index).padStart(2, '0')}`)
    const replies = names.flatMap((name) => {
      const place = { threadId: `test:${name}`, channelId: `test:${name}`, userId: `test:${name}` }
      return ['one', 'two', 'three'].map((word, index) =>
        endOf(bot.ask(message(`${word} ${name}`, index === 0 ? [`/${name}`] : [], place))),
      )
    })
    const texts = (await Promise.all(replies)).map(({ text }) => text)
    for (const [index, text] of texts.entries()) expect(text).toContain(names[Math.floor(index / 3)])
    for (const { threadId, messages } of answerer.questions) {
      const named = new Set(JSON.stringify(messages).match(/thread-\d\d/g))
      expect([...named]).toEqual([threadId.slice('test:'.length)])
    }
    expect(answerer.questions).toHaveLength(150)
  })
})
