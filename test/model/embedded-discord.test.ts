// The model that ships, asked on Discord's wire about real clips: what people read there is what it says of the same clips
// without a platform, and the connection lives on while it computes.
import { InteractionResponseType } from 'discord.js'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { en } from '../../src/conversation/texts/en.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import { type DiscordStage, openStage } from '../helpers/discord-stage.ts'
import { ACKNOWLEDGE_MS, ANSWER_LIMIT_MS, ASKED_AT_ONCE, EmbeddedModel, fileOf } from '../helpers/embedded-model.ts'

/** Discord's own is 41 s; this one lets several beats fall into a short test. */
const HEARTBEAT_MS = 2000

let model: EmbeddedModel
let stage: DiscordStage

beforeAll(async () => {
  model = await EmbeddedModel.open()
  stage = await openStage({
    double: { heartbeatIntervalMs: HEARTBEAT_MS },
    channel: { storyboard: true },
    answererOf: (locateClip, { host }) => model.answererOver(locateClip, [host]),
  })
})
afterAll(async () => {
  await stage.close()
  await model.close()
})

/** Waits for so many whole answers in a channel: those have their buttons. */
async function wholeAnswers(channel: Channel, count: number) {
  const whole = () =>
    stage.discord
      .botMessagesIn(channel)
      .filter(({ components }) => JSON.stringify(components).includes(en.actions['more-detail']))
  await stage.discord.waitUntil(() => whole().length === count, ANSWER_LIMIT_MS)
  return whole()
}

it('what is in this clip? and what then? are answered on Discord as without it, with a strip of the frames', async () => {
  const asked = { ...model.clips[0]!, questions: model.clips[0]!.questions.slice(0, 2) }
  const direct = await model.repliesTo(asked)
  const [first = '', second = ''] = asked.questions
  stage.mention(first, { files: [fileOf(asked)] })
  const thread = await stage.thread()
  await wholeAnswers(thread, 1)
  stage.ana.posts(thread, second)
  const answers = await wholeAnswers(thread, 2)
  expect(direct.every(({ kind, text }) => kind === 'answer' && text.trim() !== '')).toBe(true)
  expect(answers.map(({ content }) => content)).toEqual(direct.map(({ text }) => text))

  const [storyboard] = answers[0]!.attachments
  const { frames = [] } = direct[0]!.report ?? {}
  expect(frames.length).toBeGreaterThan(1)
  expect(storyboard).toMatchObject({ filename: 'storyboard.png', description: expect.stringMatching(/0:0\d, 0:0\d/) })
  const picture = await fetch(storyboard!.url)
  expect((await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).format).toBe('png')
  // The first words that people read say what is being done.
  const [begun] = stage.discord.requests.to('POST /channels/:channel/messages').map(({ body }) => body)
  const stages = Object.values(en.stages)
  expect(stages.some((text) => JSON.stringify(begun).includes(`-# ${text}`))).toBe(true)
})

it('ten questions at once are answered rightly each, a command meanwhile is acknowledged, no heartbeat is missed', async () => {
  const channels = model.clips
    .slice(1, ASKED_AT_ONCE + 1)
    .map((asked) => ({ asked, channel: stage.guild.channel(asked.file) }))
  for (const { asked, channel } of channels) {
    const person = stage.guild.person(asked.file)
    person.posts(channel, `${stage.discord.bot.mention} ${asked.questions[0]}`, { files: [fileOf(asked)] })
  }
  await stage.discord.waitUntil(() => stage.discord.typing.length > 1, ANSWER_LIMIT_MS)
  const last = model.clips[ASKED_AT_ONCE + 1]!
  const options = { question: last.questions[0]!, clip: fileOf(last) }
  const used = stage.ana.usesCommand(stage.guild.channel('commands'), 'valley ask', options)
  await used.acknowledged(ANSWER_LIMIT_MS)
  expect(used.responseType).toBe(InteractionResponseType.DeferredChannelMessageWithSource)
  expect(used.acknowledgedAfterMs).toBeLessThan(ACKNOWLEDGE_MS)

  for (const { asked, channel } of channels) {
    const thread = await stage.discord.waitForThread(channel, ANSWER_LIMIT_MS)
    const [answer] = await wholeAnswers(thread, 1)
    const [direct] = await model.repliesTo({ file: asked.file, questions: asked.questions.slice(0, 1) })
    expect(answer?.content, asked.file).toBe(direct?.text)
  }
  const [direct] = await model.repliesTo({ file: last.file, questions: [options.question] })
  await used.answer(({ content }) => content === direct?.text, ANSWER_LIMIT_MS)
  expect(stage.discord.gateway.heartbeats.missed).toBe(0)
  expect(stage.discord.gateway.identified).toHaveLength(1)
}, 240_000)
