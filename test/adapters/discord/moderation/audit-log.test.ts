// What Discord's own audit log of a server says of what Valley did for a moderator.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RouteName } from '../../../doubles/discord/http/route-names.ts'
import type { Person } from '../../../doubles/discord/people/person.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { clipOfOneSecond, type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

let valley: ModeratedDiscord

beforeEach(async () => {
  const engine = new FakeEngine()
  engine.sureOf = () => 0.93
  valley = await openModeratedDiscord({
    engine,
    rules: () => 'rules:\n  - { name: knives 🔪 and the like, lookFor: [a knife] }\n',
    settings: { actions: ['delete', 'time-out', 'thread'] },
  })
  const { stage } = valley
  stage.general.allows(stage.discord.bot, 'ManageMessages')
  stage.guild.role('bots', { permissions: ['ModerateMembers'], people: [stage.discord.bot as Person] })
})
afterEach(() => valley.stage.close())

const reasons = (route: RouteName) => valley.stage.discord.requests.to(route).map(({ reason }) => reason)

it('it names the moderator who pressed, and the rule', async () => {
  const { stage, mods, mara, watch, alert } = valley
  await watch(stage.general)
  stage.ana.posts(stage.general, '', { files: [clipOfOneSecond()] })
  const told = await alert()
  for (const button of ['Time out author', 'Open a thread']) {
    const asked = await mara.presses(told, button).answer()
    await mara.presses(asked, 'Yes').answer(({ content }) => content === 'Done.')
  }
  mara.presses(await mara.presses(told, 'Delete message').answer(), 'Yes')
  await stage.discord.waitForMessage(mods, ({ content }) => content.includes('The message was deleted'))
  const said = [`mara (${mara.id}): Alert: knives 🔪 and the like`]
  expect(reasons('PATCH /guilds/:guild/members/:user')).toEqual(said)
  expect(reasons('POST /channels/:channel/messages/:message/threads')).toEqual(said)
  expect(reasons('DELETE /channels/:channel/messages/:message')).toEqual(said)
})

it('a reason that is too long for Discord is cut between two characters', async () => {
  const { stage, mara, mods } = valley
  const [groupId, channelId] = [`discord:${stage.guild.id}`, `discord:${stage.general.id}`]
  const { id: messageId } = stage.ana.posts(stage.general, 'look')
  const post = { groupId, channelId, messageId, authorId: `discord:${stage.ana.id}` }
  const alert = { channelId: `discord:${mods.id}`, reference: '1', name: '🔪'.repeat(600) }
  expect(await stage.adapter.moderated.act('delete', post, alert, `discord:${mara.id}`)).toBe('done')
  const [reason] = reasons('DELETE /channels/:channel/messages/:message')
  expect([...(reason ?? '')]).toHaveLength(512)
  expect(reason).toMatch(/^mara \(\d+\): (🔪)+$/u)
})
