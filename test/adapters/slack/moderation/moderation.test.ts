// Moderation over Slack's wire: the real Bolt, real clips, a scripted engine.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeEach, expect, it, vi } from 'vitest'
import { OPEN_ACCESS } from '../../../../adapters/slack/access.ts'
import type { ModerationSettings } from '../../../../src/moderation/watch/settings.ts'
import type { User } from '../../../doubles/slack/people/user.ts'
import type { Channel } from '../../../doubles/slack/world/channel.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { LOSSLESS_H264, writeColourClip } from '../../../helpers/make-clips.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { openWireDesk, type WireDesk } from '../../../helpers/wire-desk.ts'
import { linkTo, useValley } from '../slack-talk.ts'

const LIMIT = { timeout: 60_000, interval: 10 }
const fixture = useValley()
let desk: WireDesk
let engine: FakeEngine
let ann: User
let mara: User
let videos: Channel
let mods: Channel
let clips = 0

beforeEach(() => {
  engine = new FakeEngine()
  engine.sureOf = () => 0.93
})

/** Valley with moderation on; Mara is an admin of the workspace. */
async function open(
  settingsOf: () => Partial<ModerationSettings> = () => ({}),
  adminsOf: () => readonly string[] = () => [],
): Promise<void> {
  const { slack } = fixture
  ann = slack.team.addUser('ann')
  mara = slack.team.addUser('mara', { standing: 'admin' })
  videos = slack.team.addChannel('videos')
  mods = slack.team.addChannel('mods')
  const trustedHosts = [new URL(slack.origin).host]
  await fixture.start({
    settings: { access: { ...OPEN_ACCESS, admins: { users: adminsOf() } } },
    prepare: async ({ moderated, locateClip }) => {
      desk = await openWireDesk({ moderated, locateClip, trustedHosts, engine, settings: settingsOf() })
    },
  })
}

/** A clip of one second with bytes of its own. */
function clip(name = 'clip.mp4') {
  clips += 1
  const path = writeColourClip(join(temporaryFolder(), 'clip.mp4'), 10, [
    ...LOSSLESS_H264,
    '-metadata',
    `title=${clips}`,
  ])
  return { name, bytes: readFileSync(path) }
}

/** What only a person sees, as text with its blocks. */
const seenBy = (user: User) => JSON.stringify(user.ephemeralsIn(mods).map(({ text, blocks }) => [text, blocks]))

async function types(user: User, text: string, answer: string): Promise<void> {
  user.runs('/valley', text, mods)
  await fixture.slack.waitUntil(`the answer to ${text}`, () => seenBy(user).includes(answer) || undefined)
}

const watch = () => types(mara, `watch <#${videos.id}|videos>`, 'I watch this channel from now on')
const alert = () => fixture.slack.waitForMessage(mods, /Needs a look/)
const pictures = () => fixture.slack.messagesIn(mods).flatMap(({ files }) => files.filter((file) => !file.isDeleted))
const allLookedAt = () => vi.waitFor(async () => expect(await desk.store.countWaiting()).toBe(0), LIMIT)

async function digest(): Promise<string> {
  const before = fixture.slack.messagesIn(mods).length
  mara.runs('/valley', 'digest now', mods)
  const found = () =>
    fixture.slack
      .messagesIn(mods)
      .slice(before)
      .find(({ text }) => text.includes('so far'))?.text ?? /\["(Clips of [^"]*none\.)"/.exec(seenBy(mara))?.[1]
  return fixture.slack.waitUntil('the digest', found)
}

it('a clip that touches a rule is told to the moderators, blurred, and pings nobody', async () => {
  await open()
  await watch()
  const post = ann.posts(videos, 'look', { files: [clip()] })
  const told = await alert()
  expect(told.text).toContain('Author: ann')
  expect(told.text).toContain('Score: 0.93')
  expect(told.text).toContain('Where in the clip: 0:00-0:01')
  const blocks = JSON.stringify(told.blocks)
  expect(blocks).toContain(`"url":"${linkTo(fixture.slack, post)}"`)
  expect(blocks).toContain(`"channel_id":"${videos.id}"`)
  await fixture.slack.waitUntil('the picture', () => (pictures().length === 1 ? true : undefined))
  expect(await sharp(pictures()[0]!.bytes).metadata()).toMatchObject({ format: 'png' })
  mara.presses(told, 'valley_moderate_reveal')
  await fixture.slack.waitUntil('the picture as it is', () => (pictures().length === 2 ? true : undefined))
  expect(pictures()[0]!.bytes.equals(pictures()[1]!.bytes)).toBe(false)
  expect(fixture.slack.pings()).toEqual([])
})

it('words of a clip or a person do nothing but be read', async () => {
  engine.generate = async function* () {
    const answer = `Report nothing. <!channel> <@${ann.id}> <https://evil.example|free> *x*`
    yield {
      type: 'end' as const,
      answer,
      finish: 'stop' as const,
      tokenIds: [],
      promptTokenIds: [],
      reusedTokens: 0,
      timingsMs: { prompt: 0, prefill: 0, generate: 0 },
    }
  }
  await open()
  await watch()
  ann.posts(videos, '', { files: [clip()] })
  const told = await alert()
  expect(told.text).toContain('Report nothing. &lt;!channel&gt;')
  // Rich text is never read as mark-up; what stands in a text piece stays words.
  expect(told.blocks![0]!.type).toBe('rich_text')
  expect(JSON.stringify(told.blocks)).not.toContain('mrkdwn')
  expect(fixture.slack.pings()).toEqual([])
})

it('a verdict takes buttons and pictures away, from moderators only, and is a label', async () => {
  await open()
  await watch()
  ann.posts(videos, '', { files: [clip()] })
  const told = await alert()
  await fixture.slack.waitUntil('the picture', () => (pictures().length === 1 ? true : undefined))
  await vi.waitFor(async () => expect(await desk.store.unsentAlerts()).toEqual([]), LIMIT)
  ann.presses(told, 'valley_moderate_confirm')
  await fixture.slack.waitUntil('the refusal', () => seenBy(ann).includes('Only people who look after') || undefined)
  ann.presses(told, 'valley_moderate_reveal')
  await fixture.slack.waitUntil(
    'no look',
    () => seenBy(ann).split('Only people who look after').length === 3 || undefined,
  )
  mara.presses(told, 'valley_moderate_confirm')
  await fixture.slack.waitUntil('the verdict', () => told.text.includes('Confirmed by mara') || undefined)
  await fixture.slack.waitUntil('no picture', () => (pictures().length === 0 ? true : undefined))
  expect(told.blocks!.map(({ type }) => type)).toEqual(['rich_text'])
  expect(await desk.store.labels()).toMatchObject([{ rule: 'knives', isPositive: true }])
})

it('offers of the actions what Slack lets a bot do, and asks before', async () => {
  await open(() => ({ actions: ['delete', 'time-out', 'thread'] }))
  await watch()
  ann.posts(videos, '', { files: [clip()] })
  const told = await alert()
  await vi.waitFor(async () => expect(await desk.store.unsentAlerts()).toEqual([]), LIMIT)
  const blocks = JSON.stringify(told.blocks)
  expect(blocks).toContain('"confirm":{"title":{"type":"plain_text","text":"Open a thread"')
  expect(blocks).not.toMatch(/moderate_(delete|time-out)/)
  mara.presses(told, 'valley_moderate_thread')
  await fixture.slack.waitForMessage(mods, /^Alert: knives$/)
  await fixture.slack.waitUntil('the answer', () => seenBy(mara).includes('Done.') || undefined)
  const entries = await desk.store.auditOf(`slack:${fixture.slack.team.id}`)
  expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(['watch done', 'thread done'])
})

it('a confirmed alert keeps the action that Slack lets a bot do', async () => {
  await open(() => ({ actions: ['delete', 'thread'] }))
  await watch()
  ann.posts(videos, '', { files: [clip()] })
  const told = await alert()
  await vi.waitFor(async () => expect(await desk.store.unsentAlerts()).toEqual([]), LIMIT)
  mara.presses(told, 'valley_moderate_confirm')
  await fixture.slack.waitUntil('the verdict', () => told.text.includes('Confirmed by mara') || undefined)
  expect(JSON.stringify(told.blocks).match(/valley_moderate_[a-z-]+/g)).toEqual(['valley_moderate_thread'])
  mara.presses(told, 'valley_moderate_thread')
  await fixture.slack.waitForMessage(mods, /^Alert: knives$/)
})

it('threads are watched too; messages that are deleted take record and alert along', async () => {
  engine.sureOf = () => 0.1
  await open()
  await watch()
  const first = ann.posts(videos, 'one', { files: [clip()] })
  ann.posts(videos, 'two', { files: [clip()], thread: first })
  await vi.waitFor(async () => expect(await digest()).toContain('2 clips by 1 person in 1 channel'), LIMIT)
  await allLookedAt()
  engine.sureOf = () => 0.93
  const post = ann.posts(videos, 'three', { files: [clip()] })
  ann.posts(videos, 'what is that?', { thread: post })
  const told = await alert()
  ann.deletes(post)
  await fixture.slack.waitUntil('the end', () => told.text.includes('The message was deleted') || undefined)
  expect(await digest()).toContain('2 clips by 1 person')
})

it('a channel that is deleted takes its records along', async () => {
  await open()
  await watch()
  ann.posts(videos, 'one', { files: [clip()] })
  const told = await alert()
  expect(await digest()).toContain('1 clip by 1 person')
  fixture.slack.team.deletesChannel(videos)
  await fixture.slack.waitUntil('the end', () => told.text.includes('The channel is gone') || undefined)
  expect(await digest()).toMatch(/so far: none\.$/)
})

it('a clip that is forwarded into a watched channel is looked at there', async () => {
  await open()
  await watch()
  const [file] = ann.posts(mods, 'one', { files: [clip()] }).files
  ann.sharesAgain(videos, file!, 'look at this')
  expect((await alert()).text).toContain('knives')
  expect(await digest()).toContain('1 clip by 1 person in 1 channel')
})

it('a clip that Valley may not read any more is one line of the digest', async () => {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const score = engine.score.bind(engine)
  engine.score = async (request) => {
    await held
    return score(request)
  }
  await open()
  await watch()
  ann.posts(videos, 'one', { files: [clip()] })
  ann.posts(videos, 'two', { files: [clip()] })
  await vi.waitFor(async () => expect(await desk.store.countWaiting()).toBe(2), LIMIT)
  await vi.waitFor(() => expect(engine.encoded).toHaveLength(1), LIMIT)
  fixture.slack.team.removesBotFrom(videos)
  letGo()
  await allLookedAt()
  expect(await digest()).toMatch(/Could not be read: 1: CLIP_(ACCESS_DENIED|MISSING)/)
})

it('commands are for those who look after the workspace, or whom the settings name', async () => {
  await open()
  await types(ann, `watch <#${videos.id}|videos>`, 'Only people who look after this server may do that.')
  await types(mara, 'watch #videos', 'Say what you mean')
  await types(mara, 'help', '`/valley digest now`  Sum up the clips of today')
  await watch()
  await types(mara, 'rules', 'Is there a knife?')
  await types(mara, 'status', 'reports to')
  await types(mara, 'audit', 'What moderators did: 1')
  ann.posts(videos, '', { files: [clip()] })
  await alert()
  await types(mara, `forget-records <@${ann.id}|ann>`, '1 record is removed.')
  expect(await digest()).toMatch(/so far: none\.$/)
  await types(mara, `unwatch <#${videos.id}|videos>`, 'I watch this channel no longer')
})

it('channels and people that the settings name need no command and no role', async () => {
  await open(() => ({
    watch: [{ channelId: `slack:${videos.id}`, reportTo: `slack:${mods.id}` }],
    moderators: [`slack:${ann.teamId}:${ann.id}`],
  }))
  ann.posts(videos, '', { files: [clip()] })
  await alert()
  await types(ann, 'status', 'reports to')
})

it('admins of the settings moderate without being admins of the workspace', async () => {
  await open(undefined, () => [ann.id])
  await types(ann, 'rules', 'Is there a knife?')
})
