// Where Valley may write and not attach files, moderators read all the same what is to be read.
import { RESTJSONErrorCodes } from 'discord.js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { en } from '../../../../src/moderation/texts/en.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { clipOfOneSecond, type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

const WHY = 'I may not attach files here, so pictures and files are left out.'
let valley: ModeratedDiscord

beforeEach(async () => {
  const engine = new FakeEngine()
  engine.sureOf = () => 0.93
  valley = await openModeratedDiscord({ engine })
})
afterEach(() => valley.stage.close())

const warnings = () => valley.stage.log.filter(({ msg }) => msg === 'a post of moderation went without its files')

it('an alert comes without its picture, says why, and can be decided', async () => {
  const { stage, mods, mara, watch, alert } = valley
  mods.denies(stage.discord.bot, 'AttachFiles')
  await watch(stage.general)
  stage.ana.posts(stage.general, '', { files: [clipOfOneSecond()] })
  const told = await alert()
  expect(told.attachments).toEqual([])
  expect(told.content).toContain('**Score:** 0.93')
  expect(told.content.split('\n').at(-1)).toBe(WHY)
  expect((await mara.presses(told, 'Dismiss').answer()).content).toBe('Done.')
  const closed = await stage.discord.waitForMessage(mods, ({ content }) => content.includes('Dismissed by'))
  expect(closed.content).not.toContain(WHY)
  expect(warnings()).toMatchObject([{ level: 40, channel: `discord:${mods.id}`, missing: ['AttachFiles'] }])
})

it('a digest that is longer than a post says that the rest is missing, and its picture', async () => {
  const { stage, mods, mara, watch, alert } = valley
  await watch(stage.general)
  stage.ana.posts(stage.general, '', { files: [clipOfOneSecond()] })
  expect((await alert()).attachments).toHaveLength(1)
  mods.denies(stage.discord.bot, 'AttachFiles')
  const asked = await mara.usesCommand(mods, 'valley digest').answer(({ content }) => content.includes('1 clip'))
  expect(asked.attachments).toEqual([])
  expect(asked.content.split('\n').at(-1)).toBe(WHY)

  const { restAttached, notAttached } = en
  const lines = Array.from({ length: 100 }, (_, index) => [`line ${index} of what was posted`])
  const files = [{ name: 'activity.png', content: Buffer.from('a picture') }]
  const notice = { lines, files, restAttached, restName: 'digest.txt', notAttached }
  const posted = await stage.adapter.moderated.post(`discord:${mods.id}`, notice, 'digest-1')
  expect(posted).toMatchObject({ kind: 'posted' })
  const long = stage.discord.botMessagesIn(mods).at(-1)!
  expect(long.attachments).toEqual([])
  expect(long.content).toContain('line 0 of what was posted\n')
  expect(long.content.split('\n').at(-1)).toBe(WHY)
})

it('a post whose new text needs a file is changed without it', async () => {
  const { stage, mods } = valley
  const { moderated } = stage.adapter
  const { restAttached, notAttached } = en
  const notice = { lines: [['Needs a look: knives']], restAttached, restName: 'alert.txt', notAttached }
  const posted = await moderated.post(`discord:${mods.id}`, notice, 'alert-1')
  const reference = posted.kind === 'posted' ? posted.reference : ''
  const refusal = { kind: 'refused', code: RESTJSONErrorCodes.MissingPermissions } as const
  stage.discord.faults.add('PATCH /channels/:channel/messages/:message', refusal, 1)
  const lines = [['Closed: '.padEnd(1900, '!')], ['By Mara'.padEnd(200, '!')]]
  expect(await moderated.replace(`discord:${mods.id}`, reference, { ...notice, lines })).toBe('replaced')
  const [changed] = stage.discord.botMessagesIn(mods)
  expect(changed!.content).toMatch(/^Closed: .*\nI may not attach files here/)
})

it('a channel that takes no posts at all is told from one that takes no files', async () => {
  const { stage, mods } = valley
  mods.denies(stage.discord.bot, 'SendMessages')
  const files = [{ name: 'activity.png', content: Buffer.from('a picture') }]
  const notice = { lines: [['Clips of yesterday']], files, restAttached: '', restName: '' }
  expect(await stage.adapter.moderated.post(`discord:${mods.id}`, notice, 'digest-1')).toMatchObject({
    kind: 'refused',
  })
  expect(warnings()).toEqual([])
})
