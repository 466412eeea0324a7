// Whom the settings let in, and where threads are opened, with the real client.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DiscordSettings } from '../../../adapters/discord/settings.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { questionText } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

beforeEach(async () => {
  stage = await openStage()
})

afterEach(async () => {
  await stage.close()
})

/** Two people ask, by a post and by a command; then who was answered. */
async function whoIsAnswered(settings: Partial<DiscordSettings>): Promise<string[]> {
  await stage.restart({ settings: { openThreads: false, ...settings } })
  const [here, there] = [stage.general, stage.guild.channel('there')]
  const ben = stage.guild.person('Ben')
  ben.posts(there, `${stage.discord.bot.mention} ben in there`, { files: [CAT] })
  stage.mention('ana in general', { files: [CAT] }, here)
  const turnedAway = ben.usesCommand(there, 'valley ask', { question: 'ben again', clip: CAT })
  await turnedAway.answer(({ content }) => content === en.notWelcome)
  await stage.sees('ana in general')
  expect(stage.discord.typing.map(({ channelId }) => channelId)).not.toContain(there.id)
  return stage.answerer.questions.map(questionText)
}

describe('the settings let in', () => {
  it('only some channels', async () => {
    const channels = { allow: [stage.general.id], deny: [] }
    expect(await whoIsAnswered({ channels })).toEqual(['[clip-1] ana in general'])
  })

  it('only some people', async () => {
    const users = { allow: [stage.ana.id], deny: [] }
    expect(await whoIsAnswered({ users })).toEqual(['[clip-1] ana in general'])
  })

  it('only people with some roles', async () => {
    const role = stage.guild.role('watchers', { people: [stage.ana] })
    const roles = { allow: [role.id], deny: [] }
    expect(await whoIsAnswered({ roles })).toEqual(['[clip-1] ana in general'])
  })

  it('not some guilds, where people are told', async () => {
    const elsewhere = stage.discord.guild('Elsewhere')
    const [channel, eva] = [elsewhere.channel(), elsewhere.person('Eva')]
    await stage.restart({ settings: { guilds: { allow: [], deny: [elsewhere.id] } } })
    eva.posts(channel, `${stage.discord.bot.mention} eva`, { files: [CAT] })
    await eva.usesCommand(channel, 'valley help').answer(({ content }) => content === en.notWelcome)
    stage.mention('ana', { files: [CAT] })
    await stage.sees('You said', await stage.thread())
    expect(stage.answerer.questions).toHaveLength(1)
  })
})

describe('a channel on the list without threads', () => {
  it('gets replies, others get threads', async () => {
    await stage.restart({ settings: { noThreadChannels: [stage.general.id] } })
    stage.mention('here', { files: [CAT] })
    await stage.sees('You said: [clip-1] here')
    const other = stage.guild.channel('other')
    stage.mention('there', { files: [CAT] }, other)
    await stage.sees('You said: [clip-1] there', await stage.discord.waitForThread(other))
    expect(stage.discord.threadsOf(stage.general)).toEqual([])
  })
})
