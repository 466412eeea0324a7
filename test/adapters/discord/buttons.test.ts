import type { APIMessage } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AnswerEvent, Question } from '../../../src/conversation/answerer.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { es } from '../../../src/conversation/texts/es.ts'
import { AppError } from '../../../src/errors.ts'
import type { Channel } from '../../doubles/discord/people/channel.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage
let thread: Channel

const endless = () => new FakeAnswerer(() => ({ say: 'First words of many', wait: true }))

/** Says all of an answer at once, and that it has ended only when it is let go. */
class HeldAnswerer extends FakeAnswerer {
  release = () => {}
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve
  })

  override async *answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    for await (const event of super.answer(question, signal)) {
      if (event.type === 'end') await this.#released
      yield event
    }
  }
}

beforeEach(async () => {
  stage = await openStage()
})

afterEach(async () => {
  await stage.close()
})

async function firstAnswer(): Promise<APIMessage> {
  stage.mention('one', { files: [CAT] })
  thread = await stage.thread()
  return stage.discord.waitForMessage(thread, hasButton('More detail'))
}

const hasButton = (label: string) => (message: APIMessage) => JSON.stringify(message.components).includes(label)

describe('the button', () => {
  it('More detail asks for more in the same conversation', async () => {
    const used = stage.ana.presses(await firstAnswer(), 'More detail')
    await used.answer(({ content }) => content.includes('more detail'))
    expect(stage.answerer.questions[1]?.messages).toHaveLength(3)
  })

  it('Try again asks the same once more', async () => {
    const used = stage.ana.presses(await firstAnswer(), 'Try again')
    await used.answer(({ content }) => content === 'You said: [clip-1] one')
    expect(stage.answerer.questions.map(questionText)).toEqual(['[clip-1] one', '[clip-1] one'])
  })

  it('Forget removes the conversation', async () => {
    const used = stage.ana.presses(await firstAnswer(), 'Forget')
    await used.answer(({ content }) => content === en.forgetDone)
    stage.ana.posts(thread, 'two')
    await stage.sees(en.clipWanted, thread)
  })

  it('works after a restart', async () => {
    const answer = await firstAnswer()
    await stage.restart()
    const used = stage.ana.presses(answer, 'More detail')
    await used.answer(({ content }) => content.includes('more detail'))
    expect(stage.answerer.questions[1]?.messages).toHaveLength(3)
  })

  it('Try again works after a restart, in the place of the answer', async () => {
    const answer = await firstAnswer()
    await stage.restart()
    const used = stage.ana.presses(answer, 'Try again')
    await used.answer(({ content }) => content === 'You said: [clip-1] one')
    expect(stage.answerer.questions.map(({ messages }) => messages.length)).toEqual([1, 1])
  })

  it('of an old answer is about that answer, also after a restart', async () => {
    const answer = await firstAnswer()
    stage.ana.posts(thread, 'two', { files: [{ ...CAT, name: 'dog.mp4' }] })
    await stage.sees('You said: [clip-2] two', thread)
    await stage.restart()
    const more = stage.ana.presses(answer, 'More detail')
    await more.answer(({ content }) => content === 'You said: [clip-1] Describe it in more detail.')
    // The clip is in view already.
    await stage.ana.presses(answer, 'Try again').answer(({ content }) => content === 'You said: one')
  })

  it('Try again under a failure asks that question and no other, or says that it is not known any more', async () => {
    await stage.close()
    const answerer = new FakeAnswerer((question) => {
      const text = questionText(question)
      return text.includes('bad') ? { fail: new AppError('TIMED_OUT', 'no') } : { say: `You said: ${text}` }
    })
    stage = await openStage({ answerer })
    await firstAnswer()
    stage.ana.posts(thread, 'bad')
    const failed = await stage.sees(en.errors.TIMED_OUT, thread)
    stage.ana.posts(thread, 'three')
    await stage.sees('You said: three', thread)
    await stage.ana.presses(failed, 'Try again').answer(({ content }) => content === en.errors.TIMED_OUT)
    expect(questionText(answerer.questions.at(-1)!)).toBe('bad')
    await stage.restart()
    await stage.ana.presses(failed, 'Try again').answer(({ content }) => content === en.nothingToRepeat)
    expect(answerer.questions).toHaveLength(4)
  })

  it('under the answer to a command continues in its thread', async () => {
    stage.ana.usesCommand(stage.general, 'valley ask', { question: 'one', clip: CAT })
    const answer = await stage.discord.waitForMessage(stage.general, hasButton('More detail'))
    const opened = await stage.thread()
    stage.ana.presses(answer, 'More detail')
    await stage.sees('more detail', opened)
    expect(stage.discord.botMessagesIn(stage.general)).toHaveLength(1)
  })

  it('Forget under such an answer empties the conversation, and its thread is followed all the same', async () => {
    stage.ana.usesCommand(stage.general, 'valley ask', { question: 'one', clip: CAT })
    const answer = await stage.discord.waitForMessage(stage.general, hasButton('Forget'))
    const opened = await stage.thread()
    stage.ana.presses(answer, 'Forget')
    await stage.sees(en.forgetDone, opened)
    stage.ana.posts(opened, 'two')
    await stage.sees(en.clipWanted, opened)
  })

  it('under the answer to one person where there are no threads is not for another', async () => {
    await stage.close()
    stage = await openStage({ settings: { openThreads: false } })
    stage.mention('one', { files: [CAT] })
    const answer = await stage.discord.waitForMessage(stage.general, hasButton('Forget'))
    const used = stage.guild.person('Ben', { locale: 'es-419' }).presses(answer, 'Forget')
    await used.answer(({ content }) => content === es.notYours)
    stage.mention('two')
    await stage.sees('You said: two')
  })

  it('Forget there is for admins of the settings too, and the other buttons are not', async () => {
    const ben = stage.guild.person('Ben')
    await stage.restart({ settings: { openThreads: false, admins: { users: [ben.id], roles: [] } } })
    stage.mention('one', { files: [CAT] })
    const answer = await stage.discord.waitForMessage(stage.general, hasButton('Forget'))
    await ben.presses(answer, 'More detail').answer(({ content }) => content === en.notYours)
    await ben.presses(answer, 'Forget').answer(({ content }) => content === en.forgetDone)
    stage.mention('two')
    await stage.sees(en.clipWanted)
    expect(stage.answerer.questions).toHaveLength(1)
  })
})

describe('the button Stop', () => {
  beforeEach(async () => {
    await stage.close()
    stage = await openStage({ answerer: endless() })
  })

  async function running(): Promise<APIMessage> {
    stage.mention('long', { files: [CAT] })
    thread = await stage.thread()
    return stage.sees('First', thread)
  }

  it('stops the answer where it is, and leaves what was said', async () => {
    stage.ana.presses(await running(), 'Stop')
    const stopped = await stage.sees(en.cancelled, thread)
    expect(stopped.content).toMatch(/^First\s+-# Stopped\.$/)
    expect(hasButton('Stop')(stopped)).toBe(false)
    expect(stage.answerer.running).toBe(0)
  })

  it('is for who asked', async () => {
    const answer = await running()
    await stage.guild
      .person('Ben')
      .presses(answer, 'Stop')
      .answer(({ content }) => content === en.notYours)
    expect(stage.answerer.running).toBe(1)
  })

  it('is for moderators too', async () => {
    const answer = await running()
    const mo = stage.guild.person('Mo')
    stage.guild.role('moderators', { permissions: ['ManageMessages'], people: [mo] })
    mo.presses(answer, 'Stop')
    await stage.sees(en.cancelled, thread)
  })

  it('is for admins of the settings too, unless they are denied', async () => {
    const [ben, eve] = [stage.guild.person('Ben'), stage.guild.person('Eve')]
    const { id } = stage.guild.role('hosts', { people: [ben, eve] })
    const users = { allow: [], deny: [eve.id] }
    await stage.restart({ settings: { admins: { users: [], roles: [id] }, users } })
    const answer = await running()
    await eve.presses(answer, 'Stop').answer(({ content }) => content === en.notWelcome)
    expect(stage.answerer.running).toBe(1)
    ben.presses(answer, 'Stop')
    await stage.sees(en.cancelled, thread)
  })

  it('of an answer that ended with the program goes away', async () => {
    const answer = await running()
    await stage.restart({ abruptly: true })
    const used = stage.ana.presses(answer, 'Stop')
    await used.answer((message) => !hasButton('Stop')(message))
    expect(used.failed).toBe(false)
  })

  it('pressed as the answer ends leaves the answer the buttons that it has by then', async () => {
    const answerer = new HeldAnswerer()
    await stage.close()
    stage = await openStage({ answerer })
    stage.mention('one', { files: [CAT] })
    thread = await stage.thread()
    const answer = await stage.sees('You said: [clip-1] one', thread)
    // Valley hears of the press when it is connected again, some 500 ms later.
    stage.discord.gateway.drop()
    const used = stage.ana.presses(answer, 'Stop')
    answerer.release()
    await stage.discord.waitForMessage(thread, hasButton('Try again'))
    await used.acknowledged()
    await stage.ana.presses(answer, 'More detail').answer(({ content }) => content.includes('more detail'))
    const after = stage.discord.botMessagesIn(thread).find(({ id }) => id === answer.id)
    expect(hasButton('Try again')(after!)).toBe(true)
  })
})
