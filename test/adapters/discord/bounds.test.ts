// What bounds a conversation, as people meet it: limits, the queue, the model's context, idle time, languages.
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_FOLLOW_UPS_WHEN_USER_INSTALLED } from '../../../adapters/discord/limits.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { es } from '../../../src/conversation/texts/es.ts'
import { zh } from '../../../src/conversation/texts/zh.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { AppError } from '../../../src/errors.ts'
import { CAT, type DiscordStage, openStage, type StageOptions } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, overflowAbove, questionText, textOf } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

async function open(options: StageOptions): Promise<void> {
  stage = await openStage({ ...options, settings: { openThreads: false, ...options.settings } })
}

afterEach(async () => {
  await stage.close()
})

/** Waits at `long` questions until they are stopped. */
const patient = () =>
  new FakeAnswerer((question) => {
    const text = questionText(question)
    return text.includes('long') ? { say: 'First words of many', wait: true } : { say: `You said: ${text}` }
  })

const perMinute = (questions: number) => ({ questions, seconds: 60 })

describe('who asks too often', () => {
  it('is told how long to wait, and nobody else has to', async () => {
    await open({ channel: { limits: { perUser: perMinute(1) } } })
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    stage.mention('two')
    await stage.sees(en.rateLimited('user', 60))
    const ben = stage.guild.person('Ben')
    ben.posts(stage.general, `${stage.discord.bot.mention} three`, { files: [CAT] })
    await stage.sees('You said: [clip-1] three')
  })

  it('as a guild is told so, and direct messages go on', async () => {
    await open({ channel: { limits: { perGroup: perMinute(1) } } })
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    stage.guild.person('Ben').posts(stage.general, `${stage.discord.bot.mention} two`, { files: [CAT] })
    await stage.sees(en.rateLimited('group', 60))
    stage.ana.posts(stage.ana.dm, 'three', { files: [CAT] })
    await stage.sees('You said: [clip-1] three', stage.ana.dm)
  })

  it('is told when too many of the own questions wait', async () => {
    await open({ answerer: patient() })
    for (let count = 0; count < 12; count += 1) stage.mention('long', { files: [CAT] })
    await stage.sees(en.errors.QUEUE_FULL)
  })
})

describe('who waits', () => {
  it('hears the place in the queue and can stop waiting', async () => {
    await open({ answerer: patient() })
    stage.mention('long', { files: [CAT] })
    await stage.sees('First')
    const ben = stage.guild.person('Ben')
    ben.posts(stage.general, `${stage.discord.bot.mention} never mind`, { files: [CAT] })
    ben.presses(await stage.sees(en.waiting(1)), en.actions.stop)
    await stage.sees(en.cancelled)
    expect(stage.answerer.questions).toHaveLength(1)
  })

  it('comes before the second question of somebody who asks a lot', async () => {
    await open({ answerer: patient() })
    const [other, third] = [stage.guild.channel('other'), stage.guild.channel('third')]
    stage.mention('long', { files: [CAT] })
    const first = await stage.sees('First')
    stage.mention('again', { files: [CAT] }, other)
    await stage.sees(en.waiting(1), other)
    stage.guild.person('Ben').posts(third, `${stage.discord.bot.mention} me`, { files: [CAT] })
    await stage.sees(en.waiting(2), other)
    stage.ana.presses(first, en.actions.stop)
    await stage.sees('You said: [clip-1] again', other)
    expect(stage.answerer.questions.map(questionText)).toEqual(['[clip-1] long', '[clip-1] me', '[clip-1] again'])
  })
})

describe('a conversation', () => {
  it('that grew too long loses its oldest question, keeps the clip, and says so', async () => {
    await open({ answerer: new FakeAnswerer(overflowAbove(3)) })
    for (const [index, text] of ['one', 'two', 'three'].entries()) {
      stage.mention(text, index === 0 ? { files: [CAT] } : {})
      await stage.discord.waitUntil(() => stage.discord.botMessagesIn(stage.general).length === index + 1)
    }
    await stage.sees(en.turnsDropped(1))
    const last = stage.answerer.questions.at(-1)!
    expect(last.messages.map((_, index) => textOf(last, index))).toEqual(['[clip-1] two', 'Answer 3', 'three'])
  })

  it('that nobody used for long is forgotten: its thread asks for a clip, its buttons for a question', async () => {
    let nowMs = 0
    const store = new MemoryThreadStore({ idleMs: 1000, now: () => nowMs })
    await open({ store, settings: { openThreads: true } })
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said: [clip-1] one', thread)
    const answer = await stage.discord.waitForMessage(thread, ({ components }) =>
      JSON.stringify(components).includes(en.actions['more-detail']),
    )
    nowMs = 1001
    stage.ana.posts(thread, 'two')
    await stage.sees(en.clipWanted, thread)
    await stage.ana.presses(answer, 'More detail').answer(({ content }) => content === en.nothingToRepeat)
  })

  it('has the system prompt and the limits of its channel, and of no other', async () => {
    await open({
      channel: ({ channelId }) =>
        channelId === `discord:${stage.general.id}`
          ? { systemPrompt: 'Be brief.', clipLimits: { maxDurationSeconds: 10 } }
          : {},
    })
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    const other = stage.guild.channel('other')
    stage.mention('two', { files: [CAT] }, other)
    await stage.sees('You said: [clip-1] two', other)
    const [here, there] = stage.answerer.questions
    expect(here).toMatchObject({ messages: [{ role: 'system' }, {}], clipLimits: { maxDurationSeconds: 10 } })
    expect(there?.messages).toHaveLength(1)
    expect(there?.clipLimits).toBeUndefined()
  })
})

describe('a long answer', () => {
  it('where only the person has installed the app ends with a mark, since Discord takes five more messages there', async () => {
    await open({ answerer: new FakeAnswerer(() => ({ say: 'word '.repeat(4000) })) })
    const elsewhere = stage.discord.guild('Elsewhere', { withoutBot: true })
    elsewhere.welcomes(stage.ana)
    stage.ana.installsApp()
    const used = stage.ana.usesCommand(elsewhere.channel(), 'valley ask', { question: 'what?', clip: CAT })
    await used.answer(({ components }) => JSON.stringify(components).includes(en.actions['more-detail']))
    expect(used.messages).toHaveLength(1 + MAX_FOLLOW_UPS_WHEN_USER_INSTALLED)
    expect(used.messages.at(-1)?.content).toMatch(/ …$/)
  })
})

describe.each([
  ['es-ES', es],
  ['es-419', es],
  ['zh-CN', zh],
  ['zh-TW', zh],
])('a person with the locale %s', (locale, texts) => {
  it('reads progress, answers, failures and buttons in their language', async () => {
    const answerer = new FakeAnswerer((question) =>
      questionText(question).includes('bad')
        ? { fail: new AppError('CLIP_TOO_LONG', 'no') }
        : { say: 'First words of many', wait: true },
    )
    await open({ answerer })
    const luis = stage.guild.person('Luis', { locale })
    const running = luis.usesCommand(stage.general, 'valley ask', { question: 'long', clip: CAT })
    const answer = await running.answer(({ content }) => content.includes('First'))
    const waiting = luis.usesCommand(stage.general, 'valley ask', { question: 'bad', clip: CAT })
    await waiting.answer(({ content }) => content === `-# ${texts.waiting(1)}`)
    luis.presses(answer, texts.actions.stop)
    await running.answer(({ content }) => content.includes(texts.cancelled))
    await waiting.answer(({ content }) => content === texts.errors.CLIP_TOO_LONG)
    const [begun] = stage.discord.requests.to('PATCH /webhooks/:application/:token/messages/:message')
    expect(JSON.stringify(begun?.body)).toContain(texts.stages.looking)
    expect(JSON.stringify(running.messages[0]?.components)).toContain(texts.actions['try-again'])
  })
})
