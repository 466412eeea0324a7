// Posts that came while Valley did not listen: each is answered once, as soon as it listens again.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SlackInstallations } from '../../../adapters/slack/settings.ts'
import { type HeardPlaces, NO_HEARD_PLACES } from '../../../src/conversation/heard-places.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import type { Team } from '../../doubles/slack/people/team.ts'
import { apiError, rateLimited } from '../../doubles/slack/web-api/faults.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { type WatchingDesk, watchingDesk } from '../../helpers/watching-desk.ts'
import { CAT, DOG, finished, useValley } from './slack-talk.ts'

const fixture = useValley()
let starts: LedgerOfStarts
let store: MemoryThreadStore
let answerer: FakeAnswerer

beforeEach(async () => {
  starts = await openLedgerOfStarts()
  store = new MemoryThreadStore()
  answerer = new FakeAnswerer()
})

afterEach(() => vi.restoreAllMocks())

function start(desk?: WatchingDesk, heard: HeardPlaces = new HeardPlaceStore(starts.database)) {
  return fixture.start({
    answerer,
    // What was posted meanwhile is more, and is let in: nobody asked too much then.
    bot: { store, settings: () => ({ limits: { perUser: { questions: 2, seconds: 600 } } }) },
    settings: { ledger: starts.ledger, heard, nativeStreaming: false },
    ...(desk === undefined ? {} : { prepare: async (adapter) => adapter.moderated.connect(desk) }),
  })
}

it('"@valley what is it?", posted while it was down, in a channel, a thread and a direct message, is answered once', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const quiet = slack.team.addChannel('quiet')
  const valley = await start()
  const first = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /You said: \[clip-1\] one/)
  ann.posts(ann.directMessage, 'direct', { files: [CAT] })
  await finished(slack, ann.directMessage, /You said: \[clip-1\] direct/)
  await expect.poll(starts.open, SOON).toEqual([])
  await valley.stop()
  await starts.nextStart()

  ann.posts(quiet, '@valley two', { files: [CAT] })
  ann.posts(general, 'only among people')
  ann.posts(general, 'three', { thread: first })
  ann.posts(ann.directMessage, 'four')
  await start()

  await finished(slack, quiet, /You said: \[clip-1\] two/)
  await finished(slack, general, /You said: three/)
  await finished(slack, ann.directMessage, /You said: four/)
  await expect.poll(starts.open, SOON).toEqual([])
  const asked = answerer.questions.map(questionText).sort()
  expect(asked).toEqual(['[clip-1] direct', '[clip-1] one', '[clip-1] two', 'four', 'three'])
})

it('a clip in a watched channel is looked at by moderation, whenever it came', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const valley = await start()
  await expect.poll(() => new HeardPlaceStore(starts.database).lastHeardMs('slack'), SOON).not.toBeNull()
  await valley.stop()
  await starts.nextStart()
  const post = ann.posts(general, 'look', { files: [CAT] })
  const desk = watchingDesk([`slack:${slack.team.workspace.id}:${general.id}`])
  await start(desk)

  await expect.poll(() => desk.taken, SOON).toMatchObject([{ messageId: post.ts, clips: [{ name: 'cat.mp4' }] }])
  await expect.poll(() => desk.again, SOON).toEqual(['slack'])
  expect(answerer.questions).toEqual([])
})

/** A memory by which Valley listened until this moment. */
const JUST_NOW: HeardPlaces = {
  ...NO_HEARD_PLACES,
  lastHeardMs: async () => Date.now(),
  firstHeardMs: async () => Number.MAX_SAFE_INTEGER,
}

/** A memory by which Valley listened until half a minute from now, for a start that is so much later than now. */
function heardBefore(gapMs: number): HeardPlaces {
  const { now } = Date
  const firstMs = now() + 30_000
  vi.spyOn(Date, 'now').mockImplementation(() => now() + gapMs)
  return { ...JUST_NOW, lastHeardMs: async () => firstMs, firstHeardMs: async () => firstMs }
}

/** Tokens of workspaces that have installed Valley by OAuth. */
function installationsOf(teams: readonly Team[]): SlackInstallations {
  return {
    storeInstallation: async () => {},
    fetchInstallation: async ({ teamId }) => {
      const team = teams.find(({ id }) => id === teamId)
      if (team === undefined) throw new Error('not installed')
      const bot = { token: team.botToken, userId: team.botUserId, id: team.botId, scopes: [...team.scopes] }
      const user = { token: undefined, scopes: undefined, id: team.botUserId }
      return { team: { id: team.id }, enterprise: undefined, user, bot }
    },
    deleteInstallation: async () => {},
  }
}

it('of several workspaces, one where people speak much to Valley hides none where they seldom do, or a channel is watched', async () => {
  const { slack } = fixture
  const [quiet, watched] = [slack.addTeam('Quiet'), slack.addTeam('Watched')]
  const [quinn, wim] = [quiet.addUser('quinn'), watched.addUser('wim')]
  const [general, seldom, videos] = [slack.team, quiet, watched].map((team) => team.addChannel('channel'))
  const ofTeam = `slack:${slack.team.id}:${general!.id}`
  const spokenAt = Array.from({ length: 50 }, (_, index) => `${ofTeam}:${1000 + index}.000001`)
  slack.clock.advance(60_000)
  quinn.posts(seldom!, '@valley two', { files: [CAT] })
  const post = wim.posts(videos!, 'look', { files: [DOG] })
  const { clientId, clientSecret, appToken } = slack.app
  const installations = installationsOf([slack.team, quiet, watched])
  const desk = watchingDesk([`slack:${watched.id}:${videos!.id}`, 'slack:C0NOTEAM'])
  const places = [...spokenAt, `slack:${quiet.id}:${seldom!.id}:1000.000001`]
  await fixture.start({
    answerer,
    settings: {
      identity: {
        kind: 'oauth',
        clientId,
        clientSecret,
        stateSecret: 'a secret for the state',
        installations,
        port: 0,
      },
      delivery: { mode: 'socket', appToken },
      ledger: starts.ledger,
      heard: { ...JUST_NOW, places: async (_, atMost) => places.slice(0, atMost) },
      nativeStreaming: false,
    },
    prepare: async (adapter) => adapter.moderated.connect(desk),
  })
  await finished(slack, seldom!, /You said: \[clip-1\] two/)
  await expect.poll(() => desk.taken.map(({ messageId }) => messageId), SOON).toEqual([post.ts])
})

it('of watched channels every post is read, though others are many, pages are, and Slack wants it slower', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  for (let number = 0; number < 25; number += 1) slack.team.addChannel(`other-${number}`)
  const videos = slack.team.addChannel('videos')
  slack.clock.advance(60_000)
  const first = ann.posts(videos, 'first', { files: [CAT] })
  for (let number = 0; number < 210; number += 1) ann.posts(videos, `among people ${number}`)
  const last = ann.posts(videos, 'last', { files: [DOG] })
  slack.plan('conversations.history', rateLimited(1), { when: ({ cursor }) => typeof cursor === 'string' })
  const desk = watchingDesk([`slack:${slack.team.id}:${videos.id}`])
  const { log } = await start(desk, JUST_NOW)
  await expect.poll(() => desk.taken.map(({ messageId }) => messageId), SOON).toEqual([first.ts, last.ts])
  await expect.poll(() => desk.again, SOON).toEqual(['slack'])
  expect(log.join('\n')).not.toContain('more missed posts')
  expect(log.join('\n')).not.toContain('could not be read')
})

it('clips in replies are found in threads of watched channels that began before, whoever spoke in them', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const [videos, other] = [slack.team.addChannel('videos'), slack.team.addChannel('other')]
  const [old, quiet, unwatched] = [ann.posts(videos, 'old'), ann.posts(videos, 'quiet'), ann.posts(other, 'old')]
  ann.posts(videos, 'seen before', { thread: quiet, files: [CAT] })
  slack.clock.advance(60_000)
  const reply = ann.posts(videos, 'look', { thread: old, files: [CAT] })
  const fresh = ann.posts(videos, 'fresh')
  const second = ann.posts(videos, 'and here', { thread: fresh, files: [DOG] })
  ann.posts(other, 'not watched', { thread: unwatched, files: [DOG] })
  const desk = watchingDesk([`slack:${slack.team.id}:${videos.id}`])
  await start(desk, heardBefore(10 * 60_000))
  await expect.poll(() => desk.again, SOON).toEqual(['slack'])
  expect(desk.taken.map(({ messageId }) => messageId).sort()).toEqual([reply.ts, second.ts].sort())
})

it('after a short gap a watched channel costs one request; threads of before are not looked through', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const videos = slack.team.addChannel('videos')
  const old = ann.posts(videos, 'old')
  slack.clock.advance(60_000)
  ann.posts(videos, 'among people', { thread: old })
  const post = ann.posts(videos, 'posted', { files: [CAT] })
  const desk = watchingDesk([`slack:${slack.team.id}:${videos.id}`])
  await start(desk, heardBefore(60_000))
  await expect.poll(() => desk.again, SOON).toEqual(['slack'])
  expect(desk.taken.map(({ messageId }) => messageId)).toEqual([post.ts])
  expect(slack.requests('conversations.history')).toHaveLength(1)
  expect(slack.requests('conversations.replies')).toEqual([])
})

it('"@valley two" and a direct message are answered while a watched channel, however large, is still to be read', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const [videos, general] = [slack.team.addChannel('videos'), slack.team.addChannel('general')]
  slack.clock.advance(60_000)
  const post = ann.posts(videos, 'look', { files: [CAT] })
  ann.posts(general, '@valley two', { files: [CAT] })
  ann.posts(ann.directMessage, 'three', { files: [DOG] })
  const held = slack.hold('conversations.history', { when: ({ channel }) => channel === videos.id })
  const desk = watchingDesk([`slack:${slack.team.id}:${videos.id}`])
  await start(desk, JUST_NOW)
  await finished(slack, general, /You said: \[clip-1\] two/)
  await finished(slack, ann.directMessage, /You said: \[clip-1\] three/)
  await held.reached
  expect(desk.taken).toEqual([])
  held.release()
  await expect.poll(() => desk.taken.map(({ messageId }) => messageId), SOON).toEqual([post.ts])
})

it('"@valley two" in a watched channel is answered while threads of another are still to be read', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const [videos, more] = [slack.team.addChannel('videos'), slack.team.addChannel('more')]
  slack.clock.advance(60_000)
  const reply = ann.posts(videos, 'look', { thread: ann.posts(videos, 'a thread'), files: [DOG] })
  const mention = ann.posts(more, '@valley two', { files: [CAT] })
  const held = slack.hold('conversations.replies', { when: ({ channel }) => channel === videos.id })
  const desk = watchingDesk([videos, more].map(({ id }) => `slack:${slack.team.id}:${id}`))
  await start(desk, JUST_NOW)
  await finished(slack, more, /You said: \[clip-1\] two/)
  await held.reached
  expect(desk.taken.map(({ messageId }) => messageId)).toEqual([mention.ts])
  held.release()
  await expect.poll(() => desk.taken.map(({ messageId }) => messageId), SOON).toEqual([mention.ts, reply.ts])
})

it('a connection that comes back while missed posts are read has them read once more afterwards, not twice at a time', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const videos = slack.team.addChannel('videos')
  slack.clock.advance(60_000)
  const first = ann.posts(videos, 'first', { files: [CAT] })
  const held = slack.hold('conversations.history')
  const firstHeardMs = vi.fn(JUST_NOW.firstHeardMs)
  const desk = watchingDesk([`slack:${slack.team.id}:${videos.id}`])
  await start(desk, { ...JUST_NOW, firstHeardMs })
  await held.reached
  slack.connections[0]!.cut()
  await slack.waitForConnections(0)
  const second = ann.posts(videos, 'second', { files: [DOG] })
  await slack.waitForConnections()
  await expect.poll(() => firstHeardMs.mock.calls.length, SOON).toBe(2)
  ann.posts(ann.directMessage, 'three', { files: [CAT] })
  await finished(slack, ann.directMessage, /You said: \[clip-1\] three/)
  expect(slack.requests('users.conversations')).toHaveLength(1)
  held.release()
  await expect.poll(() => desk.again, SOON).toEqual(['slack', 'slack'])
  expect(slack.requests('users.conversations')).toHaveLength(2)
  const taken = new Set(desk.taken.map(({ messageId }) => messageId))
  expect([...taken].sort()).toEqual([first.ts, second.ts].sort())
})

it('a thread of a watched channel that cannot be read does not keep the others from it', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const videos = slack.team.addChannel('videos')
  slack.clock.advance(60_000)
  const [one, other] = [ann.posts(videos, 'one'), ann.posts(videos, 'other')]
  ann.posts(videos, 'look', { thread: one, files: [CAT] })
  const reply = ann.posts(videos, 'look here', { thread: other, files: [DOG] })
  const post = ann.posts(videos, 'posted', { files: [CAT] })
  slack.plan('conversations.replies', apiError('thread_not_found'), { when: ({ ts }) => ts === one.ts })
  const desk = watchingDesk([`slack:${slack.team.id}:${videos.id}`])
  const { log } = await start(desk, JUST_NOW)
  await expect.poll(() => desk.again, SOON).toEqual(['slack'])
  expect(desk.taken.map(({ messageId }) => messageId).sort()).toEqual([reply.ts, post.ts].sort())
  expect(log.filter((line) => line.includes('could not be read'))).toHaveLength(1)
})
