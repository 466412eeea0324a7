// A forum that is watched: what is in its posts is looked at, whenever it comes.
import { type APIMessage, ChannelType } from 'discord.js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HeardPlaceStore } from '../../../../src/storage/heard-place-store.ts'
import type { Channel } from '../../../doubles/discord/people/channel.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { openLedgerOfStarts } from '../../../helpers/ledger-of-starts.ts'
import { clipOfOneSecond, type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

/** A deadlock limit: clips are really looked at. */
const LIMIT = { timeout: 60_000 }
let valley: ModeratedDiscord
let forum: Channel

beforeEach(async () => {
  const engine = new FakeEngine()
  engine.sureOf = () => 0.93
  const starts = await openLedgerOfStarts()
  const heard = new HeardPlaceStore(starts.database)
  valley = await openModeratedDiscord({ engine, stage: { adapter: { ledger: starts.ledger, heard } } })
  forum = valley.stage.guild.channel('clips', ChannelType.GuildForum)
  await valley.watch(forum)
})
afterEach(() => valley.stage.close())

const withClip = () => ({ files: [clipOfOneSecond()] })

/** Links of the alerts that stand in the moderators' channel. */
const linked = () =>
  valley.stage.discord
    .botMessagesIn(valley.mods)
    .flatMap(({ content }) => /\*\*Message:\*\* (\S+)/.exec(content)?.[1] ?? [])

const linkTo = ({ channel_id, id }: APIMessage) =>
  `https://discord.com/channels/${valley.stage.guild.id}/${channel_id}/${id}`

it('a post with a clip, a clip in an answer to it, and one in a post about words alone', async () => {
  const { stage } = valley
  const first = stage.ana.postsInForum(forum, 'My holiday', 'look', withClip())
  const words = stage.ana.postsInForum(forum, 'A question', 'which camera?')
  const [threadOfFirst, threadOfWords] = stage.discord.threadsOf(forum)
  const answer = stage.ana.posts(threadOfFirst!, 'and this', withClip())
  const late = stage.ana.posts(threadOfWords!, 'this one?', withClip())
  expect([first.channel_id, words.channel_id]).toEqual([first.id, words.id])
  await expect.poll(() => linked().sort(), LIMIT).toEqual([first, answer, late].map(linkTo).sort())
})

it('posts that came while Valley was down', async () => {
  const { stage } = valley
  stage.ana.postsInForum(forum, 'A question', 'which camera?')
  await stage.stop()
  const fresh = stage.ana.postsInForum(forum, 'My holiday', 'look', withClip())
  const answer = stage.ana.posts(stage.discord.threadsOf(forum)[0]!, 'this one?', withClip())
  const second = await stage.startSecond()
  await expect.poll(() => linked().sort(), LIMIT).toEqual([fresh, answer].map(linkTo).sort())
  await second.stop()
})

it('a post that came to rest while Valley was down, as one does after an hour or a day', async () => {
  const { stage } = valley
  await stage.stop()
  const post = stage.ana.postsInForum(forum, 'My holiday', 'look', withClip())
  stage.discord.threadsOf(forum)[0]!.archive()
  const second = await stage.startSecond()
  await expect.poll(linked, LIMIT).toEqual([linkTo(post)])
  await second.stop()
})

it('a forum that is gone takes the records of its posts along', async () => {
  const { stage, mods } = valley
  stage.ana.postsInForum(forum, 'My holiday', 'look', withClip())
  await valley.alert()
  forum.delete()
  await stage.discord.waitForMessage(mods, ({ content }) => content.includes('The message was deleted'))
  const status = await valley.mara.usesCommand(mods, 'valley status').answer(({ content }) => content !== '')
  expect(status.content).toContain('No channel is watched.')
})

it('the status names a forum like every channel', async () => {
  const { mara, mods } = valley
  const status = await mara.usesCommand(mods, 'valley status').answer(({ content }) => content !== '')
  expect(status.content).toContain(`<#${forum.id}>, reports to <#${mods.id}>`)
})
