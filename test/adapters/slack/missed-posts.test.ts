// Posts that came while Valley did not listen: each is answered once, as soon as it listens again.
import { beforeEach, expect, it } from 'vitest'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { type WatchingDesk, watchingDesk } from '../../helpers/watching-desk.ts'
import { CAT, finished, useValley } from './slack-talk.ts'

const fixture = useValley()
let starts: LedgerOfStarts
let store: MemoryThreadStore
let answerer: FakeAnswerer

beforeEach(async () => {
  starts = await openLedgerOfStarts()
  store = new MemoryThreadStore()
  answerer = new FakeAnswerer()
})

function start(desk?: WatchingDesk) {
  const heard = new HeardPlaceStore(starts.database)
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
