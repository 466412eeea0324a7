import { afterEach, describe, expect, it } from 'vitest'
import { EDIT_INTERVAL_MS, MAX_CONTENT_LENGTH } from '../../../adapters/discord/limits.ts'
import type { AnswerEvent, Question } from '../../../src/conversation/answerer.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { AppError } from '../../../src/errors.ts'
import { CAT, type DiscordStage, openStage, type StageOptions, untilLogged } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

async function open(options: StageOptions): Promise<void> {
  stage = await openStage({ ...options, settings: { openThreads: false, ...options.settings } })
}

afterEach(async () => {
  await stage.close()
})

const says = (say: string) => new FakeAnswerer(() => ({ say }))

/** Answers with a storyboard. */
class PaintingAnswerer extends FakeAnswerer {
  override async *answer(question: Question, signal?: AbortSignal): AsyncGenerator<AnswerEvent> {
    for await (const event of super.answer(question, signal)) {
      if (event.type !== 'end' || question.storyboardOf === undefined) yield event
      else yield { type: 'end', report: { ...event.report, storyboard: STORYBOARD } }
    }
  }
}

const STORYBOARD = {
  png: Buffer.from('a picture'),
  widthPixels: 320,
  heightPixels: 90,
  frames: [{ clipId: 'clip-1', timeSeconds: 7 }],
}

describe('a reply', () => {
  it('longer than a message is split, each part within the limit, buttons under the last', async () => {
    const paragraphs = Array.from({ length: 30 }, (_, index) => `Paragraph ${index} ${'is long '.repeat(20)}.`)
    await open({ answerer: says(paragraphs.join('\n\n')) })
    stage.mention('one', { files: [CAT] })
    const last = await stage.sees('Paragraph 29')
    await stage.discord.waitForMessage(stage.general, ({ components }) => JSON.stringify(components).includes('Forget'))
    const parts = stage.discord.botMessagesIn(stage.general)
    expect(parts.length).toBeGreaterThan(2)
    expect(parts.every(({ content }) => content.length <= MAX_CONTENT_LENGTH)).toBe(true)
    expect(parts.map(({ content }) => content).join('\n\n')).toBe(paragraphs.join('\n\n'))
    expect(parts.map(({ components }) => components?.length)).toEqual(parts.map(({ id }) => (id === last.id ? 1 : 0)))
  })

  it('carries a nonce that Discord is asked to enforce, another for each message', async () => {
    await open({ answerer: says('word '.repeat(900)) })
    stage.mention('one', { files: [CAT] })
    await stage.discord.waitForMessage(stage.general, ({ components }) => JSON.stringify(components).includes('Forget'))
    const bodies = stage.discord.requests.to('POST /channels/:channel/messages').map(({ body }) => body)
    const nonces = bodies.map((body) => (body as { nonce: string }).nonce)
    expect(new Set(nonces).size).toBe(3)
    expect(bodies.every((body) => (body as { enforce_nonce: boolean }).enforce_nonce)).toBe(true)
  })

  it('shows what is being done, then the place in the queue of the next', async () => {
    await open({
      answerer: new FakeAnswerer((question) => ({ say: 'a b', wait: questionText(question).includes('long') })),
    })
    stage.discord.faults.add('PATCH /channels/:channel/messages/:message', { kind: 'slow', delayMs: 50 })
    stage.mention('long', { files: [CAT] })
    const [first] = await Promise.all([stage.sees('a'), stage.discord.waitUntil(() => stage.discord.typing.length > 0)])
    stage.mention('short')
    await stage.sees(en.waiting(1))
    stage.ana.presses(first, 'Stop')
    await stage.sees('a b')
    const shown = stage.discord.requests.to('POST /channels/:channel/messages').map(({ body }) => body)
    expect(JSON.stringify(shown)).toContain('Looking at frames')
  })

  it('ends with the storyboard, which says in words what it shows', async () => {
    await open({ answerer: new PaintingAnswerer(), channel: { storyboard: true } })
    stage.mention('one', { files: [CAT] })
    const { attachments } = await stage.discord.waitForMessage(
      stage.general,
      (message) => message.attachments.length > 0,
    )
    expect(attachments).toMatchObject([{ filename: 'storyboard.png', description: en.storyboard(['0:07']) }])
    expect(attachments[0]?.size).toBe(STORYBOARD.png.length)
  })

  it('comes without the storyboard where no files may be attached', async () => {
    await open({ answerer: new PaintingAnswerer(), channel: { storyboard: true } })
    stage.general.denies(stage.discord.bot, 'AttachFiles')
    stage.mention('one', { files: [CAT] })
    const answer = await stage.discord.waitForMessage(stage.general, ({ components }) =>
      JSON.stringify(components).includes('Forget'),
    )
    expect(answer).toMatchObject({ content: 'You said: [clip-1] one', attachments: [] })
  })

  it('comes without the storyboard when Discord does not take it', async () => {
    await open({ answerer: new PaintingAnswerer(), channel: { storyboard: true } })
    stage.discord.faults.add('PATCH /channels/:channel/messages/:message', { kind: 'refused', code: 40005 })
    stage.mention('one', { files: [CAT] })
    await untilLogged(stage.log, 'Discord refused a reply with its storyboard; it goes without')
    await stage.discord.waitForMessage(stage.general, ({ components }) => JSON.stringify(components).includes('Forget'))
  })

  it('is edited no faster than Discord lets through', async () => {
    const slow = new FakeAnswerer(() => ({ say: 'First words of many', wait: true }))
    await open({ answerer: slow, adapter: { editIntervalMs: EDIT_INTERVAL_MS } })
    stage.discord.rateLimits.set('PATCH /channels/:channel/messages/:message', { requests: 5, windowMs: 5000 })
    stage.mention('long', { files: [CAT] })
    stage.ana.presses(await stage.sees('First'), 'Stop')
    await stage.sees(en.cancelled)
    expect([...stage.discord.requests].filter(({ status }) => status === 429)).toEqual([])
  })

  it('keeps a code block closed while it grows', async () => {
    await open({ answerer: new FakeAnswerer(() => ({ say: '```ts\nlet ', wait: true })) })
    stage.mention('one', { files: [CAT] })
    const answer = await stage.sees('let')
    expect(answer.content.match(/```/g)).toHaveLength(2)
  })
})

describe('what the model says', () => {
  it('notifies nobody, in posts, in edits and in answers to commands, and its links do not unfold', async () => {
    await open({})
    const role = stage.guild.role('moderators', { mentionable: true, people: [stage.ana] })
    const hostile = `@everyone @here ${role.mention} ${stage.ana.mention} https://evil.example/`
    await stage.close()
    await open({ answerer: says(`Look: ${hostile}`) })
    const { ana, discord, general } = stage
    stage.mention('one', { files: [CAT] })
    const answer = await stage.sees('@everyone')
    const used = ana.usesCommand(general, 'valley ask', { question: '@everyone', clip: CAT })
    await used.answer(({ content }) => content.includes('@everyone'))
    ana.presses(answer, 'More detail')
    await discord.waitUntil(() => discord.botMessagesIn(general).length === 3)
    expect(discord.pings()).toEqual([])
    await ana.usesCommand(general, 'valley help').acknowledged()
    type Body = { content?: string; allowed_mentions?: { parse: []; replied_user?: boolean } }
    // The first answer to an interaction has its message below `data`.
    const bodies = [...discord.requests].map(({ body }) => body as (Body & { data?: Body }) | undefined)
    const texts = bodies.map((body) => body?.data ?? body).filter((body) => typeof body?.content === 'string')
    expect(texts.length).toBeGreaterThan(3)
    expect(texts.every((body) => body?.allowed_mentions?.replied_user === false)).toBe(true)
    expect(texts.every((body) => body?.allowed_mentions?.parse.length === 0)).toBe(true)
    expect((answer.flags ?? 0) & 4).toBe(4)
  })
})

describe('the log', () => {
  it('has a line for each answer, and neither words of people nor the token nor an address', async () => {
    await open({})
    stage.mention('a very private question', { files: [CAT] })
    await stage.sees('private')
    stage.ana.usesCommand(stage.general, 'valley ask', { question: 'another private one', clip: CAT })
    await stage.sees('another')
    await stage.discord.waitUntil(() => stage.log.filter(({ msg }) => msg === 'answered').length === 2)
    const text = JSON.stringify(stage.log)
    expect(text).not.toMatch(/private|hm=|ex=/)
    expect(text).not.toContain(stage.discord.token)
  })

  it('holds no secret and no word of anybody, whatever path they came by', async () => {
    const slack = ['xoxb', '123456789012', 'abcdefghijklmnop'].join('-')
    const signed = 'https://cdn.discordapp.com/attachments/1/2/x.mp4?ex=1&is=2&hm=abcdef0123456789'
    await open({
      answerer: new FakeAnswerer((question) => {
        const text = questionText(question)
        const { token } = stage.discord
        if (text.includes('coded')) return { fail: new AppError('CLIP_UNREACHABLE', `${slack} ${signed}`) }
        if (text.includes('foreign')) return { fail: new Error(token, { cause: new Error(`Bot ${token} ${slack}`) }) }
        return { say: `A secret-word and ${slack}` }
      }),
    })
    const { ana, discord, general, log } = stage
    const secret = `secret-word ${discord.token} ${slack} ${signed}`
    const file = { ...CAT, name: `secret-word-${slack}.mp4` }
    stage.mention(`fine ${secret}`, { files: [file] })
    const answer = await discord.waitForMessage(general, ({ components }) =>
      JSON.stringify(components).includes('Forget'),
    )
    for (const kind of ['coded', 'foreign']) stage.mention(`${kind} ${secret}`, { files: [file] })
    await ana.usesCommand(general, 'valley ask', { question: `fine ${secret}`, clip: file }).answer()
    ana.posts(ana.dm, `fine ${secret}`, { files: [file] })
    await ana.presses(answer, 'More detail').answer()
    discord.faults.add('PATCH /channels/:channel/messages/:message', { kind: 'refused', code: 50035 })
    discord.faults.add('POST /channels/:channel/messages', { kind: 'refused', code: 50035 })
    stage.mention(`fine ${secret}`, { files: [file] })
    await untilLogged(log, 'Discord refused a reply')
    ana.deletes(answer)
    await discord.waitUntil(() => log.filter(({ msg }) => msg === 'question failed').length >= 1)
    await discord.waitUntil(() => log.filter(({ msg }) => msg === 'question refused').length >= 1)
    const text = JSON.stringify(log)
    for (const hidden of [discord.token, slack, 'secret-word', 'hm=abcdef']) expect(text).not.toContain(hidden)
  })
})
