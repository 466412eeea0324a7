// Posts that came while Valley did not listen: each is answered once, as soon as it listens again.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { questionText } from '../../helpers/fake-answerer.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { type WatchingDesk, watchingDesk } from '../../helpers/watching-desk.ts'

let stage: DiscordStage
let starts: LedgerOfStarts
/** Channels that moderation watches. */
let watched: string[]
let desk: WatchingDesk

beforeEach(async () => {
  starts = await openLedgerOfStarts()
  const heard = new HeardPlaceStore(starts.database)
  watched = []
  desk = watchingDesk(watched)
  stage = await openStage({
    // What was posted meanwhile is more, and is let in: nobody asked too much then.
    channel: { limits: { perUser: { questions: 2, seconds: 600 } } },
    adapter: { ledger: starts.ledger, heard },
    prepare: async (adapter) => adapter.moderated.connect(desk),
  })
})

afterEach(async () => {
  await stage.close()
})

async function stop(): Promise<void> {
  await expect.poll(starts.open, SOON).toEqual([])
  await stage.stop()
  await starts.nextStart()
}

const asked = () => stage.answerer.questions.map(questionText)

it('"@Valley what is this?", posted while it was down, in a channel, a thread and a direct channel, is answered once', async () => {
  stage.mention('one', { files: [CAT] })
  const thread = await stage.thread()
  await stage.sees('You said', thread)
  stage.ana.posts(stage.ana.dm, 'direct', { files: [CAT] })
  await stage.sees('You said: [clip-1] direct', stage.ana.dm)
  await stop()

  stage.mention('two', { files: [CAT] })
  stage.ana.posts(stage.general, 'only among people')
  stage.ana.posts(thread, 'three')
  stage.ana.posts(stage.ana.dm, 'four')
  const second = await stage.startSecond()

  await stage.sees('You said: [clip-1] two', await stage.thread(1))
  await stage.sees('You said: three', thread)
  await stage.sees('You said: four', stage.ana.dm)
  await expect.poll(starts.open, SOON).toEqual([])
  expect(asked().sort()).toEqual(['[clip-1] direct', '[clip-1] one', '[clip-1] two', 'four', 'three'])
  await second.stop()
})

it('a thread in which people are among themselves is not one where Valley was spoken to', async () => {
  const thread = stage.ana.startsThread(stage.ana.posts(stage.general, 'let us talk'), 'talk')
  const { id } = stage.ana.posts(thread, 'hello')
  const states = () => starts.database.read('be read', 'SELECT id, state FROM jobs')
  await expect.poll(states, SOON).toEqual([{ id: `discord:${id}`, state: 'settled' }])
  stage.ana.posts(stage.ana.dm, 'direct', { files: [CAT] })
  await stage.sees('You said: [clip-1] direct', stage.ana.dm)
  expect(await new HeardPlaceStore(starts.database).places('discord', 10)).toEqual([`discord:${stage.ana.dm.id}`])
})

it('a session that Discord ends takes nothing with it', async () => {
  stage.mention('one', { files: [CAT] })
  await stage.sees('You said', await stage.thread())
  stage.discord.gateway.invalidateSessions({ resumable: false })
  stage.mention('two', { files: [CAT] })

  await stage.sees('You said: [clip-1] two', await stage.thread(1))
  await expect.poll(starts.open, SOON).toEqual([])
  expect(asked()).toEqual(['[clip-1] one', '[clip-1] two'])
})

it('a clip in a watched channel is looked at by moderation, whenever it came', async () => {
  watched.push(`discord:${stage.general.id}`)
  await stop()
  const post = stage.ana.posts(stage.general, 'look', { files: [CAT] })
  const second = await stage.startSecond()
  await expect.poll(() => desk.taken, SOON).toMatchObject([{ messageId: post.id, clips: [{ name: 'cat.mp4' }] }])
  await expect.poll(() => desk.again, SOON).toEqual(['discord'])
  expect(asked()).toEqual([])
  await second.stop()
})

it('a first start answers nothing that was asked before', async () => {
  await stop()
  await starts.database.write('be emptied', (connection) => connection.run('DELETE FROM heard_places'))
  stage.mention('two', { files: [CAT] })
  const second = await stage.startSecond()
  stage.ana.posts(stage.ana.dm, en.commands.ask)
  await stage.sees(en.clipWanted, stage.ana.dm)
  expect(asked()).toEqual([])
  await second.stop()
})
