import { afterEach, describe, expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { es } from '../../../src/conversation/texts/es.ts'
import { CAT, type DiscordStage, openStage, type StageOptions } from '../../helpers/discord-stage.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

async function open(options: StageOptions): Promise<void> {
  stage = await openStage(options)
}

afterEach(async () => {
  await stage.close()
})

const MISSING = 'Discord intents are missing; some things are off'

describe('the start-up log', () => {
  it('says that the portal does not grant the intent, what is off, and what to do', async () => {
    await open({ double: { privileged: { messageContent: false } }, settings: { freeChannels: ['1'] } })
    expect(stage.log.find(({ msg }) => msg === MISSING)).toMatchObject({
      missing: ['MessageContent'],
      off: [
        expect.stringContaining('threads without a further mention'),
        expect.stringContaining('free channels'),
        expect.stringContaining('replies to'),
      ],
      remedy: expect.stringContaining('developer portal'),
    })
  })

  it('says that the settings leave the intent out', async () => {
    await open({ settings: { messageContent: false, followThreads: false } })
    expect(stage.log.find(({ msg }) => msg === MISSING)).toMatchObject({
      off: [expect.stringContaining('replies to')],
      remedy: 'Set discord.messageContent to true to use it.',
    })
    expect(stage.discord.gateway.identified).toHaveLength(1)
  })

  it('says nothing of it when nothing is off', async () => {
    await open({})
    expect(stage.log.some(({ msg }) => msg === MISSING)).toBe(false)
  })
})

describe('without the intent', () => {
  it('mentions, direct messages, commands and the message menu work', async () => {
    await open({ double: { privileged: { messageContent: false } } })
    const { ana, discord, general } = stage
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said: [clip-1] one', await stage.thread())
    ana.posts(ana.dm, 'two', { files: [CAT] })
    await stage.sees('You said: [clip-1] two', ana.dm)
    const used = ana.usesCommand(general, 'valley ask', { question: 'three', clip: CAT })
    await used.answer(({ content }) => content.includes('You said: [clip-1] three'))
    const menu = ana.usesContextMenu(ana.posts(general, 'look', { files: [CAT] }), 'Describe clip')
    await menu.answer(({ content }) => content.includes('Describe this clip.'))
    expect(discord.requests.unknown).toEqual([])
  })
})

describe('the settings', () => {
  it('can leave direct messages out', async () => {
    await open({ settings: { directMessages: false } })
    stage.ana.posts(stage.ana.dm, 'one', { files: [CAT] })
    stage.mention('two', { files: [CAT] })
    await stage.sees('You said', await stage.thread())
    expect(stage.answerer.questions).toHaveLength(1)
  })

  it('can name channels in which every post is answered', async () => {
    await open({})
    const { id } = stage.general
    await stage.stop()
    await stage.restart({ settings: { freeChannels: [id] } })
    stage.ana.posts(stage.general, 'what is this?', { files: [CAT] })
    await stage.sees('You said: [clip-1] what is this?', await stage.thread())
  })

  it('of a channel hold in its threads, opened by a mention or by a command, and under buttons there', async () => {
    const seen: (string | undefined)[] = []
    await open({
      channel: ({ parentChannelId }) => {
        seen.push(parentChannelId)
        return {}
      },
    })
    const { ana, discord, general } = stage
    const parent = `discord:${general.id}`
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    const answer = await discord.waitForMessage(thread, ({ components }) =>
      JSON.stringify(components).includes('Forget'),
    )
    ana.posts(thread, 'two')
    await stage.sees('You said: two', thread)
    await ana.presses(answer, 'More detail').answer(({ content }) => content.includes('detail'))
    const used = ana.usesCommand(thread, 'valley ask', { question: 'three' })
    await used.answer(({ content }) => content.includes('three'))
    expect(new Set(seen)).toEqual(new Set([parent]))
    const inChannel = ana.usesCommand(general, 'valley ask', { question: 'four', clip: CAT })
    await inChannel.answer(({ content }) => content.includes('four'))
    expect(seen.at(-1)).toBe(parent)
  })

  it('can name one language for everybody, also on buttons', async () => {
    await open({ channel: { locale: 'es' } })
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.discord.waitForMessage(thread, ({ components }) =>
      JSON.stringify(components).includes(es.actions['more-detail']),
    )
    const help = stage.ana.usesCommand(thread, 'valley help')
    await help.answer(({ content }) => content.includes(es.helpIntroduction))
  })

  it('can keep people out, who are told when they use a command', async () => {
    await open({})
    const ben = stage.guild.person('Ben')
    await stage.restart({ settings: { users: { allow: [], deny: [ben.id] } } })
    await ben.usesCommand(stage.general, 'valley help').answer(({ content }) => content === en.notWelcome)
    ben.posts(stage.general, `${stage.discord.bot.mention} one`, { files: [CAT] })
    stage.mention('two', { files: [CAT] })
    await stage.sees('You said', await stage.thread())
    expect(stage.answerer.questions).toHaveLength(1)
  })
})

describe('a guild that speaks another language', () => {
  it('is answered in it', async () => {
    await open({})
    const guild = stage.discord.guild('Amigos', { locale: 'es-ES' })
    const [channel, luis] = [guild.channel(), guild.person('Luis')]
    luis.posts(channel, `${stage.discord.bot.mention} ¿qué es?`)
    await stage.sees(es.clipWanted, await stage.discord.waitForThread(channel))
  })
})

describe('a large bot', () => {
  it('has as many shards as Discord recommends', async () => {
    await open({ double: { shards: 2 } })
    expect(stage.discord.gateway.identified).toHaveLength(2)
    stage.mention('one', { files: [CAT] })
    await stage.sees('You said', await stage.thread())
    stage.ana.posts(stage.ana.dm, 'two', { files: [CAT] })
    await stage.sees('You said', stage.ana.dm)
  })
})

describe('a stop', () => {
  it('stops running answers, says so, and leaves nothing open', async () => {
    await open({ answerer: new FakeAnswerer(() => ({ say: 'First words of many', wait: true })) })
    stage.mention('long', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('First', thread)
    await stage.stop()
    expect(stage.answerer.running).toBe(0)
    expect(stage.discord.botMessagesIn(thread).at(-1)?.content).toContain(en.cancelled)
  })

  it('before the connection ends it at once', async () => {
    await open({})
    const requests = stage.discord.requests.length
    await stage.adapter.run(undefined as never, AbortSignal.abort())
    expect(stage.discord.requests).toHaveLength(requests)
  })
})

/** 300 requests, of which discord.js sends at most 50 in a second. */
const DEADLOCK_LIMIT_MS = 50_000

describe('50 conversations at once', () => {
  it('keep their words apart', async () => {
    await open({})
    const people = Array.from({ length: 50 }, (_, index) => stage.guild.person(`Person ${index}`))
    for (const [index, person] of people.entries()) {
      person.posts(stage.general, `${stage.discord.bot.mention} secret-${index}-`, { files: [CAT] })
    }
    await stage.discord.waitUntil(() => threadsWith('secret-').length === 50, DEADLOCK_LIMIT_MS)
    const threads = stage.discord.threadsOf(stage.general)
    for (const [index, person] of people.entries()) person.posts(threads[index]!, `again-${index}-`)
    await stage.discord.waitUntil(() => threadsWith('again-').length === 50, DEADLOCK_LIMIT_MS)
    for (const [index, thread] of threads.entries()) {
      const text = stage.discord.botMessagesIn(thread).map(({ content }) => content)
      expect(text.join().match(/(?:secret|again)-\d+-/g)).toEqual([`secret-${index}-`, `again-${index}-`])
    }
  })

  function threadsWith(text: string) {
    const threads = stage.discord.threadsOf(stage.general)
    return threads.filter((thread) => stage.discord.botMessagesIn(thread).some(({ content }) => content.includes(text)))
  }
})
