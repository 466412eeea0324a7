// Each post is answered once, however often Slack tells of it.
import { expect, it } from 'vitest'
import { TakenEventsInMemory } from '../../../adapters/slack/taken-events.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'
import { CAT, finished, useValley } from './slack-talk.ts'

const fixture = useValley()

it('answers a post once that comes as a mention and as a message, and with every retry', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })

  ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /one/)
  const told = slack.deliveries.filter(({ kind }) => kind === 'events_api').slice(0, 2)
  expect(told.map(({ payload }) => (payload.event as { type: string }).type).sort()).toEqual(['app_mention', 'message'])
  for (const retry of [1, 2, 3]) for (const delivery of told) slack.deliverAgain(delivery, retry)
  ann.posts(ann.directMessage, 'two', { files: [CAT] })
  await finished(slack, ann.directMessage, /two/)

  expect(answerer.questions).toHaveLength(2)
  expect(slack.repliesIn(general).filter(({ streamingState }) => streamingState !== null)).toHaveLength(1)
})

it('answers a retry whose first delivery never arrived', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer()
  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await fixture.start({ answerer })

  slack.clock.advance(60_000)

  await finished(slack, ann.directMessage, /You said: \[clip-1\] one/)
  expect(slack.deliveries[0]!.attempts.length).toBeGreaterThan(1)
  expect(answerer.questions).toHaveLength(1)
})

it('does not answer a retry again after a restart', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer()
  const takenEvents = new TakenEventsInMemory()
  const first = await fixture.start({ answerer, settings: { takenEvents } })
  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await finished(slack, ann.directMessage, /one/)
  await first.stop()

  await fixture.start({ answerer, settings: { takenEvents } })
  slack.deliverAgain(slack.deliveries[0]!, 3)
  ann.posts(ann.directMessage, 'two', { files: [CAT] })
  await finished(slack, ann.directMessage, /two/)

  expect(answerer.questions).toHaveLength(2)
})

it('loses no question while the store of taken events fails', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer()
  const takenEvents = { claim: () => Promise.reject(new Error('disk full')) }
  const { log } = await fixture.start({ answerer, settings: { takenEvents } })

  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await finished(slack, ann.directMessage, /one/)
  slack.deliverAgain(slack.deliveries[0]!, 1)
  ann.posts(ann.directMessage, 'two')
  await finished(slack, ann.directMessage, /two/)

  expect(answerer.questions).toHaveLength(2)
  expect(log.join('')).toContain('event not noted as taken')
})
