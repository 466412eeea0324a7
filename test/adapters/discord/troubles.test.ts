// A full disk, a database that somebody else holds, a network that is cut, a clock that jumps: each question gets one answer,
// or one sentence that says what is wrong.
import Libsql from 'libsql'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { createLogger } from '../../../src/logger.ts'
import { DedupeStore } from '../../../src/storage/dedupe-store.ts'
import { DurableThreadStore } from '../../../src/storage/durable-thread-store.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import { SqliteKeyvStore } from '../../../src/storage/sqlite-keyv-store.ts'
import type { Channel } from '../../doubles/discord/people/channel.ts'
import { CAT, type DiscordStage, openStage, untilLogged } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { leaveNoRoom } from '../../helpers/no-room.ts'

const MINUTE_MS = 60_000
const ANSWER_TO_TWO = 'You said: [clip-2] two'
let stage: DiscordStage
let starts: LedgerOfStarts
/** How far the clock of the database is from the real one. */
let aheadMs: number
/** True while answers do not come to their end. */
let isSlow: boolean

beforeEach(async () => {
  aheadMs = 0
  isSlow = false
  starts = await openLedgerOfStarts({ now: () => Date.now() + aheadMs, busyLimitMs: 50 })
  const { database, ledger } = starts
  const answerer = new FakeAnswerer((question) => ({ say: `You said: ${questionText(question)}`, wait: isSlow }))
  stage = await openStage({
    answerer,
    // As npm start keeps everything: in one file.
    store: new DurableThreadStore({
      store: new SqliteKeyvStore(database, { renewOnRead: true, maxEntries: 100 }),
      idleMs: 60 * MINUTE_MS,
      logger: createLogger('silent'),
    }),
    adapter: { ledger, events: new DedupeStore(database), heard: new HeardPlaceStore(database) },
  })
})
afterEach(() => stage.close())

/** A thread with one answer. */
async function begun(): Promise<Channel> {
  stage.mention('one', { files: [CAT] })
  const thread = await stage.thread()
  await stage.sees('You said: [clip-1] one', thread)
  await expect.poll(starts.open, SOON).toEqual([])
  return thread
}

/** What the bot said; Discord's own note of a thread has no words. */
function said(thread: Channel): string[] {
  const all = stage.discord.botMessagesIn(thread).map(({ content }) => content)
  return all.filter((content) => content !== '')
}

/** Ends Valley, and starts it with what is in the database; Discord sends the last events once more. */
async function startAnew(): Promise<void> {
  await stage.stop()
  await starts.nextStart()
  const second = await stage.startSecond()
  onTestFinished(() => second.stop())
  await untilLogged(stage.log, 'looked for posts that were missed')
}

describe('a question', () => {
  it('that comes while the disk is full gets a sentence, and a new question an answer once there is room', async () => {
    const thread = await begun()
    const giveBack = leaveNoRoom()
    stage.ana.posts(thread, 'two', { files: [CAT] })
    await stage.sees(en.errors.STORAGE_FAILED, thread)
    giveBack()
    await startAnew()
    stage.ana.posts(thread, 'three')
    await stage.sees('You said: three', thread)
    expect(said(thread)).toHaveLength(3)
    await expect.poll(starts.open, SOON).toEqual([])
  })

  it('that comes while another process holds the database gets a sentence, and is not asked again', async () => {
    const thread = await begun()
    const other = new Libsql(starts.database.file)
    onTestFinished(() => void other.close())
    other.exec('BEGIN IMMEDIATE')
    stage.ana.posts(thread, 'two', { files: [CAT] })
    await stage.sees(en.errors.STORAGE_FAILED, thread)
    other.exec('ROLLBACK')
    stage.discord.gateway.repeatAtNextResume(5)
    stage.discord.gateway.drop()
    await untilLogged(stage.log, 'went on where the connection broke')
    stage.ana.posts(thread, 'three')
    await stage.sees('You said: three', thread)
    expect(said(thread)).toHaveLength(3)
  })

  it('whose answer the network cuts off for ten minutes is answered once afterwards', async () => {
    const thread = await begun()
    stage.discord.faults.add('POST /channels/:channel/messages', { kind: 'cut' }, Number.POSITIVE_INFINITY)
    stage.discord.gateway.drop()
    stage.ana.posts(thread, 'two', { files: [CAT] })
    await untilLogged(stage.log, 'the reply could not be shown: Discord does not answer')
    stage.discord.faults.clear()
    aheadMs = 10 * MINUTE_MS
    await stage.sees(ANSWER_TO_TWO, thread)
    await expect.poll(starts.open, SOON).toEqual([])
    expect(said(thread)).toHaveLength(2)
  })

  it.each([
    ['half an hour', 30 * MINUTE_MS],
    ['a day, backwards', -24 * 60 * MINUTE_MS],
  ])('that a stop has cut is answered once when the clock jumps by %s', async (_, jumpMs) => {
    const thread = await begun()
    isSlow = true
    stage.ana.posts(thread, 'two', { files: [CAT] })
    await stage.discord.waitUntil(() => stage.answerer.running > 0)
    aheadMs = jumpMs
    isSlow = false
    await startAnew()
    await stage.sees(ANSWER_TO_TWO, thread)
    await expect.poll(starts.open, SOON).toEqual([])
    expect(said(thread)).toHaveLength(2)
  })

  it('that is two hours old by a clock that jumped ahead is told to be asked again', async () => {
    const thread = await begun()
    isSlow = true
    stage.ana.posts(thread, 'two', { files: [CAT] })
    await stage.discord.waitUntil(() => stage.answerer.running > 0)
    aheadMs = 120 * MINUTE_MS
    await startAnew()
    await stage.sees(en.errors.INFERENCE_FAILED, thread)
    expect(said(thread)).toHaveLength(2)
    await expect.poll(starts.open, SOON).toEqual([])
  })
})
