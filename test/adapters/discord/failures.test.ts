import { RESTJSONErrorCodes } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { CAT, type DiscordStage, openStage, untilLogged } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { SOON } from '../../helpers/ledger-of-starts.ts'

const CREATE = 'POST /channels/:channel/messages'
const EDIT = 'PATCH /channels/:channel/messages/:message'

let stage: DiscordStage

beforeEach(async () => {
  const answerer = new FakeAnswerer((question) => {
    const text = questionText(question)
    return text.includes('long') ? { say: 'First words of many', wait: true } : { say: `You said: ${text}` }
  })
  stage = await openStage({ answerer, settings: { openThreads: false } })
})

afterEach(async () => {
  await stage.close()
})

/** The next question works, whatever happened to the one before. */
async function nextQuestionWorks(): Promise<void> {
  const channel = stage.guild.channel('next')
  stage.mention('next', { files: [CAT] }, channel)
  await stage.sees('next', channel)
}

describe('each of these leaves the next question working:', () => {
  it('the answer is deleted while it is written: the question stops', async () => {
    stage.mention('long', { files: [CAT] })
    const answer = await stage.sees('First')
    stage.ana.deletes(answer)
    await stage.discord.waitUntil(() => stage.answerer.running === 0)
    await nextQuestionWorks()
  })

  it('the question is deleted while it is answered: it stops, which is shown', async () => {
    const post = stage.mention('long', { files: [CAT] })
    await stage.sees('First')
    stage.ana.deletes(post)
    await stage.sees(en.cancelled)
    await nextQuestionWorks()
  })

  it('who asked is banned, and their posts go all at once: the question stops', async () => {
    const ben = stage.guild.person('Ben')
    ben.posts(stage.general, `${stage.discord.bot.mention} long`, { files: [CAT] })
    await stage.sees('First')
    stage.guild.bans(ben)
    await stage.sees(en.cancelled)
    await nextQuestionWorks()
  })

  it('an edit finds the answer gone, without an event: a line in the log', async () => {
    stage.discord.faults.add(EDIT, { kind: 'refused', code: RESTJSONErrorCodes.UnknownMessage })
    stage.mention('long', { files: [CAT] })
    await untilLogged(
      stage.log,
      'the place of a reply is gone, or writing there is not allowed; the question is stopped',
    )
    expect(stage.answerer.running).toBe(0)
    await nextQuestionWorks()
  })

  it('the bot is removed while it answers: the question stops', async () => {
    const elsewhere = stage.discord.guild('Elsewhere')
    const [channel, ben] = [elsewhere.channel(), elsewhere.person('Ben')]
    ben.posts(channel, `${stage.discord.bot.mention} long`, { files: [CAT] })
    await stage.sees('First', channel)
    elsewhere.removesBot()
    await untilLogged(stage.log, 'the bot was removed from a guild')
    await vi.waitFor(() => expect(stage.answerer.running).toBe(0))
    await nextQuestionWorks()
  })

  it('the channel is deleted while it answers there: the question stops', async () => {
    const channel = stage.guild.channel('short-lived')
    stage.mention('long', { files: [CAT] }, channel)
    await stage.sees('First', channel)
    channel.delete()
    await vi.waitFor(() => expect(stage.answerer.running).toBe(0))
    await nextQuestionWorks()
  })

  it('the bot may not write in the channel: a line in the log, and the model does not run', async () => {
    stage.general.denies(stage.discord.bot, 'SendMessages')
    stage.mention('one', { files: [CAT] })
    await untilLogged(stage.log, 'a question cannot be answered: permissions are missing')
    expect(stage.log.at(-1)).toMatchObject({ missing: ['SendMessages'] })
    expect(stage.answerer.questions).toEqual([])
    await nextQuestionWorks()
  })

  it('edits are limited (429): the answer comes all the same', async () => {
    stage.discord.faults.add(EDIT, { kind: 'rate-limited', retryAfterMs: 50 }, 2)
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    await nextQuestionWorks()
  })

  it('Discord fails (500) at the first post: it is posted once', async () => {
    stage.discord.faults.add(CREATE, { kind: 'broken', status: 500, afterwards: true })
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    expect(stage.discord.botMessagesIn(stage.general)).toHaveLength(1)
    await nextQuestionWorks()
  })

  it('Discord fails (500) for longer than it is asked again: the answer comes later', async () => {
    stage.discord.faults.add(CREATE, { kind: 'broken', status: 502 }, 5)
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    await nextQuestionWorks()
  })

  it('Discord fails for good: a line in the log', async () => {
    stage.discord.faults.add(CREATE, { kind: 'broken', status: 500 }, 16)
    stage.mention('one', { files: [CAT] })
    await untilLogged(stage.log, 'the reply could not be shown: Discord does not answer')
    stage.discord.faults.clear()
    await nextQuestionWorks()
  })

  it('a person who takes no direct messages: a line in the log', async () => {
    stage.ana.posts(stage.ana.dm, 'one', { files: [CAT] })
    await stage.sees('one', stage.ana.dm)
    stage.ana.refusesDms()
    stage.ana.posts(stage.ana.dm, 'two')
    await untilLogged(
      stage.log,
      'the place of a reply is gone, or writing there is not allowed; the question is stopped',
    )
    await nextQuestionWorks()
  })
})

describe('the same event twice', () => {
  it('is answered once, also when discord.js has forgotten the first', async () => {
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said')
    stage.discord.gateway.repeatAtNextResume(100)
    stage.discord.gateway.drop()
    await stage.discord.waitUntil(() => stage.discord.gateway.resumed.length === 1)
    await nextQuestionWorks()
    expect(stage.answerer.questions.map(questionText)).toEqual(['[clip-1] one', '[clip-1] next'])
    expect(stage.discord.botMessagesIn(stage.general)).toHaveLength(1)
  })

  it('is answered once also when it is a command or a pressed button', async () => {
    const { ana, discord, general } = stage
    const used = ana.usesCommand(general, 'valley ask', { question: 'one', clip: CAT })
    await used.answer(({ content }) => content.includes('You said: [clip-1] one'))
    const answer = await discord.waitForMessage(general, (one) =>
      JSON.stringify(one.components).includes('More detail'),
    )
    await ana.presses(answer, 'More detail').answer(({ content }) => content.includes('detail'))
    discord.gateway.repeatAtNextResume(100)
    discord.gateway.drop()
    await discord.waitUntil(() => discord.gateway.resumed.length === 1)
    await nextQuestionWorks()
    expect(stage.answerer.questions).toHaveLength(3)
    expect(discord.botMessagesIn(general)).toHaveLength(2)
  })

  it('is answered once by two processes that share what was taken', async () => {
    const taken = new Set<string>()
    const events = {
      claim: async (...keys: readonly string[]) => keys.every((key) => !taken.has(key) && taken.add(key)),
    }
    await stage.close()
    stage = await openStage({ adapter: { events }, settings: { openThreads: false } })
    const second = await stage.startSecond()
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
    stage.mention('two')
    await stage.sees('two')
    await second.stop()
    expect(stage.answerer.questions).toHaveLength(2)
  })

  it('is answered when it cannot be found out whether it was', async () => {
    const events = { claim: () => Promise.reject(new Error('the disk is full')) }
    await stage.close()
    stage = await openStage({ adapter: { events }, settings: { openThreads: false } })
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
  })
})

describe('a question while the connection is broken', () => {
  it('is answered once the network is there again, and meanwhile nobody is told that all is well', async () => {
    const { adapter, discord } = stage
    expect(adapter.isConnected()).toBe(true)
    discord.gateway.isCut = true
    discord.gateway.drop()
    await expect.poll(() => adapter.isConnected(), SOON).toBe(false)
    stage.mention('one', { files: [CAT] })
    discord.gateway.isCut = false
    await stage.sees('You said: [clip-1] one')
    expect(adapter.isConnected()).toBe(true)
  })

  it('is answered after the resumption', async () => {
    stage.discord.gateway.drop()
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
  })

  it('is answered after a new session, since Discord has ended the old one (op 9)', async () => {
    stage.discord.gateway.invalidateSessions({ resumable: false })
    await stage.discord.waitUntil(() => stage.discord.gateway.identified.length === 2)
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
  })

  it('is answered after a reconnection that Discord asks for (op 7)', async () => {
    stage.discord.gateway.requestReconnect()
    await stage.discord.waitUntil(() => stage.discord.gateway.resumed.length === 1)
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one')
  })
})

describe('a token that is revoked while Valley runs', () => {
  it('ends the run with a line for the operator', async () => {
    stage.discord.revokeToken()
    await expect(stage.ended).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
  })
})
