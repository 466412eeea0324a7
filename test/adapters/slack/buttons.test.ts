// The buttons under a reply.
import { webApi } from '@slack/bolt'
import { expect, it } from 'vitest'
import { OPEN_ACCESS } from '../../../adapters/slack/access.ts'
import { TakenEventsInMemory } from '../../../adapters/slack/taken-events.ts'
import { NO_LEDGER } from '../../../src/conversation/question-ledger.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { CAT, DOG, finished, useValley } from './slack-talk.ts'
import { SlowAnswerer } from './slow-answerer.ts'

const fixture = useValley()

it('gives more detail, tries again and forgets at the press of a button, in the same thread', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const post = ann.posts(general, '@valley one', { files: [CAT] })
  const first = await finished(slack, general, /You said: \[clip-1\] one/)

  ann.presses(first, 'valley_more_detail')
  const second = await finished(slack, general, /more detail/)
  ann.presses(second, 'valley_try_again')
  await slack.waitUntil('the third answer', () => answerer.questions.length === 3)
  await slack.waitUntil('three replies', () => slack.streams.filter(({ state }) => state === 'completed').length === 3)
  ann.presses(first, 'valley_forget')
  const last = await finished(slack, general, new RegExp(en.forgetDone))

  expect(second.threadTs).toBe(post.ts)
  expect(last.threadTs).toBe(post.ts)
  expect(answerer.questions.map(questionText)[2]).toBe(answerer.questions.map(questionText)[1])
})

it('means the answer that the button is under, also when others came since', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  const first = await finished(slack, general, /You said: \[clip-1\] one/)
  ann.posts(general, 'two', { thread, files: [DOG] })
  await finished(slack, general, /You said: \[clip-2\] two/)

  ann.presses(first, 'valley_try_again')
  await slack.waitUntil('the third question', () => answerer.questions.length === 3)
  ann.presses(first, 'valley_more_detail')
  await slack.waitUntil('the fourth question', () => answerer.questions.length === 4)

  expect(answerer.questions.map(questionText)[2]).toMatch(/one$/)
  const [part] = answerer.questions[3]!.messages.at(-1)!.content
  expect(JSON.stringify(answerer.questions[3]!.messages.at(-1))).toContain('more detail')
  expect(part).not.toMatchObject({ clip: { name: 'dog.mp4' } })
})

it('stops only the question of the person who presses Stop', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer(() => ({ say: 'one two', wait: true }))
  await fixture.start({ answerer })
  ann.posts(general, '@valley long', { files: [CAT] })
  const progress = await slack.waitForMessage(general, ({ blocks }) => JSON.stringify(blocks).includes('valley_stop'))
  await slack.waitForMessage(general, /^one/)

  bob.presses(progress, 'valley_stop')
  await slack.waitUntil('the hint', () => bob.ephemeralsIn(general).some(({ text }) => text === en.notYours))
  expect(answerer.running).toBe(1)
  ann.presses(progress, 'valley_stop')

  await slack.waitUntil('the end', () => answerer.running === 0)
})

it('stops the question of another for admins of the workspace and of the settings', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const mara = slack.team.addUser('mara', { standing: 'admin' })
  const dora = slack.team.addUser('dora')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer(() => ({ say: 'one two', wait: true }))
  await fixture.start({ answerer, settings: { access: { ...OPEN_ACCESS, admins: { users: [dora.id] } } } })
  for (const admin of [mara, dora]) {
    const post = ann.posts(general, '@valley long', { files: [CAT] })
    const progress = await slack.waitForMessage(
      general,
      ({ threadTs, blocks }) => threadTs === post.ts && JSON.stringify(blocks).includes('valley_stop'),
    )
    await slack.waitForMessage(general, /^one/)
    expect(answerer.running).toBe(1)
    admin.presses(progress, 'valley_stop')
    await slack.waitUntil('the end', () => answerer.running === 0)
  }
})

it('takes the Stop button of a question away that did not survive a restart', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.start()
  const button = {
    type: 'button' as const,
    action_id: 'valley_stop',
    text: { type: 'plain_text' as const, text: 'Stop' },
  }
  await new webApi.WebClient(slack.team.botToken, { slackApiUrl: slack.apiUrl }).chat.postMessage({
    channel: general.id,
    text: 'Looking',
    blocks: [{ type: 'actions', elements: [{ ...button, value: 'a question of before' }] }],
  })
  const left = await slack.waitForMessage(general, /Looking/)

  ann.presses(left, 'valley_stop')

  await slack.waitUntil('it is gone', () => left.isDeleted)
})

it('leaves an answer where it is whose Stop was pressed as it ended', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new SlowAnswerer('A cat', ' sleeps.')
  const taken = new TakenEventsInMemory()
  let isSettled = false
  const settle = async () => {
    isSettled = true
  }
  const claim = async (...keys: string[]) => {
    if (keys.some((key) => key.includes('press:'))) {
      answerer.next()
      await slack.waitUntil('the end of the question', () => isSettled)
    }
    return await taken.claim(...keys)
  }
  const settings = { nativeStreaming: false, takenEvents: { claim }, ledger: { ...NO_LEDGER, settle } }
  await fixture.start({ answerer, settings })
  ann.posts(general, '@valley what is it?', { files: [CAT] })
  answerer.next()
  const reply = await slack.waitForMessage(general, /^A cat$/)

  ann.presses(reply, 'valley_stop')
  await finished(slack, general, /^A cat sleeps\.$/)
  await slack.waitUntil('a look at the message', () => slack.requests('conversations.replies').length > 0)
  ann.presses(reply, 'valley_more_detail')
  await slack.waitUntil('the next question', () => answerer.questions.length === 2)
  expect(slack.requests('chat.delete')).toEqual([])
  expect(reply.isDeleted).toBe(false)
})

it('notes feedback in the log, without words of anybody', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { log } = await fixture.start({ answerer: new FakeAnswerer(() => ({ say: 'A secret cat.' })) })
  ann.posts(general, '@valley a secret question', { files: [CAT] })
  const reply = await finished(slack, general, /A secret cat/)

  ann.presses(reply, 'valley_feedback', 'bad')

  const line = await slack.waitUntil('the line', () => log.find((one) => one.includes('"feedback":"bad"')))
  expect(line).toContain(reply.ts)
  expect(log.join('')).not.toMatch(/secret|xox/)
})
