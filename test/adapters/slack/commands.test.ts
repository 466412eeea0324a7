// The slash command, its modal, shortcuts and the assistant pane.
import { expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { apiError } from '../../doubles/slack/web-api/faults.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { CAT, DOG, finished, linkTo, useValley } from './slack-talk.ts'

const fixture = useValley()

it('"/valley what is it?" asks about the newest clip of the channel, and the thread goes on', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  ann.posts(general, 'old', { files: [DOG] })
  ann.posts(general, 'new', { files: [CAT] })
  ann.posts(general, 'notes', { files: [{ name: 'notes.txt', bytes: Buffer.from('x') }] })

  const outcome = await ann.runs('/valley', 'what is it?', general).settled
  const reply = await finished(slack, general, /You said: \[clip-1\] what is it\?/)
  const question = await finished(slack, general, /ann.*what is it/)
  ann.posts(general, 'and now?', { thread: question })
  await finished(slack, general, /You said: and now\?/)

  expect(outcome).toMatchObject({ isAcknowledged: true })
  expect(reply.threadTs).toBe(question.ts)
  expect(answerer.questions[0]!.messages[0]!.content[0]).toMatchObject({ clip: { name: 'cat.mp4' } })
  expect(slack.pings()).toEqual([])
})

it('"/valley describe" asks the usual question', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.start()
  ann.posts(general, 'new', { files: [CAT] })

  ann.runs('/valley', 'describe', general)

  await finished(slack, general, /You said: \[clip-1\] Describe this clip\./)
})

it('"/valley" with a link asks about the clip of that post', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const videos = slack.team.addChannel('videos')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const post = ann.posts(videos, 'look', { files: [CAT] })

  ann.runs('/valley', `what is in ${linkTo(slack, post)} ?`, general)
  await finished(slack, general, /You said: \[clip-1\] what is in \?/)

  expect(answerer.questions[0]!.messages[0]!.content[0]).toMatchObject({ clip: { name: 'cat.mp4' } })
})

it('opens a modal for a file when there is no clip, with the question filled in', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.runs('/valley', 'what is it?', general)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  expect(JSON.stringify(modal.content)).toContain('"initial_value":"what is it?"')
  const sent = await ann.submits(modal, { clips: [CAT], question: 'what is it really?' }).settled
  const reply = await finished(slack, general, /You said: \[clip-1\] what is it really\?/)
  const question = await finished(slack, general, /ann.*what is it really\? · cat\.mp4/)

  expect(sent).toMatchObject({ isAcknowledged: true })
  expect(reply.threadTs).toBe(question.ts)
  expect(ann.openModal).toBeUndefined()
})

it('says that it needs a clip when the modal cannot be opened any more', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.start()
  slack.plan('views.open', apiError('expired_trigger_id'))

  ann.runs('/valley', '', general)

  await slack.waitUntil('the sentence', () => ann.ephemeralsIn(general).some(({ text }) => text === en.clipWanted))
})

it('answers a command in a direct message when it is not in the channel', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const secret = slack.team.addChannel('secret', { isPrivate: true, withBot: false })
  await fixture.start()

  ann.runs('/valley', '', secret)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  ann.submits(modal, { clips: [CAT], question: 'what is it?' })

  await finished(slack, ann.directMessage, /You said: \[clip-1\] what is it\?/)
  expect(slack.repliesIn(secret)).toEqual([])
})

it('"/valley help" explains itself to the person alone, and commands work in a direct message', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.runs('/valley', 'help', general)
  await slack.waitUntil('the help', () =>
    ann.ephemeralsIn(general).some(({ text }) => text.includes('/valley describe')),
  )
  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await finished(slack, ann.directMessage, /one/)
  ann.runs('/valley', 'reset', ann.directMessage)
  await finished(slack, ann.directMessage, new RegExp(en.resetDone))
  ann.runs('/valley', 'two', ann.directMessage)
  await finished(slack, ann.directMessage, /You said: \[clip-1\] two/)
  ann.runs('/valley', 'forget', ann.directMessage)
  await finished(slack, ann.directMessage, new RegExp(en.forgetDone))
  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', '[clip-1] two'])
})

it('describes the clip of a post by its shortcut, in the thread of that post', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  await fixture.start()
  const post = ann.posts(general, 'look', { files: [CAT] })

  const outcome = await bob.usesShortcut('describe_clip', post).settled
  const reply = await finished(slack, general, /You said: \[clip-1\] Describe this clip\./)

  expect(outcome).toMatchObject({ isAcknowledged: true })
  expect(reply.threadTs).toBe(post.ts)
  expect(slack.streams[0]).toMatchObject({ recipientUserId: bob.id })
})

it('asks for a clip when the shortcut is used on a post without one', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.usesShortcut('describe_clip', ann.posts(general, 'only words'))

  await finished(slack, general, new RegExp(en.clipWanted))
  expect(answerer.questions).toEqual([])
})

it('opens the modal from anywhere and answers in a direct message', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  await fixture.start()

  ann.usesGlobalShortcut('ask_about_clip')
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  ann.submits(modal, { clips: [CAT] })

  await finished(slack, ann.directMessage, /You said: \[clip-1\] Describe this clip\./)
})

it('greets in the assistant pane, offers questions, shows a status and gives the thread a title', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  await fixture.start()

  const root = ann.opensAssistant()
  await slack.waitUntil('the prompts', () => slack.assistantThread(root).prompts.length > 0)
  expect(slack.assistantThread(root).prompts).toContainEqual({ title: en.suggestions[0], message: en.suggestions[0] })
  await finished(slack, ann.directMessage, new RegExp(en.greeting))
  ann.posts(ann.directMessage, 'What happens in this clip?', { thread: root, files: [CAT] })
  const reply = await finished(slack, ann.directMessage, /You said: \[clip-1\] What happens/)

  expect(reply.threadTs).toBe(root.ts)
  expect(slack.streams).toHaveLength(1)
  await slack.waitUntil('the title', () => slack.assistantThread(root).titles.length > 0)
  expect(slack.assistantThread(root).titles).toEqual(['What happens in this clip?'])
  expect(slack.assistantThread(root).statuses).toContain('Looking at frames 1/2')
})
