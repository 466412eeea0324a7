import {
  type APIApplicationCommandSubcommandOption,
  type APIMessage,
  InteractionResponseType,
  MessageFlags,
} from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiscordAdapter } from '../../../adapters/discord/adapter.ts'
import { COMMANDS } from '../../../adapters/discord/commands.ts'
import { DEFAULT_DISCORD_SETTINGS } from '../../../adapters/discord/settings.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { es } from '../../../src/conversation/texts/es.ts'
import { zh } from '../../../src/conversation/texts/zh.ts'
import { createLogger } from '../../../src/logger.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

beforeEach(async () => {
  stage = await openStage()
})

afterEach(async () => {
  await stage.close()
})

const says = (text: string) => (message: APIMessage) => message.content.includes(text)

describe('/valley ask', () => {
  it('what is this? with a clip: is acknowledged, answered, and goes on in a thread of the answer', async () => {
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?', clip: CAT })
    const answer = await used.answer(says('You said: [clip-1] what is this?'))
    expect(used.responseType).toBe(InteractionResponseType.DeferredChannelMessageWithSource)
    const thread = await stage.thread()
    expect(thread).toMatchObject({ id: answer.id, name: 'what is this?' })
    stage.ana.posts(thread, 'two')
    await stage.sees('You said: two', thread)
    expect(stage.answerer.questions[1]?.messages).toHaveLength(3)
  })

  it('in a thread: goes on with its conversation', async () => {
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said', thread)
    await stage.ana.usesCommand(thread, 'valley ask', { question: 'two' }).answer(says('You said: two'))
    expect(stage.answerer.questions[1]?.messages).toHaveLength(3)
  })

  it('without a clip: takes the newest clip of the channel', async () => {
    stage.guild.person('Ben').posts(stage.general, 'look', { files: [CAT] })
    stage.ana.posts(stage.general, 'nice')
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?' })
    await used.answer(says('You said: [clip-1] what is this?'))
  })

  it('without a clip where there is none: asks for one', async () => {
    await stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what?' }).answer(says(en.clipWanted))
  })

  it('in a direct channel: works the same', async () => {
    const used = stage.ana.usesCommand(stage.ana.dm, 'valley ask', { question: 'what is this?', clip: CAT })
    await used.answer(says('You said: [clip-1] what is this?'))
    stage.ana.posts(stage.ana.dm, 'two')
    await stage.sees('You said: two', stage.ana.dm)
  })

  it('where only the person has installed it: answers there', async () => {
    const elsewhere = stage.discord.guild('Elsewhere', { withoutBot: true })
    elsewhere.welcomes(stage.ana)
    stage.ana.installsApp()
    const used = stage.ana.usesCommand(elsewhere.channel(), 'valley ask', { question: 'what is this?', clip: CAT })
    await used.answer(says('You said: [clip-1] what is this?'))
    const again = stage.ana.usesCommand(stage.discord.channel(used.channelId), 'valley ask', { question: 'and now?' })
    await again.answer(says('You said: and now?'))
  })

  it('is acknowledged within 3 s while ten other questions wait', async () => {
    await stage.close()
    stage = await openStage({ answerer: new FakeAnswerer(() => ({ say: 'First words of many', wait: true })) })
    for (let count = 0; count < 10; count += 1) stage.mention('long', { files: [CAT] })
    await stage.discord.waitUntil(() => stage.answerer.running > 0)
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?', clip: CAT })
    await used.acknowledged()
    expect(used.acknowledgedAfterMs).toBeLessThan(3000)
  })
})

describe('/valley describe', () => {
  it('with a clip: describes it', async () => {
    await stage.ana
      .usesCommand(stage.general, 'valley describe', { clip: CAT })
      .answer(says('[clip-1] Describe this clip.'))
  })

  it('in a thread with a clip: describes that', async () => {
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said', thread)
    await stage.ana.usesCommand(thread, 'valley describe').answer(says('You said: Describe this clip.'))
  })
})

describe('/valley', () => {
  it('reset: forgets the words and keeps the clip', async () => {
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said', thread)
    await stage.ana.usesCommand(thread, 'valley reset').answer(says(en.resetDone))
    stage.ana.posts(thread, 'two')
    await stage.sees('You said: [clip-1] two', thread)
  })

  it('forget: removes everything', async () => {
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    await stage.sees('You said', thread)
    await stage.ana.usesCommand(thread, 'valley forget').answer(says(en.forgetDone))
    stage.ana.posts(thread, 'two')
    await stage.sees(en.clipWanted, thread)
  })

  it('help: is for the person alone, in their language', async () => {
    const luis = stage.guild.person('Luis', { locale: 'es-ES' })
    const used = luis.usesCommand(stage.general, 'valley help')
    const help = await used.answer(says(es.helpIntroduction))
    expect(help.content).toContain(`\`/valley describe\` ${es.commands.describe}`)
    expect((help.flags ?? 0) & MessageFlags.Ephemeral).toBeTruthy()
  })

  it('speaks the language of the person, from then on also about their posts', async () => {
    const mei = stage.guild.person('Mei', { locale: 'zh-CN' })
    await mei.usesCommand(stage.general, 'valley ask', { question: '这是什么？' }).answer(says(zh.clipWanted))
    mei.posts(mei.dm, '这是什么？')
    await stage.sees(zh.clipWanted, mei.dm)
    stage.ana.posts(stage.ana.dm, 'what is it?')
    await stage.sees(en.clipWanted, stage.ana.dm)
  })
})

describe('Describe clip, in the menu of a message', () => {
  it('describes its clip', async () => {
    const post = stage.guild.person('Ben').posts(stage.general, 'look', { files: [CAT] })
    await stage.ana.usesContextMenu(post, 'Describe clip').answer(says('You said: [clip-1] Describe this clip.'))
  })

  it('works without the message content intent, and where only the person has installed it', async () => {
    await stage.close()
    stage = await openStage({ double: { privileged: { messageContent: false } } })
    const elsewhere = stage.discord.guild('Elsewhere', { withoutBot: true })
    elsewhere.welcomes(stage.ana)
    stage.ana.installsApp()
    const posts = [stage.general, elsewhere.channel()].map((channel) =>
      stage.ana.posts(channel, 'look', { files: [CAT] }),
    )
    for (const post of posts) {
      await stage.ana.usesContextMenu(post, 'Describe clip').answer(says('You said: [clip-1]'))
      const clip = stage.answerer.questions.at(-1)?.messages[0]?.content[0]
      if (clip?.type !== 'clip') throw new Error('There is no clip.')
      const location = await stage.adapter.locateClip(clip.clip, new AbortController().signal)
      if (location.kind !== 'address') throw new Error('It has no address.')
      expect((await fetch(location.url)).status).toBe(200)
    }
  })

  it('of a post without a clip: asks for one', async () => {
    const post = stage.ana.posts(stage.general, 'only words')
    await stage.ana.usesContextMenu(post, 'Describe clip').answer(says(en.clipWanted))
  })
})

describe('the registered commands', () => {
  it('are in every language and offered to guilds and people', () => {
    const [slash, menu] = stage.discord.commands
    const ask = slash?.options?.[0] as APIApplicationCommandSubcommandOption
    expect(ask.description_localizations).toMatchObject({ 'es-ES': es.commands.ask, 'zh-CN': zh.commands.ask })
    expect(ask.description_localizations).toMatchObject({ 'es-419': es.commands.ask, 'zh-TW': zh.commands.ask })
    expect(menu).toMatchObject({ name: en.describeClip, name_localizations: { 'es-ES': es.describeClip } })
    expect(slash?.integration_types).toEqual([0, 1])
    expect(ask.options?.[1]).toMatchObject({
      name: 'clip',
      file_types: expect.arrayContaining(['video', '.mp4', '.mov']),
    })
  })

  it('are left alone at the next start, and changed under the same id when they differ', async () => {
    const { discord } = stage
    const ids = discord.commands.map(({ id }) => id)
    const again = await startAgain()
    expect(again).toEqual([])
    Object.assign(discord.commands[0]!, { description: 'something old' })
    expect(await startAgain()).toEqual(['PATCH'])
    expect(discord.commands.map(({ id }) => id)).toEqual(ids)
    expect(discord.commands[0]).toMatchObject(COMMANDS[0]!)
  })

  /** Lets another adapter start on the same Discord. @returns methods of the requests that changed commands */
  async function startAgain(): Promise<string[]> {
    const { discord } = stage
    const before = discord.requests.length
    const identified = discord.gateway.identified.length
    const end = new AbortController()
    const adapter = new DiscordAdapter({
      token: discord.token,
      settings: DEFAULT_DISCORD_SETTINGS,
      logger: createLogger('silent'),
      rest: discord.rest,
    })
    const running = adapter.run(undefined as never, end.signal)
    const list = 'GET /applications/:application/commands'
    const listed = discord.requests.to(list).length
    await discord.waitUntil(() => discord.requests.to(list).length > listed)
    // It logs in meanwhile; the changes, if any, come right after the list.
    await discord.waitUntil(() => discord.gateway.identified.length > identified)
    await new Promise((resolve) => setTimeout(resolve, 50))
    end.abort()
    await running
    const changes = [...discord.requests]
      .slice(before)
      .filter(({ path, method }) => /commands/.test(path) && method !== 'GET')
    return changes.map(({ method }) => method)
  }
})

describe('an answer that comes after the 15 minutes of a command', () => {
  it('goes on in the message that is there, as in any other of the channel', async () => {
    await stage.close()
    stage = await openStage({ answerer: new FakeAnswerer(() => ({ say: 'First words of many', wait: true })) })
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'long', clip: CAT })
    await used.answer(says('First'))
    stage.discord.advance(16 * 60_000)
    const [loading] = stage.discord.botMessagesIn(stage.general)
    stage.ana.presses(loading!, 'Stop')
    await stage.sees('Stopped.')
    expect(stage.discord.botMessagesIn(stage.general)).toHaveLength(1)
    expect(questionText(stage.answerer.questions[0]!)).toBe('[clip-1] long')
  })
})
