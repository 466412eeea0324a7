// What bounds a conversation, as people meet it: limits, the queue, the model's context, idle time, settings of a channel;
// and which of its clips a question means.
import { describe, expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { FakeAnswerer, overflowAbove, questionText, textOf } from '../../helpers/fake-answerer.ts'
import { CAT, DOG, finished, useValley } from './slack-talk.ts'

const fixture = useValley()

const perMinute = (questions: number) => ({ questions, seconds: 60 })

function scene() {
  const { team } = fixture.slack
  return { ann: team.addUser('ann'), bob: team.addUser('bob'), general: team.addChannel('general') }
}

describe('who asks too often', () => {
  it('is told how long to wait, and nobody else has to', async () => {
    const { slack } = fixture
    const { ann, bob, general } = scene()
    const answerer = new FakeAnswerer()
    await fixture.start({ answerer, bot: { settings: () => ({ limits: { perUser: perMinute(1) } }) } })

    const thread = ann.posts(general, '@valley one', { files: [CAT] })
    await finished(slack, general, /You said: \[clip-1\] one/)
    ann.posts(general, 'two', { thread })
    const told = await slack.waitForMessage(general, ({ text }) => text === en.rateLimited('user', 60))
    bob.posts(general, 'three', { thread })
    await finished(slack, general, /You said: three/)

    expect(told.threadTs).toBe(thread.ts)
    expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'three'])
  })

  it('as a workspace is told so, and direct messages go on', async () => {
    const { slack } = fixture
    const { ann, bob, general } = scene()
    await fixture.start({ bot: { settings: () => ({ limits: { perGroup: perMinute(1) } }) } })

    ann.posts(general, '@valley one', { files: [CAT] })
    await finished(slack, general, /You said: \[clip-1\] one/)
    bob.posts(general, '@valley two', { files: [CAT] })
    await slack.waitForMessage(general, ({ text }) => text === en.rateLimited('group', 60))
    ann.posts(ann.directMessage, 'three', { files: [CAT] })
    await finished(slack, ann.directMessage, /You said: \[clip-1\] three/)
  })

  it('is told when too many of the own questions wait', async () => {
    const { slack } = fixture
    const { ann, general } = scene()
    const answerer = new FakeAnswerer(() => ({ say: 'First words of many', wait: true }))
    await fixture.start({ answerer, bot: { queue: { maxWaitingPerUser: 2 } } })

    for (const number of [1, 2, 3, 4]) ann.posts(general, `@valley ${number}`, { files: [CAT] })

    await slack.waitForMessage(general, ({ text }) => text === en.errors.QUEUE_FULL)
  })
})

describe('a conversation', () => {
  it('that grew too long loses its oldest question, keeps the clip, and says so', async () => {
    const { slack } = fixture
    const { ann } = scene()
    const answerer = new FakeAnswerer(overflowAbove(3))
    await fixture.start({ answerer })

    for (const [index, text] of ['one', 'two', 'three'].entries()) {
      ann.posts(ann.directMessage, text, index === 0 ? { files: [CAT] } : {})
      await slack.waitUntil(
        `answer ${index + 1}`,
        () =>
          slack.repliesIn(ann.directMessage).filter(({ blocks }) => JSON.stringify(blocks).includes('feedback_buttons'))
            .length ===
          index + 1,
      )
    }

    const told = slack.repliesIn(ann.directMessage).at(-1)
    expect(JSON.stringify(told?.blocks)).toContain(en.turnsDropped(1))
    const last = answerer.questions.at(-1)!
    expect(last.messages.map((_, index) => textOf(last, index))).toEqual(['[clip-1] two', 'Answer 3', 'three'])
  })

  it('that nobody used for long is forgotten: its thread is quiet, a mention needs a clip, a button a question', async () => {
    const { slack } = fixture
    const { ann, general } = scene()
    let nowMs = 0
    const answerer = new FakeAnswerer()
    await fixture.start({ answerer, bot: { store: new MemoryThreadStore({ idleMs: 1000, now: () => nowMs }) } })

    const thread = ann.posts(general, '@valley one', { files: [CAT] })
    const answer = await finished(slack, general, /You said: \[clip-1\] one/)
    // The question is over, with all that shows it, once its progress has gone and something else was answered.
    await slack.waitUntil('the progress to go', () => slack.repliesIn(general).length === 1)
    ann.runs('/valley', 'help', general)
    await slack.waitUntil('the help', () => ann.ephemeralsIn(general).length === 1)
    nowMs = 1001
    ann.posts(general, 'two', { thread })
    ann.posts(general, '@valley three', { thread })
    await slack.waitForMessage(general, ({ text }) => text === en.clipWanted)
    ann.presses(answer, 'valley_more_detail')
    await slack.waitForMessage(general, ({ text }) => text === en.nothingToRepeat)

    expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one'])
    expect(slack.repliesIn(general)).toHaveLength(3)
  })

  it('has the system prompt and the limits of its channel, and of no other', async () => {
    const { slack } = fixture
    const { ann, general } = scene()
    const other = slack.team.addChannel('other')
    const answerer = new FakeAnswerer()
    const here = `slack:${slack.team.id}:${general.id}`
    const brief = { systemPrompt: 'Be brief.', clipLimits: { maxDurationSeconds: 10 } }
    await fixture.start({ answerer, bot: { settings: ({ channelId }) => (channelId === here ? brief : {}) } })

    ann.posts(general, '@valley one', { files: [CAT] })
    await finished(slack, general, /You said: \[clip-1\] one/)
    ann.posts(other, '@valley two', { files: [CAT] })
    await finished(slack, other, /You said: \[clip-1\] two/)

    const [inGeneral, inOther] = answerer.questions
    expect(inGeneral).toMatchObject({ messages: [{ role: 'system' }, {}], clipLimits: brief.clipLimits })
    expect(textOf(inGeneral!, 0)).toBe('Be brief.')
    expect(inOther?.messages).toHaveLength(1)
    expect(inOther?.clipLimits).toBeUndefined()
  })
})

it('"what is in the first clip?" and "both" mean those of the thread, whoever posted them', async () => {
  const { slack } = fixture
  const { ann, bob, general } = scene()
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const thread = ann.posts(general, '@valley what is it?', { files: [CAT] })
  await finished(slack, general, /what is it/)
  bob.posts(general, 'and this?', { thread, files: [DOG] })
  await finished(slack, general, /and this/)
  ann.posts(general, 'what is in the first clip?', { thread })
  await finished(slack, general, /first clip/)
  bob.posts(general, 'what happens in both?', { thread })
  await finished(slack, general, /both/)
  ann.posts(general, 'and in the third clip?', { thread })
  await slack.waitForMessage(general, ({ text }) => text === en.noSuchClip(2))

  expect(answerer.questions.map(questionText)).toEqual([
    '[clip-1] what is it?',
    '[clip-2] and this?',
    '[clip-1] what is in the first clip?',
    '[clip-1] [clip-2] what happens in both?',
  ])
  const [first, second] = answerer.questions.at(-1)!.messages.at(-1)!.content
  expect([first, second]).toMatchObject([{ clip: { name: 'cat.mp4' } }, { clip: { name: 'dog.mp4' } }])
})
