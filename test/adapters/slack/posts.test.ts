// Mentions, threads and direct messages.
import { expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { es } from '../../../src/conversation/texts/es.ts'
import { zh } from '../../../src/conversation/texts/zh.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { CAT, DOG, finished, linkTo, useValley } from './slack-talk.ts'

const fixture = useValley()

it('answers "@valley what is it?" with a clip in a thread under the post', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer(() => ({ say: 'A cat sleeps.' }))
  await fixture.start({ answerer })

  const post = ann.posts(general, '@valley what is it?', { files: [CAT] })
  const reply = await finished(slack, general, /^A cat sleeps\.$/)

  expect(reply.threadTs).toBe(post.ts)
  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] what is it?'])
  expect(answerer.questions[0]!.messages[0]!.content[0]).toMatchObject({
    clip: {
      platform: 'slack',
      handle: `${slack.team.id}/${post.files[0]!.id}/${general.id}`,
      name: 'cat.mp4',
      mediaType: 'video/mp4',
    },
  })
  expect(slack.pings()).toEqual([])
})

it('goes on in the thread without a further mention, for everybody there', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /You said: \[clip-1\] one/)
  bob.posts(general, 'two', { thread })
  await finished(slack, general, /You said: two/)

  expect(answerer.questions[1]!.messages).toHaveLength(3)
})

it('takes what is posted while it still answers as the next question', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await slack.waitUntil('the first question', () => answerer.questions.length === 1)
  ann.posts(general, 'two', { thread })
  ann.posts(general, 'three', { thread })
  await finished(slack, general, /You said: three/)

  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'two', 'three'])
})

it('keeps the order of a thread when looking something up takes longer for the first post', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /one/)
  const held = slack.hold('users.info', { when: ({ user }) => user === bob.id })

  bob.posts(general, 'two', { thread })
  await held.reached
  ann.posts(general, 'three', { thread })
  held.release()
  await finished(slack, general, /three/)

  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'two', 'three'])
})

it('is silent in channels and threads where nobody speaks to it', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const other = ann.posts(general, 'look at this', { files: [DOG] })
  bob.posts(general, 'nice', { thread: other })
  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /one/)
  ann.posts(general, '@bob what do you say?', { thread })
  ann.edits(thread, '@valley one, please')
  ann.posts(general, 'two', { thread })
  await finished(slack, general, /two/)

  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', 'two'])
})

it('answers about the clip of the thread that it is called into', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const thread = ann.posts(general, 'look', { files: [CAT] })
  bob.posts(general, '@valley what is it?', { thread })
  await finished(slack, general, /You said: \[clip-1\] what is it\?/)

  expect(answerer.questions[0]!.messages[0]!.content[0]).toMatchObject({ clip: { name: 'cat.mp4' } })
})

it('answers about the clip of a linked post of the same channel', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const post = ann.posts(general, 'look', { files: [CAT] })
  ann.posts(general, 'and', { files: [DOG] })
  ann.posts(general, `@valley what is in ${linkTo(slack, post)} there?`)
  await finished(slack, general, /You said: \[clip-1\] what is in there\?/)

  expect(answerer.questions[0]!.messages[0]!.content[0]).toMatchObject({ clip: { name: 'cat.mp4' } })
})

it('shows no clip of a private channel where others read along, and shows it to a member alone', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const secret = slack.team.addChannel('secret', { isPrivate: true, members: [ann] })
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const link = linkTo(slack, ann.posts(secret, 'look', { files: [CAT] }))

  ann.posts(general, `@valley what is it? ${link}`)
  await finished(slack, general, new RegExp(en.errors.CLIP_MISSING))
  bob.posts(bob.directMessage, `what is it? ${link}`)
  await finished(slack, bob.directMessage, new RegExp(en.errors.CLIP_MISSING))
  ann.posts(ann.directMessage, `what is it? ${link}`)
  await finished(slack, ann.directMessage, /You said: \[clip-1\] what is it\?/)
  bob.runs('/valley', `what is it? ${link}`, general)
  await slack.waitUntil('the refusal', () =>
    bob.ephemeralsIn(general).some(({ text }) => text === en.errors.CLIP_MISSING),
  )

  expect(answerer.questions).toHaveLength(1)
})

it('does not answer about the clip of before when a link leads to what may not be seen', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const secret = slack.team.addChannel('secret', { isPrivate: true, members: [ann] })
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const link = linkTo(slack, ann.posts(secret, 'look', { files: [DOG] }))
  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /You said: \[clip-1\] one/)

  ann.posts(general, `and in ${link} ?`, { thread })
  const refusal = await finished(slack, general, new RegExp(en.errors.CLIP_MISSING))

  expect(refusal.threadTs).toBe(thread.ts)
  expect(answerer.questions).toHaveLength(1)
})

it('answers a direct message without a mention, and keeps threads in it apart', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  const first = await finished(slack, ann.directMessage, /You said: \[clip-1\] one/)
  const thread = ann.posts(ann.directMessage, 'two', { files: [DOG] })
  await finished(slack, ann.directMessage, /You said: \[clip-2\] two/)
  ann.posts(ann.directMessage, 'three', { thread })
  const third = await finished(slack, ann.directMessage, /three/)

  expect(first.threadTs).toBeNull()
  expect(third.threadTs).toBe(thread.ts)
  const ids = answerer.questions.map(({ threadId }) => threadId)
  expect(ids[1]).toBe(ids[0])
  expect(ids[2]).not.toBe(ids[0])
})

it('looks at several clips of one post, in order', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.posts(ann.directMessage, 'compare', { files: [CAT, DOG] })
  await finished(slack, ann.directMessage, /You said: \[clip-1\] \[clip-2\] compare/)
})

it('asks for a clip when there is none, in the language of the person', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann', { locale: 'es-ES' })
  const general = slack.team.addChannel('general')
  await fixture.start()

  ann.posts(general, '@valley ¿qué es?')

  await finished(slack, general, /Envíame primero un clip/)
})

it.each([
  ['es-LA', es.clipWanted],
  ['zh-CN', zh.clipWanted],
  ['zh-TW', zh.clipWanted],
  ['fr-FR', en.clipWanted],
])('speaks the language of a person whose Slack is in %s', async (locale, sentence) => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann', { locale })
  await fixture.start()

  ann.posts(ann.directMessage, '?')

  await slack.waitForMessage(ann.directMessage, ({ text }) => text === sentence)
})

it('resets, forgets and helps when it is told so in a thread', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /one/)
  ann.posts(general, 'reset', { thread })
  await finished(slack, general, new RegExp(en.resetDone))
  ann.posts(general, 'two', { thread })
  await finished(slack, general, /\[clip-1\] two/)
  ann.posts(general, 'help', { thread })
  await finished(slack, general, /\/valley describe/)
  ann.posts(general, '@valley forget', { thread })
  await finished(slack, general, new RegExp(en.forgetDone))

  expect(answerer.questions[1]!.messages).toHaveLength(1)
  expect(answerer.forgotten).toEqual([answerer.questions[0]!.threadId])
})

it('keeps the words of fifty threads apart that ask at the same time', async () => {
  const { slack } = fixture
  const people = Array.from({ length: 50 }, (_, index) => slack.team.addUser(`person${index}`))
  const general = slack.team.addChannel('general')
  const plenty = { questions: 1000, seconds: 60 }
  await fixture.start({ bot: { settings: () => ({ limits: { perUser: plenty, perGroup: plenty } }) } })

  const roots = people.map((person, index) => person.posts(general, `@valley word${index}.`, { files: [CAT] }))
  await slack.waitUntil('fifty answers', () => answered(slack.repliesIn(general)) === 50, FIFTY_LIMIT)
  people.forEach((person, index) => {
    person.posts(general, `again${index}.`, { thread: roots[index] })
  })
  await slack.waitUntil('a hundred answers', () => answered(slack.repliesIn(general)) === 100, FIFTY_LIMIT)

  roots.forEach((root, index) => {
    const inThread = slack.repliesIn(general).filter(({ threadTs }) => threadTs === root.ts)
    // What showed progress may still be on its way out.
    const texts = inThread.filter(({ streamingState }) => streamingState !== null)
    expect(texts.map(({ text }) => text)).toEqual([`You said: [clip-1] word${index}.`, `You said: again${index}.`])
    for (const { versions } of inThread) {
      for (const version of versions) expect(version).not.toMatch(wordsOfOthers(index))
    }
  })
})

/** A deadlock's limit: every answer takes several calls. */
const FIFTY_LIMIT = { limitMs: 50_000 }

function wordsOfOthers(index: number): RegExp {
  return new RegExp(`(?:word|again)(?!${index}\\.)\\d`)
}

function answered(replies: readonly { text: string; streamingState: string | null }[]): number {
  return replies.filter(({ text, streamingState }) => text.startsWith('You said') && streamingState === 'completed')
    .length
}

it("speaks the language that is set for a channel, on its buttons too, whatever the person's own", async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann', { locale: 'en-US' })
  const general = slack.team.addChannel('general')
  const settings = ({ channelId }: { channelId: string }) =>
    channelId === `slack:${slack.team.id}:${general.id}` ? { locale: 'es' } : {}
  await fixture.start({ bot: { settings } })

  ann.posts(general, '@valley one', { files: [CAT] })
  const reply = await finished(slack, general, /one/)
  ann.posts(general, '@valley help')

  expect(JSON.stringify(reply.blocks)).toContain('Más detalle')
  await finished(slack, general, /Enséñame un clip/)
})
