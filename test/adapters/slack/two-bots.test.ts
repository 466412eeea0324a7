// Two bots on one Slack app, joined by a real Redis: what concerns a question may be heard by the bot that does not answer it.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { EngineMember } from '../../../src/cluster/engine-member.ts'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { newMemberId } from '../../../src/cluster/membership.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { RedisEventClaims } from '../../../src/cluster/redis-event-claims.ts'
import { RedisQuestionLedger } from '../../../src/cluster/redis-question-ledger.ts'
import { RedisSharedQuestions } from '../../../src/cluster/redis-shared-questions.ts'
import { RemoteAnswerer } from '../../../src/cluster/remote-answerer.ts'
import { Sealer } from '../../../src/cluster/sealed-text.ts'
import { RedisSharedOrder } from '../../../src/cluster/shared-line.ts'
import { locateLocalClip } from '../../../src/conversation/locate-clip.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { createLogger } from '../../../src/logger.ts'
import type { Channel } from '../../doubles/slack/world/channel.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { SOON } from '../../helpers/ledger-of-starts.ts'
import { RedisServer } from '../../helpers/redis-server.ts'
import { CAT, finished, useValley } from './slack-talk.ts'

const logger = createLogger('silent')
const keys = new ClusterKeys('valley')
const sealer = new Sealer('a long random text that all of them share')
const model = new FakeAnswerer((question) => ({
  say: `You said: ${questionText(question)}`,
  wait: questionText(question).includes('long'),
}))
let server: RedisServer
let redis: RedisConnection
let engine: EngineMember
const answerers: RemoteAnswerer[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  redis = await RedisConnection.open({ url: server.url, logger })
  engine = new EngineMember({ redis, keys, sealer, logger })
  await engine.join(model, { version: '1', model: 'm', modelHash: 'h', capacity: 4 })
})
afterAll(async () => {
  await engine?.leave(0)
  await redis?.close()
  await server?.stop()
})
// Before the fixture's own, so that it comes after it: the bots stop first.
afterEach(() => Promise.all(answerers.splice(0).map((answerer) => answerer.close())))
const fixture = useValley()

/** Starts two bots. @returns has everything come to the first, or to the second */
async function startBots(): Promise<{ readonly first: () => void; readonly second: () => void }> {
  const { slack } = fixture
  const store = new MemoryThreadStore()
  for (const botId of [newMemberId('bot'), newMemberId('bot')]) {
    const sharedQuestions = new RedisSharedQuestions(redis, keys, botId, logger)
    const answerer = await RemoteAnswerer.join({
      ...{ redis, keys, botId, sealer, logger },
      locateClip: locateLocalClip,
      onStop: (name) => sharedQuestions.stop(name),
      maxWaiting: 100,
      maxOpenPerUser: 100,
    })
    answerers.push(answerer)
    const ledger = new RedisQuestionLedger(redis, keys, botId, logger)
    const takenEvents = new RedisEventClaims(redis, keys)
    const sharedOrder = new RedisSharedOrder(redis, keys, botId, logger)
    const queue = { concurrency: Number.POSITIVE_INFINITY }
    await fixture.start({
      answerer,
      bot: { store, sharedOrder, queue },
      settings: { nativeStreaming: false, sharedQuestions, ledger, takenEvents },
    })
  }
  const [first, second] = slack.connections
  return { first: () => slack.deliverOver(first!), second: () => slack.deliverOver(second!) }
}

const progressIn = (channel: Channel) =>
  fixture.slack.waitForMessage(
    channel,
    ({ text, blocks }) => text.startsWith('You') && JSON.stringify(blocks).includes('valley_stop'),
  )

it('stops a question of the other bot for who asked it, and answers what was said in its thread meanwhile', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const bob = slack.team.addUser('bob')
  const general = slack.team.addChannel('general')
  const to = await startBots()
  to.first()
  const thread = ann.posts(general, '@valley long', { files: [CAT] })
  const answer = await progressIn(general)

  to.second()
  const other = bob.posts(general, 'look')
  ann.posts(general, 'nice', { thread: other })
  ann.posts(general, 'and the colour?', { thread })
  const line = keys.line(`slack:${slack.team.id}:${general.id}:${thread.ts}`)
  await expect.poll(() => redis.client.llen(line), SOON).toBe(2)
  bob.presses(answer, 'valley_stop')
  await slack.waitUntil('the hint', () => bob.ephemeralsIn(general).some(({ text }) => text === en.notYours))
  expect(model.running).toBe(1)
  ann.presses(answer, 'valley_stop')
  await finished(slack, general, /You said: and the colour\?/)

  expect(model.questions.map(questionText)).toEqual(['[clip-1] long', 'and the colour?'])
  expect(model.questions[1]!.messages).toHaveLength(3)
  const said = slack.repliesIn(general).map(({ threadTs, text }) => [threadTs, text.trim()])
  expect(said).toEqual([
    [thread.ts, 'You'],
    [thread.ts, 'You said: and the colour?'],
  ])
  expect(slack.requests('chat.delete')).toEqual([])
})

it('stops the question of a post that is deleted, when the other bot hears of it', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const to = await startBots()
  to.first()
  const post = ann.posts(general, '@valley long', { files: [CAT] })
  await progressIn(general)

  to.second()
  ann.deletes(post)

  await slack.waitUntil('the end', () => model.running === 0)
})
