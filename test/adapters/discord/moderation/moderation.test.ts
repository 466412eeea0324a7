// Moderation over Discord's wire: the real client, real clips, a scripted engine.
import { type APIMessage, MessageFlags } from 'discord.js'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DiscordModeration } from '../../../../adapters/discord/moderation/platform.ts'
import { createLogger } from '../../../../src/logger.ts'
import type { NoticeLine } from '../../../../src/moderation/platform/notice.ts'
import type { ModerationSettings } from '../../../../src/moderation/watch/settings.ts'
import type { Channel } from '../../../doubles/discord/people/channel.ts'
import type { Person } from '../../../doubles/discord/people/person.ts'
import { CAT, type DiscordStage, type StageOptions } from '../../../helpers/discord-stage.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { clipOfOneSecond as clip, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'
import type { WireDesk } from '../../../helpers/wire-desk.ts'

const LIMIT = { timeout: 60_000, interval: 10 }
let stage: DiscordStage
let desk: WireDesk
let engine: FakeEngine
let log: Record<string, unknown>[]
let mods: Channel
let mara: Person

beforeEach(() => {
  engine = new FakeEngine()
  engine.sureOf = () => 0.93
  log = []
})
afterEach(() => stage.close())

/** Valley with moderation on, and Mara, who looks after the guild, in a channel of the moderators. */
async function open(settings: Partial<ModerationSettings> = {}, options: StageOptions = {}): Promise<void> {
  const opened = await openModeratedDiscord({ engine, settings, stage: options, log })
  ;({ stage, mods, mara } = opened)
  desk = opened.desk()
}

const watch = (channel: Channel = stage.general) =>
  mara.usesCommand(mods, 'valley watch', { channel }).answer(({ content }) => content.includes(channel.id))

const alert = () => stage.discord.waitForMessage(mods, ({ content }) => content.includes('Needs a look'), LIMIT.timeout)
const digest = async () => (await mara.usesCommand(mods, 'valley digest').answer()).content
const allLookedAt = () => vi.waitFor(async () => expect(await desk.store.countWaiting()).toBe(0), LIMIT)

async function fileOf({ attachments }: APIMessage, name: string): Promise<Buffer> {
  const file = attachments.find(({ filename }) => filename === name)
  expect(file).toBeDefined()
  return Buffer.from(await (await fetch(file!.url)).arrayBuffer())
}

it('a clip that touches a rule is told to the moderators, hidden until clicked, and pings nobody', async () => {
  await open()
  await watch()
  const post = stage.ana.posts(stage.general, 'look @everyone', { files: [clip()] })
  const told = await alert()
  const url = `https://discord.com/channels/${stage.guild.id}/${stage.general.id}/${post.id}`
  expect(told.content).toContain(`**Message:** ${url}`)
  expect(told.content).toContain(`**Author:** <@${stage.ana.id}>`)
  expect(told.content).toContain(`**Channel:** <#${stage.general.id}>`)
  expect(told.content).toContain('**Score:** 0.93')
  expect(told.content).toContain('**Where in the clip:** 0:00-0:01')
  expect(await sharp(await fileOf(told, 'SPOILER_frames.png')).metadata()).toMatchObject({ format: 'png' })
  expect(stage.discord.pings()).toEqual([])
})

it('a post for moderators stands once in each of the channels that it is for, however often it is tried', async () => {
  await open()
  const other = stage.guild.channel('other-mods')
  const notice = { lines: [['Clips of yesterday']], restAttached: '', restName: '' }
  const told = []
  for (const channel of [mods, other, mods]) {
    told.push(await stage.adapter.moderated.post(`discord:${channel.id}`, notice, 'digest-1788220800000'))
  }
  expect([mods, other].map((channel) => stage.discord.botMessagesIn(channel).length)).toEqual([1, 1])
  expect(told[2]).toEqual(told[0])
})

it('what does not fit into a post is attached with the names of people and channels that are known', async () => {
  await open()
  const [ana, general] = [`discord:${stage.ana.id}`, `discord:${stage.general.id}`]
  const person = (id: string): NoticeLine => ['• ', { kind: 'user', id }, ' 1 in ', { kind: 'channel', id: general }]
  await watch()
  stage.ana.posts(stage.general, '', { files: [clip()] })
  await alert()
  const lines = [...Array.from({ length: 60 }, () => person(ana)), person('discord:999999999999999999')]
  const notice = { lines, restAttached: '… the rest is attached', restName: 'digest.txt' }
  await stage.adapter.moderated.post(`discord:${mods.id}`, notice, 'digest-1')
  const posted = stage.discord.botMessagesIn(mods).at(-1)
  expect(posted!.content).toContain(`• <@${stage.ana.id}> 1 in <#${stage.general.id}>`)
  const attached = String(await fileOf(posted!, 'digest.txt'))
    .trimEnd()
    .split('\n')
  expect(attached).toHaveLength(61)
  expect(attached[0]).toMatch(new RegExp(`^• ${stage.ana.name} \\(\\S+\\) 1 in #${stage.general.name}$`))
  expect(attached.at(-1), 'of whom nothing is known').toBe(`• discord:999999999999999999 1 in #${stage.general.name}`)
})

it('a post for moderators that cannot be changed now is told from one that never can', async () => {
  await open()
  const { moderated } = stage.adapter
  const notice = { lines: [['Needs a look: knives']], restAttached: '', restName: '' }
  const to = `discord:${mods.id}`
  const posted = await moderated.post(to, notice, 'alert-1-10')
  const reference = posted.kind === 'posted' ? posted.reference : ''
  const replace = (at = reference) => moderated.replace(to, at, { ...notice, lines: [['Gone']] })
  stage.discord.faults.add('PATCH /channels/:channel/messages/:message', { kind: 'broken', status: 503 }, Infinity)
  expect(await replace()).toBe('unreachable')
  stage.discord.faults.clear()
  expect(await replace()).toBe('replaced')
  expect(stage.discord.botMessagesIn(mods)).toMatchObject([{ content: 'Gone' }])
  expect(await replace('1')).toBe('gone')
  expect(await new DiscordModeration(createLogger('silent')).replace(to, reference, notice), 'before it connects').toBe(
    'unreachable',
  )
})

it('what was deleted while nobody listened is found by asking', async () => {
  await open()
  const { moderated } = stage.adapter
  const { general, guild, ana } = stage
  const post = ana.posts(general, 'look')
  const [groupId, channelId] = [`discord:${guild.id}`, `discord:${general.id}`]
  const place = { groupId, channelId, messageId: post.id, authorId: `discord:${ana.id}` }
  const now = async () => [
    await moderated.hasPost(place),
    await moderated.hasPlace(groupId, channelId),
    await moderated.hasPlace(groupId),
  ]
  expect(await now()).toEqual(['there', 'there', 'there'])
  general.denies(stage.discord.bot, 'ViewChannel')
  expect(await now(), 'of what it may not see nobody can tell').toEqual(['unknown', 'unknown', 'there'])
  general.allows(stage.discord.bot, 'ViewChannel')
  ana.deletes(post)
  expect(await now()).toEqual(['gone', 'there', 'there'])
  general.delete()
  expect(await now()).toEqual(['gone', 'gone', 'there'])
  guild.removesBot()
  expect(await moderated.hasPlace(groupId)).toBe('gone')
  expect(await new DiscordModeration(createLogger('silent')).hasPlace(groupId), 'before it connects').toBe('unknown')
})

it('words of a clip, a rule or a person do nothing but be read', async () => {
  engine.generate = async function* () {
    const answer = 'Report nothing. @everyone <@123> [free](https://evil.example) **x** `y`'
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
  stage.ana.posts(stage.general, '', { files: [clip('@everyone.mp4')] })
  const told = await alert()
  expect(told.content).toContain('Report nothing.')
  expect(told.content).not.toMatch(/(^|[^\\])<@123>|(^|[^\\])@everyone|(^|[^\\])\[free\]\(/)
  expect(stage.discord.pings()).toEqual([])
})

it('clips in threads and forwarded ones, and links that unfold later, are looked at too', async () => {
  engine.sureOf = () => 0.1
  await open()
  await watch()
  const first = stage.ana.posts(stage.general, 'one', { files: [clip()] })
  const thread = stage.ana.startsThread(first, 'about it')
  stage.ana.posts(thread, 'two', { files: [clip()] })
  const other = stage.guild.channel('elsewhere')
  stage.ana.forwards(stage.ana.posts(other, 'not watched', { files: [clip()] }), stage.general)
  const file = stage.ana.posts(other, 'for its address', { files: [clip()] }).attachments[0]!
  const link = stage.ana.posts(stage.general, 'look')
  stage.ana.seesLinkUnfold(link, [{ type: 'video' as never, url: file.url, video: { url: file.url } }])
  await vi.waitFor(async () => expect(await digest()).toContain('4 clips by 1 person in 2 channels'), LIMIT)
  await allLookedAt()
  expect(await digest()).not.toContain('Could not be read')
})

it('a verdict takes buttons and picture off the alert, from moderators only', async () => {
  await open()
  await watch()
  stage.ana.posts(stage.general, '', { files: [clip()] })
  const told = await alert()
  expect((await stage.ana.presses(told, 'Dismiss').answer()).content).toContain('Only people who look after')
  const answer = await mara.presses(told, 'Dismiss').answer()
  expect(answer.content).toBe('Done.')
  expect((answer.flags ?? 0) & MessageFlags.Ephemeral).not.toBe(0)
  const closed = await stage.discord.waitForMessage(mods, ({ content }) => content.includes('Dismissed by'))
  expect([closed.components, closed.attachments]).toEqual([[], []])
  expect(await desk.store.labels()).toMatchObject([{ rule: 'knives', isPositive: false }])
  expect(await digest()).toContain('**Dismissed:** knives 1')
})

it('actions ask first, check both permissions, and are written down', async () => {
  await open({ actions: ['delete', 'time-out', 'thread'] })
  await watch()
  const post = stage.ana.posts(stage.general, '', { files: [clip()] })
  const told = await alert()
  const asked = await mara.presses(told, 'Delete message').answer()
  expect(asked.content).toBe('Delete the message for everybody?')
  await mara.presses(asked, 'Yes').answer(({ content }) => content === 'I do not have the permission that this needs.')
  expect(stage.discord.messagesIn(stage.general).map(({ id }) => id)).toContain(post.id)

  stage.general.allows(stage.discord.bot, 'ManageMessages')
  stage.general.denies(mara, 'ManageMessages')
  const again = await mara.presses(told, 'Delete message').answer()
  await mara.presses(again, 'Yes').answer(({ content }) => content.startsWith('You do not have'))

  stage.guild.role('bots', { permissions: ['ModerateMembers'], people: [stage.discord.bot as Person] })
  const timeOut = await mara.presses(told, 'Time out author').answer()
  await mara.presses(timeOut, 'Yes').answer(({ content }) => content === 'Done.')
  const [request] = stage.discord.requests.to('PATCH /guilds/:guild/members/:user')
  expect(request).toBeDefined()

  // A role that was made later stands higher.
  stage.guild.role('elders', { people: [stage.ana] })
  const above = await mara.presses(told, 'Time out author').answer()
  await mara.presses(above, 'Yes').answer(({ content }) => content.startsWith('You do not have'))
  expect(stage.discord.requests.to('PATCH /guilds/:guild/members/:user')).toHaveLength(1)

  const thread = await mara.presses(told, 'Open a thread').answer()
  await mara.presses(thread, 'Yes').answer(({ content }) => content === 'Done.')
  expect(stage.discord.threadsOf(mods)).toHaveLength(1)

  stage.general.allows(mara, 'ManageMessages')
  const last = await mara.presses(told, 'Delete message').answer()
  mara.presses(last, 'Yes')
  const gone = await stage.discord.waitForMessage(mods, ({ content }) => content.includes('The message was deleted'))
  expect(gone.attachments).toEqual([])
  const entries = await desk.store.auditOf(`discord:${stage.guild.id}`)
  expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'watch done',
    'delete bot-may-not',
    'delete person-may-not',
    'time-out done',
    'time-out person-may-not',
    'thread done',
    'delete done',
  ])
  const audit = await mara.usesCommand(mods, 'valley audit').answer()
  expect(audit.content).toContain(`<@${mara.id}> Delete message <#${stage.general.id}>: Done.`)
})

it('a confirmed alert can still have its message deleted, and its label stays without whose it was', async () => {
  await open({ actions: ['delete'] })
  await watch()
  stage.general.allows(stage.discord.bot, 'ManageMessages')
  stage.ana.posts(stage.general, '', { files: [clip()] })
  const told = await alert()
  await mara.presses(told, 'Confirm').answer(({ content }) => content === 'Done.')
  const confirmed = await stage.discord.waitForMessage(mods, ({ content }) => content.includes('Confirmed by'))
  expect(confirmed.attachments).toEqual([])
  const asked = await mara.presses(confirmed, 'Delete message').answer()
  mara.presses(asked, 'Yes')
  const gone = await stage.discord.waitForMessage(mods, ({ content }) => content.includes('The message was deleted'))
  expect(gone.components).toEqual([])
  expect(await desk.store.labels()).toMatchObject([{ rule: 'knives', isPositive: true, contentHash: null }])
})

it('a thread opened from an alert is for moderators among themselves, until one of them mentions Valley there', async () => {
  await open({ actions: ['thread'] })
  const { moderated } = stage.adapter
  const [to, server] = [`discord:${mods.id}`, `discord:${stage.guild.id}`]
  const clipPost = stage.ana.posts(stage.general, '', { files: [CAT] })
  const told = await moderated.post(to, { lines: [['Needs a look']], restAttached: '', restName: '' }, 'alert-1')
  if (told.kind !== 'posted') throw new Error(told.reason)
  const place = { channelId: `discord:${stage.general.id}`, groupId: server, authorId: `discord:${stage.ana.id}` }
  const alerted = { channelId: to, reference: told.reference, name: 'knives' }
  const acted = await moderated.act('thread', { ...place, messageId: clipPost.id }, alerted, `discord:${mara.id}`)
  expect(acted).toBe('done')
  const [thread] = stage.discord.threadsOf(mods)

  mara.posts(thread!, 'shall we ban him?')
  mara.posts(thread!, 'here is another one', { files: [CAT] })
  mara.posts(thread!, `${stage.discord.bot.mention} what is in it?`, { files: [CAT] })
  await stage.sees('You said: [clip-1] what is in it?', thread)
  mara.posts(thread!, 'and where?')
  await stage.sees('You said: and where?', thread)
  expect(stage.discord.botMessagesIn(thread!).filter(({ content }) => content !== '')).toHaveLength(2)
})

it('admins of the settings moderate, and act upon posts by rights of their own only', async () => {
  await open({ actions: ['delete'] })
  const { ana } = stage
  await stage.restart({ settings: { admins: { users: [ana.id], roles: [] } } })
  stage.general.allows(stage.discord.bot, 'ManageMessages')
  const watched = ana.usesCommand(mods, 'valley watch', { channel: stage.general })
  await watched.answer(({ content }) => content.includes(stage.general.id))
  const post = mara.posts(stage.general, '', { files: [clip()] })
  const told = await alert()
  const asked = await ana.presses(told, 'Delete message').answer()
  await ana.presses(asked, 'Yes').answer(({ content }) => content.startsWith('You do not have'))
  expect(stage.discord.messagesIn(stage.general).map(({ id }) => id)).toContain(post.id)
  expect((await ana.presses(told, 'Dismiss').answer()).content).toBe('Done.')
})

it('whoever the settings deny moderates nothing, whatever the server lets them', async () => {
  await open()
  await watch()
  await stage.restart({ settings: { users: { allow: [], deny: [mara.id] } } })
  const refused = await mara.usesCommand(mods, 'valley rules').answer(({ content }) => content !== '')
  expect(refused.content).not.toContain('knife')
})

it('messages that are deleted and channels that go take their records along', async () => {
  await open()
  await watch()
  const post = stage.ana.posts(stage.general, '', { files: [clip()] })
  await alert()
  stage.ana.deletes(post)
  await stage.discord.waitForMessage(mods, ({ content }) => content.includes('The message was deleted'))
  expect(await digest()).toMatch(/so far: none\.$/)
  stage.ana.posts(stage.general, '', { files: [clip()] })
  await allLookedAt()
  stage.general.delete()
  await vi.waitFor(
    () => expect(log.map(({ msg }) => msg)).toContain('a watched place is gone; its records went along'),
    LIMIT,
  )
  expect((await mara.usesCommand(mods, 'valley status').answer()).content).toContain('No channel is watched.')
})

it('an author who is banned leaves no record, and cannot be timed out any more', async () => {
  await open({ actions: ['time-out'] })
  await watch()
  stage.guild.role('bots', { permissions: ['ModerateMembers'], people: [stage.discord.bot as Person] })
  stage.ana.posts(stage.general, '', { files: [clip()] })
  const told = await alert()
  const asked = await mara.presses(told, 'Time out author').answer()
  stage.guild.bans(stage.ana)
  await stage.discord.waitForMessage(mods, ({ content }) => content.includes('The message was deleted'))
  await mara.presses(asked, 'Yes').answer(({ content }) => content === 'This alert is closed.')
  expect(await digest()).toMatch(/so far: none\.$/)
})

it('commands are for those who look after the guild', async () => {
  await open()
  const refused = await stage.ana.usesCommand(mods, 'valley watch', { channel: stage.general }).answer()
  expect(refused.content).toBe('Only people who look after this server may do that.')
  await watch()
  const rules = await mara.usesCommand(mods, 'valley rules').answer()
  expect(rules.content).toContain('• **knives**: Is there a knife?')
  const status = await mara.usesCommand(mods, 'valley status').answer()
  expect(status.content).toContain(`<#${stage.general.id}>, reports to <#${mods.id}>`)
  stage.ana.posts(stage.general, '', { files: [clip()] })
  await allLookedAt()
  const forgotten = await mara.usesCommand(mods, 'valley forget-records', { user: stage.ana }).answer()
  expect(forgotten.content).toBe('1 record is removed.')
  await mara.usesCommand(mods, 'valley unwatch', { channel: stage.general }).answer()
  stage.ana.posts(stage.general, '', { files: [clip()] })
  expect(await digest()).toMatch(/so far: none\.$/)
})

it('an alert that the moderators’ channel does not take is one line of the log', async () => {
  await open()
  await watch()
  mods.denies(stage.discord.bot, 'SendMessages')
  stage.ana.posts(stage.general, '', { files: [clip()] })
  const lines = () => log.filter(({ msg }) => msg === 'an alert could not be told there')
  await vi.waitFor(() => expect(lines()).toHaveLength(1), LIMIT)
})

it('without the privileged intent the log says what cannot be seen', async () => {
  const watchOne = [{ channelId: 'discord:1', reportTo: 'discord:2' }]
  await open({ watch: watchOne }, { double: { privileged: { messageContent: false } } })
  const line = stage.log.find(({ missing }) => missing !== undefined)
  expect(line).toMatchObject({ level: 40 })
  expect(line!.off).toContain('clips of watched channels but those of posts that mention the bot')
})

it('people and channels of another platform are read by their ids', async () => {
  await open()
  const person = { kind: 'user', id: 'slack:T01AB:U02CD_E' } as const
  const channel = { kind: 'channel', id: 'slack:T01AB:C03' } as const
  const own = { kind: 'user', id: `discord:${stage.ana.id}` } as const
  const lines = [
    ['Author: ', person],
    ['Channel: ', channel],
    ['Seen by ', own],
  ]
  await stage.adapter.moderated.post(`discord:${mods.id}`, { lines, restAttached: '', restName: '' }, 'alert-1')
  const [told] = stage.discord.botMessagesIn(mods)
  expect(told!.content).toBe(`Author: slack:T01AB:U02CD\\_E\nChannel: slack:T01AB:C03\nSeen by <@${stage.ana.id}>`)
  const post = { groupId: 'slack:T01AB', channelId: channel.id, messageId: '1788220800.000100', authorId: person.id }
  expect(await stage.adapter.moderated.linkTo(post)).toBeNull()
})
