import { afterEach, describe, expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { CAT, type DiscordStage, openStage, type StageOptions } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

async function open(options: StageOptions = {}): Promise<void> {
  stage = await openStage(options)
}

afterEach(async () => {
  await stage.close()
})

describe('a thread of a conversation', () => {
  it('goes on without a further mention, also for others', async () => {
    await open()
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said: [clip-1] one', thread)
    stage.ana.posts(thread, 'two')
    await stage.sees('You said: two', thread)
    stage.guild.person('Ben').posts(thread, 'three')
    await stage.sees('You said: three', thread)
    expect(stage.answerer.questions.at(-1)?.messages).toHaveLength(5)
  })

  it('is announced by typing in the channel above, however long it takes to open', async () => {
    await open()
    const threads = 'POST /channels/:channel/messages/:message/threads'
    stage.discord.faults.add(threads, { kind: 'slow', delayMs: 300 })
    stage.mention('one', { files: [CAT] })
    await stage.discord.waitUntil(() => stage.discord.typing.length > 0)
    expect(stage.discord.typing.map(({ channelId }) => channelId)).toEqual([stage.general.id])
    await stage.sees('You said', await stage.thread())
  })

  it('needs a mention where the intent is not granted, and then knows the clip', async () => {
    await open({ double: { privileged: { messageContent: false } } })
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said: [clip-1] one', thread)
    stage.ana.posts(thread, 'unheard')
    stage.mention('two', {}, thread)
    await stage.sees('You said: two', thread)
    expect(stage.answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'two'])
  })

  it('leaves people alone who turn to each other there', async () => {
    await open()
    const ben = stage.guild.person('Ben')
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said', thread)
    stage.ana.posts(thread, `${ben.mention} funny, is it not?`)
    stage.ana.posts(thread, 'two')
    await stage.sees('You said: two', thread)
    expect(stage.answerer.questions).toHaveLength(2)
  })

  it('of people is not followed unless they mention the bot', async () => {
    await open()
    const post = stage.ana.posts(stage.general, 'let us talk')
    const thread = stage.ana.startsThread(post, 'talk')
    stage.ana.posts(thread, 'hello', { files: [CAT] })
    stage.mention('one', { files: [CAT] }, thread)
    await stage.sees('You said: [clip-1] one', thread)
    stage.ana.posts(thread, 'two')
    await stage.sees('You said: two', thread)
    expect(stage.answerer.questions).toHaveLength(2)
    expect(stage.discord.threadsOf(stage.general)).toHaveLength(1)
  })

  it('of people is followed from the mention on, also while the answer to it still comes', async () => {
    const answerer = new FakeAnswerer((question) => {
      const text = questionText(question)
      return { say: `You said: ${text}`, wait: text.includes('one') }
    })
    await open({ answerer })
    const thread = stage.ana.startsThread(stage.ana.posts(stage.general, 'let us talk'), 'talk')
    stage.mention('one', { files: [CAT] }, thread)
    const first = await stage.sees('You', thread)
    stage.ana.posts(thread, 'and the second?')
    await stage.sees(en.waiting(1), thread)
    stage.ana.presses(first, 'Stop')
    await stage.sees('You said: and the second?', thread)
  })

  it('is used when the post has one already', async () => {
    await open()
    const post = stage.ana.posts(stage.general, 'look', { files: [CAT] })
    stage.ana.startsThread(post, 'talk')
    const thread = await stage.thread()
    stage.mention('what is it?', {}, thread)
    await stage.sees('Please send me a clip', thread)
  })
})

describe('a channel without threads', () => {
  it('by the settings gets replies, and each person has a conversation of their own', async () => {
    await open({ settings: { openThreads: false } })
    const post = stage.mention('one', { files: [CAT] })
    const answer = await stage.sees('You said: [clip-1] one')
    expect(answer.message_reference?.message_id).toBe(post.id)
    stage.mention('two')
    await stage.sees('You said: two')
    stage.guild.person('Ben').posts(stage.general, `${stage.discord.bot.mention} three`)
    await stage.sees('Please send me a clip')
  })

  it('for want of the permission gets replies', async () => {
    await open()
    stage.general.denies(stage.discord.bot, 'CreatePublicThreads')
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    expect(stage.discord.threadsOf(stage.general)).toEqual([])
  })

  it('because Discord refuses just now gets replies', async () => {
    await open()
    stage.discord.faults.add('POST /channels/:channel/messages/:message/threads', { kind: 'refused', code: 50013 })
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
  })

  it('in which the bot may not reply to older posts gets plain posts', async () => {
    await open({ settings: { openThreads: false } })
    stage.general.denies(stage.discord.bot, 'ReadMessageHistory')
    stage.mention('one', { files: [CAT] })
    expect((await stage.sees('You said: [clip-1] one')).message_reference).toBeUndefined()
  })
})
