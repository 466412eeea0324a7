// Who may ask about a clip that came into a conversation from elsewhere.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChannelReaders } from '../../../adapters/slack/channel-readers.ts'
import { READER_MEMORY_MS } from '../../../adapters/slack/limits.ts'
import { Workspace } from '../../../adapters/slack/workspace.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { apiError } from '../../doubles/slack/web-api/faults.ts'
import type { Channel } from '../../doubles/slack/world/channel.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { CAT, finished, linkTo, useValley } from './slack-talk.ts'

const fixture = useValley()

afterEach(() => void vi.restoreAllMocks())

/** How often somebody at a place was told that the clip is not there. */
function refusalsIn(channel: Channel): number {
  return fixture.slack.repliesIn(channel).filter(({ text }) => text === en.errors.CLIP_MISSING).length
}

async function refused(channel: Channel, times = 1): Promise<void> {
  await fixture.slack.waitUntil(`refusal ${times}`, () => refusalsIn(channel) === times)
}

it('"what then?" about a linked clip of a public channel is answered for members, and for a guest only when invited', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const gus = slack.team.addUser('gus', { standing: 'guest' })
  const eva = slack.team.addUser('eva', { standing: 'outside' })
  const general = slack.team.addChannel('general')
  const videos = slack.team.addChannel('videos', { members: [ann] })
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const link = linkTo(slack, ann.posts(videos, 'look', { files: [CAT] }))

  const thread = ann.posts(general, `@valley what is it? ${link}`)
  await finished(slack, general, /You said: \[clip-1\] what is it\?/)
  gus.posts(general, 'I too', { thread })
  await refused(general)
  eva.posts(general, 'me too', { thread })
  await refused(general, 2)
  bob.posts(general, 'what then?', { thread })
  await finished(slack, general, /You said: what then\?/)
  videos.members.add(gus.id)
  gus.posts(general, 'and now?', { thread })
  await finished(slack, general, /You said: and now\?/)

  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] what is it?', 'what then?', 'and now?'])
})

it('buttons under an answer about a linked clip work only for those who may see it', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const gus = slack.team.addUser('gus', { standing: 'guest' })
  const general = slack.team.addChannel('general')
  const videos = slack.team.addChannel('videos', { members: [ann] })
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.posts(general, `@valley what is it? ${linkTo(slack, ann.posts(videos, 'look', { files: [CAT] }))}`)
  const reply = await finished(slack, general, /You said/)
  gus.presses(reply, 'valley_try_again')
  await refused(general)

  expect(answerer.questions).toHaveLength(1)
})

it('a clip of a private channel is spoken of in a direct message as long as the person is in that channel', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const secret = slack.team.addChannel('secret', { isPrivate: true, members: [ann, bob] })
  const answerer = new FakeAnswerer()
  let aheadMs = 0
  const { now } = Date
  vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
  await fixture.start({ answerer })
  const link = linkTo(slack, ann.posts(secret, 'look', { files: [CAT] }))

  for (const person of [ann, bob]) {
    person.posts(person.directMessage, `what is it? ${link}`)
    await finished(slack, person.directMessage, /You said: \[clip-1\] what is it\?/)
  }
  secret.members.delete(bob.id)
  aheadMs = READER_MEMORY_MS
  for (const person of [ann, bob]) person.posts(person.directMessage, 'what then?')
  await finished(slack, ann.directMessage, /You said: what then\?/)
  await refused(bob.directMessage)

  expect(answerer.questions).toHaveLength(3)
})

it('clips of the thread itself, of its channel and of the modal are asked about without a word to Slack', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const gus = slack.team.addUser('gus', { standing: 'guest' })
  const general = slack.team.addChannel('general')
  await fixture.start()

  const thread = ann.posts(general, `@valley one ${linkTo(slack, ann.posts(general, 'look', { files: [CAT] }))}`)
  await finished(slack, general, /You said: \[clip-1\] one/)
  gus.posts(general, 'two', { thread })
  await finished(slack, general, /You said: two/)
  ann.runs('/valley', '', general)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  ann.submits(modal, { clips: [CAT], question: 'three' })
  const third = await finished(slack, general, /You said: \[clip-1\] three/)
  gus.presses(third, 'valley_more_detail')
  await slack.waitUntil('the fourth', () => slack.streams.length === 4)

  expect(slack.requests('conversations.members')).toEqual([])
  expect(refusalsIn(general)).toBe(0)
})

it('describes the clip of a post by its shortcut also where it cannot ask who reads along', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const secret = slack.team.addChannel('secret', { isPrivate: true, withBot: false })
  await fixture.start()

  ann.usesShortcut('describe_clip', ann.posts(secret, 'look', { files: [CAT] }))
  await finished(slack, ann.directMessage, /You said: \[clip-1\] Describe this clip\./)
})

it('a linked clip is as if it were not there when Slack does not tell who may see it', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const videos = slack.team.addChannel('videos', { members: [ann] })
  const valley = await fixture.start()

  const thread = ann.posts(general, `@valley one ${linkTo(slack, ann.posts(videos, 'look', { files: [CAT] }))}`)
  await finished(slack, general, /You said: \[clip-1\] one/)
  slack.plan('conversations.info', apiError('internal_error'))
  bob.posts(general, 'two', { thread })
  await refused(general)
  expect(valley.log.some((line) => line.includes('"reason":"internal_error"'))).toBe(true)
  bob.posts(general, 'three', { thread })
  await finished(slack, general, /You said: three/)
})

describe('who may read a channel', () => {
  function readers(now: () => number): ChannelReaders {
    const { slack } = fixture
    const { id: teamId, botToken, botUserId } = slack.team
    const workspace = new Workspace({ teamId, botToken, botUserId }, { slackApiUrl: slack.apiUrl })
    return new ChannelReaders(workspace.client, teamId, now)
  }

  it('is kept for a minute when they may, and asked anew when they may not', async () => {
    const { slack } = fixture
    const ann = slack.team.addUser('ann')
    const bob = slack.team.addUser('bob')
    const secret = slack.team.addChannel('secret', { isPrivate: true, members: [ann] })
    let nowMs = 0
    const asked = readers(() => nowMs)

    expect(await asked.mayRead(ann.id, secret.id)).toBe(true)
    expect(await asked.mayRead(bob.id, secret.id)).toBe(false)
    secret.members.delete(ann.id)
    secret.members.add(bob.id)
    nowMs = READER_MEMORY_MS - 1
    expect(await asked.mayRead(ann.id, secret.id)).toBe(true)
    expect(await asked.mayRead(bob.id, secret.id)).toBe(true)
    nowMs = READER_MEMORY_MS
    expect(await asked.mayRead(ann.id, secret.id)).toBe(false)
  })

  it('is asked of Slack once for several clips at a time', async () => {
    const { slack } = fixture
    const ann = slack.team.addUser('ann')
    const secret = slack.team.addChannel('secret', { isPrivate: true })
    const asked = readers(() => 0)

    expect(await Promise.all([1, 2, 3].map(() => asked.mayRead(ann.id, secret.id)))).toEqual([true, true, true])
    expect(slack.requests('conversations.members')).toHaveLength(1)
  })

  it('is found on the last of several pages of members', async () => {
    const { slack } = fixture
    const people = Array.from({ length: 1001 }, (_, index) => slack.team.addUser(`person${index}`))
    const secret = slack.team.addChannel('secret', { isPrivate: true, members: people })

    expect(await readers(() => 0).mayRead(people.at(-1)!.id, secret.id)).toBe(true)
    expect(slack.requests('conversations.members')).toHaveLength(2)
  })

  it('is its members alone without the scope that tells guests from others', async () => {
    const { slack } = fixture
    const [ann, bob] = [slack.team.addUser('ann'), slack.team.addUser('bob')]
    const videos = slack.team.addChannel('videos', { members: [ann] })
    slack.team.scopes.delete('users:read')

    expect(await readers(() => 0).mayRead(ann.id, videos.id)).toBe(true)
    expect(await readers(() => 0).mayRead(bob.id, videos.id)).toBe(false)
  })
})
