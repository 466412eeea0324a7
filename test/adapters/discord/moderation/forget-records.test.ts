// What `/valley forget-records` removes, and that nothing goes that was not meant.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CommandOptions } from '../../../doubles/discord/people/command-options.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { clipOfOneSecond, type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

const LIMIT = { timeout: 60_000, interval: 10 }
let valley: ModeratedDiscord

beforeEach(async () => {
  valley = await openModeratedDiscord({ engine: new FakeEngine() })
  await valley.watch(valley.stage.general)
})
afterEach(() => valley.stage.close())

const forget = async (options: CommandOptions = {}) => {
  const { mara, mods } = valley
  return (await mara.usesCommand(mods, 'valley forget-records', options).answer(({ content }) => content !== ''))
    .content
}

const auditOfServer = () => valley.desk().store.auditOf(`discord:${valley.stage.guild.id}`)

async function post() {
  const { stage, desk } = valley
  const posted = stage.ana.posts(stage.general, '', { files: [clipOfOneSecond()] })
  await vi.waitFor(async () => expect(await desk().store.countWaiting()).toBe(0), LIMIT)
  return posted
}

it('a link or an id that cannot be read removes nothing, and says what is expected', async () => {
  const { stage } = valley
  const { id } = await post()
  const link = `https://discord.com/channels/${stage.guild.id}/${stage.general.id}`
  for (const message of [
    'yesterday',
    id.slice(0, 9),
    `${link}/`,
    `${link}/${id.slice(0, 9)}`,
    `${link}/${id} ${link}`,
  ]) {
    const said = await forget({ message })
    expect(said, message).toContain('Nothing was removed.')
    expect(said).toContain('`message` with the link or the id of one message')
  }
  expect(await auditOfServer()).toMatchObject([{ action: 'watch' }])
  expect(await forget({ user: stage.ana })).toBe('1 record is removed.')
})

it('a message is named by its link, by its id, or by its id behind that of its channel', async () => {
  const { guild, general } = valley.stage
  const ids = [await post(), await post(), await post()].map(({ id }) => id)
  const [one, two, three] = ids
  expect(await forget({ message: `https://discord.com/channels/${guild.id}/${general.id}/${one}` })).toMatch(
    /^1 record /,
  )
  expect(await forget({ message: two! })).toMatch(/^1 record /)
  expect(await forget({ message: `${general.id}-${three}` })).toMatch(/^1 record /)
})

it('the whole server is forgotten with its audit log, but for that it was, where that is said, and not where everything is left out', async () => {
  await post()
  for (const options of [{}, { everything: false }, { everything: true, user: valley.stage.ana }]) {
    expect(await forget(options)).toContain('Nothing was removed.')
  }
  expect(await auditOfServer()).toMatchObject([{ action: 'watch' }])
  expect(await forget({ everything: true })).toBe('1 record is removed.')
  expect(await auditOfServer()).toMatchObject([{ action: 'forget', target: 'server' }])
})
