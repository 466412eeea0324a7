// A full disk, a database that somebody else holds, a network that is cut: each question gets one answer, or one sentence
// that says what is wrong.
import Libsql from 'libsql'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { createLogger } from '../../../src/logger.ts'
import { DedupeStore } from '../../../src/storage/dedupe-store.ts'
import { DurableThreadStore } from '../../../src/storage/durable-thread-store.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import { SqliteKeyvStore } from '../../../src/storage/sqlite-keyv-store.ts'
import { connectionCut } from '../../doubles/slack/web-api/faults.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { leaveNoRoom } from '../../helpers/no-room.ts'
import { CAT, finished, useValley } from './slack-talk.ts'

const MINUTE_MS = 60_000
const fixture = useValley()
let starts: LedgerOfStarts
/** How far the clock of the database is from the real one. */
let aheadMs: number

beforeEach(async () => {
  aheadMs = 0
  starts = await openLedgerOfStarts({ now: () => Date.now() + aheadMs, busyLimitMs: 50 })
})

/** Valley as npm start keeps everything, in one file, with one answer in a thread of a channel. */
async function begun() {
  const { slack } = fixture
  const { database, ledger } = starts
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const keyv = new SqliteKeyvStore(database, { renewOnRead: true, maxEntries: 100 })
  const store = new DurableThreadStore({ store: keyv, idleMs: 60 * MINUTE_MS, logger: createLogger('silent') })
  const takenEvents = new DedupeStore(database)
  const heard = new HeardPlaceStore(database)
  const valley = await fixture.start({
    bot: { store },
    settings: { ledger, takenEvents, heard, nativeStreaming: false },
  })
  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await finished(slack, general, /You said: \[clip-1\] one/)
  await expect.poll(starts.open, SOON).toEqual([])
  const said = () => slack.repliesIn(general).map(({ text }) => text)
  return { slack, ann, general, thread, said, valley }
}

it('a question that comes while the disk is full gets a sentence, and a new one an answer once there is room', async () => {
  const { slack, ann, general, thread, said } = await begun()
  const giveBack = leaveNoRoom()
  const asked = ann.posts(general, 'two', { thread, files: [CAT] })
  await slack.waitForMessage(general, ({ text }) => text.includes(en.errors.STORAGE_FAILED))
  giveBack()
  for (const delivery of slack.deliveries.filter(({ payload }) => JSON.stringify(payload).includes(asked.ts))) {
    slack.deliverAgain(delivery, 1)
  }
  ann.posts(general, 'three', { thread })
  await finished(slack, general, /You said: three/)
  expect(said()).toHaveLength(3)
  await expect.poll(starts.open, SOON).toEqual([])
})

it('a question that comes while another process holds the database gets a sentence, and is not asked again', async () => {
  const { slack, ann, general, thread, said } = await begun()
  const other = new Libsql(starts.database.file)
  onTestFinished(() => void other.close())
  other.exec('BEGIN IMMEDIATE')
  ann.posts(general, 'two', { thread, files: [CAT] })
  await slack.waitForMessage(general, ({ text }) => text.includes(en.errors.STORAGE_FAILED))
  other.exec('ROLLBACK')
  slack.connections[0]?.cut()
  await slack.waitForConnections(1)
  ann.posts(general, 'three', { thread })
  await finished(slack, general, /You said: three/)
  expect(said()).toHaveLength(3)
})

it('a question whose answer the network cuts off for ten minutes is answered once afterwards', async () => {
  const { slack, ann, general, thread, said, valley } = await begun()
  let isCut = true
  slack.plan('chat.postMessage', connectionCut(), { times: Number.POSITIVE_INFINITY, when: () => isCut })
  ann.posts(general, 'two', { thread, files: [CAT] })
  await expect.poll(() => valley.log.join(''), SOON).toContain('reply not shown to its end')
  isCut = false
  aheadMs = 10 * MINUTE_MS
  await finished(slack, general, /You said: \[clip-2\] two/)
  await expect.poll(starts.open, SOON).toEqual([])
  expect(said()).toHaveLength(2)
})
