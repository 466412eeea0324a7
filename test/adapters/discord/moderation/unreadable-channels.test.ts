// A watched channel that Valley cannot read is told of, not passed over in silence.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Channel } from '../../../doubles/discord/people/channel.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { SOON } from '../../../helpers/ledger-of-starts.ts'
import { type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

const UNREAD = 'a watched channel cannot be read; what is posted there is not looked at'
const READ_AGAIN = 'a watched channel is read again'
let valley: ModeratedDiscord
let log: Record<string, unknown>[]

const open = async (watch: readonly { channelId: string; reportTo: string }[] = []) => {
  log = []
  valley = await openModeratedDiscord({ engine: new FakeEngine(), settings: { watch }, log })
}
beforeEach(() => open())
afterEach(() => valley.stage.close())

const told = () =>
  log.filter(({ msg }) => msg === UNREAD || msg === READ_AGAIN).map(({ msg, channel }) => [msg, channel])
const lineOf = async ({ id }: Pick<Channel, 'id'>) => {
  const status = await valley.mara.usesCommand(valley.mods, 'valley status').answer(({ content }) => content !== '')
  return status.content.split('\n').find((line) => line.startsWith(`• <#${id}>`))
}

it('Valley is shut out of a channel and let in again', async () => {
  const { stage, mods, watch } = valley
  const { general } = stage
  const other = stage.guild.channel('other')
  await watch(general)
  await watch(other)
  general.denies(stage.discord.bot, 'ViewChannel')
  await expect.poll(told, SOON).toEqual([[UNREAD, `discord:${general.id}`]])
  expect(await lineOf(general)).toBe(
    `• <#${general.id}>, reports to <#${mods.id}>, but I cannot read it, so nothing there is looked at`,
  )
  expect(await lineOf(other)).toBe(`• <#${other.id}>, reports to <#${mods.id}>`)
  general.allows(stage.discord.bot, 'ViewChannel')
  await expect.poll(told, SOON).toEqual([
    [UNREAD, `discord:${general.id}`],
    [READ_AGAIN, `discord:${general.id}`],
  ])
  expect(await lineOf(general)).toBe(`• <#${general.id}>, reports to <#${mods.id}>`)
})

it('a thread that rests is read all the same', async () => {
  const { stage, watch } = valley
  const thread = stage.ana.startsThread(stage.ana.posts(stage.general, 'look'), 'clips')
  await watch(thread)
  thread.archive()
  await stage.restart()
  expect(await lineOf(thread)).toMatch(/>$/)
  expect(told()).toEqual([])
})

it('a channel of the settings that is not there', async () => {
  await valley.stage.close()
  await open([{ channelId: 'discord:1574330380809404418', reportTo: 'discord:1574330380809404419' }])
  await expect.poll(told, SOON).toEqual([[UNREAD, 'discord:1574330380809404418']])
  expect(await lineOf({ id: '1574330380809404418' })).toContain('but I cannot read it')
})
