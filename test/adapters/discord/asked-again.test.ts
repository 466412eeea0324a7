// Commands and buttons that a stop of Valley has cut short: the next start answers each of them once.
import { type APIMessage, MessageFlags } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { desksOfStarts } from '../../helpers/watching-desk.ts'

const MINUTE_MS = 60_000
let stage: DiscordStage
let starts: LedgerOfStarts
let moderation: ReturnType<typeof desksOfStarts>
/** True while answers do not come to their end. */
let isSlow: boolean

beforeEach(async () => {
  starts = await openLedgerOfStarts()
  isSlow = true
  const answerer = new FakeAnswerer((question) => ({ say: `You said: ${questionText(question)}`, wait: isSlow }))
  moderation = desksOfStarts()
  stage = await openStage({
    answerer,
    adapter: { ledger: starts.ledger },
    prepare: async ({ moderated }) => moderated.connect(moderation.desk),
  })
})

afterEach(async () => {
  await stage.close()
})

/** An answer to its end, which has buttons to go on with. */
const isWhole = ({ content, components }: APIMessage) =>
  content.startsWith('You said') && JSON.stringify(components).includes(en.actions['try-again'])

/** Ends Valley in the middle of an answer and starts it anew; what was cut is then answered to its end. */
async function startAnew() {
  await stage.discord.waitUntil(() => stage.answerer.running > 0)
  await stage.stop()
  await starts.nextStart()
  isSlow = false
  return stage.startSecond()
}

const shown = () => stage.discord.botMessagesIn(stage.general).map(({ content }) => content)

describe('a command that a stop has cut short', () => {
  it('is answered by the next start, in the place of what stood there', async () => {
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?', clip: CAT })
    const second = await startAnew()
    const answer = await used.answer(isWhole)
    expect(answer.content).toBe('You said: [clip-1] what is this?')
    expect(shown()).toEqual([answer.content])
    expect(await stage.thread()).toMatchObject({ id: answer.id })
    await expect.poll(starts.open, SOON).toEqual([])
    await second.stop()
  })

  it('is answered in the channel when Discord takes no more answers to the command itself', async () => {
    stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?', clip: CAT })
    await stage.discord.waitUntil(() => shown().some((content) => content !== ''))
    stage.discord.advance(16 * MINUTE_MS)
    const second = await startAnew()
    await stage.discord.waitForMessage(stage.general, isWhole)
    expect(shown()).toEqual(['You said: [clip-1] what is this?'])
    await expect.poll(starts.open, SOON).toEqual([])
    await second.stop()
  })

  it('is answered once where only the person has installed Valley', async () => {
    const elsewhere = stage.discord.guild('Elsewhere', { withoutBot: true })
    elsewhere.welcomes(stage.ana)
    stage.ana.installsApp()
    const used = stage.ana.usesCommand(elsewhere.channel(), 'valley ask', { question: 'what is this?', clip: CAT })
    const second = await startAnew()
    await used.answer(isWhole)
    expect(used.messages.map(({ content }) => content)).toEqual(['You said: [clip-1] what is this?'])
    await second.stop()
  })

  it('is not answered again once it was', async () => {
    isSlow = false
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?', clip: CAT })
    await used.answer(isWhole)
    await expect.poll(starts.open, SOON).toEqual([])
    await stage.stop()
    await starts.nextStart()
    const second = await stage.startSecond()
    stage.mention('and this?', { files: [CAT] })
    await stage.discord.waitUntil(() => stage.answerer.questions.length > 1)
    expect(stage.answerer.questions.map(questionText)).toEqual(['[clip-1] what is this?', '[clip-1] and this?'])
    await second.stop()
  })

  it('leaves no words and no token in the database once it is answered', async () => {
    const used = stage.ana.usesCommand(stage.general, 'valley ask', { question: 'what is this?', clip: CAT })
    await stage.discord.waitUntil(() => stage.answerer.running > 0)
    const sources = () => starts.database.read('be read', 'SELECT source FROM jobs')
    expect(JSON.stringify(await sources())).toContain('what is this?')
    const second = await startAnew()
    await used.answer(isWhole)
    await expect.poll(sources, SOON).toEqual([{ source: '' }])
    await second.stop()
  })
})

describe('what a moderator wants and a stop has cut short', () => {
  it('is done by the next start under the same name, and told to them alone', async () => {
    const { handed } = moderation
    const mods = stage.guild.channel('mods')
    const mara = stage.guild.person('Mara')
    stage.guild.role('moderators', { permissions: ['ManageGuild', 'ManageMessages'], people: [mara] })
    const used = mara.usesCommand(mods, 'valley watch', { channel: stage.general })
    await expect.poll(() => handed.length, SOON).toBe(1)
    await stage.stop()
    await starts.nextStart()
    const second = await stage.startSecond()
    const answer = await used.answer(({ content }) => content === 'Obeyed')
    expect((answer.flags ?? 0) & MessageFlags.Ephemeral).not.toBe(0)
    expect(handed.map(({ name }) => name)).toEqual(['watch', 'watch'])
    expect(handed[0]!.requestId).toBe(handed[1]!.requestId)
    await expect.poll(starts.open, SOON).toEqual([])
    await second.stop()
  })
})

describe('a button that a stop has cut short', () => {
  it('is answered by the next start, once', async () => {
    isSlow = false
    stage.mention('one', { files: [CAT] })
    const thread = await stage.thread()
    const first = await stage.discord.waitForMessage(thread, isWhole)
    isSlow = true
    const used = stage.ana.presses(first, en.actions['more-detail'])
    const second = await startAnew()
    await used.answer(isWhole)
    expect(stage.discord.botMessagesIn(thread).filter(({ content }) => content.includes('more detail'))).toHaveLength(1)
    await expect.poll(starts.open, SOON).toEqual([])
    await second.stop()
  })
})
