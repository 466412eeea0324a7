// The model that ships, asked on Discord's wire about real clips: what people read there is what it says of the same clips
// without a platform, and the connection lives on while it computes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InteractionResponseType } from 'discord.js'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ClipAnswerer } from '../../src/answering/clip-answerer.ts'
import { Bot } from '../../src/conversation/bot.ts'
import type { ClipLocator } from '../../src/conversation/clip.ts'
import { localClip, locateLocalClip } from '../../src/conversation/locate-clip.ts'
import type { Reply } from '../../src/conversation/message.ts'
import { en } from '../../src/conversation/texts/en.ts'
import { MemoryThreadStore } from '../../src/conversation/thread-store.ts'
import { openEngine } from '../../src/engine/engine.ts'
import type { Engine } from '../../src/engine/engine-api.ts'
import { readSuite } from '../../src/evaluation/suite.ts'
import { createLogger } from '../../src/logger.ts'
import { downloadClip } from '../../src/video/download-clip.ts'
import { DEFAULT_SEARCH_PATH } from '../../src/video/ffmpeg-process.ts'
import { openClip } from '../../src/video/open-clip.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import { type DiscordStage, openStage } from '../helpers/discord-stage.ts'
import { INSTALLED_TOOLS } from '../helpers/make-clips.ts'
import { request } from '../helpers/messages.ts'
import { endOf } from '../helpers/open-conversation.ts'

const MODEL = fileURLToPath(new URL('../../models/valley-stickers', import.meta.url))
const SUITE = join(MODEL, 'evaluation')
/** Discord's own is 41 s; this one lets several beats fall into a short test. */
const HEARTBEAT_MS = 2000
/** What Discord gives a bot to acknowledge a command. */
const ACKNOWLEDGE_MS = 3000
const ASKED_AT_ONCE = 10
/** Above what the test takes on a busy machine. */
const DEADLOCK_LIMIT_MS = 110_000

interface Asked {
  readonly file: string
  readonly questions: readonly string[]
}

let engine: Engine
let stage: DiscordStage
let clips: Asked[]

beforeAll(async () => {
  const suite = await readSuite(SUITE)
  clips = suite.clips.map(({ file, questions }) => ({ file, questions: questions.map(({ question }) => question) }))
  engine = await openEngine({ packageDirectory: MODEL, threads: 1 })
  stage = await openStage({
    double: { heartbeatIntervalMs: HEARTBEAT_MS },
    channel: { storyboard: true },
    answererOf: answererOver,
  })
})
afterAll(async () => {
  await stage.close()
  await engine.close()
})

function answererOver(locateClip: ClipLocator): ClipAnswerer {
  return new ClipAnswerer({
    engine,
    locateClip,
    downloadClip: (source, watch) => downloadClip(source, { ...watch, trustedHosts: [stage.discord.host] }),
    openClip: (path, signal) =>
      openClip(path, { tools: { ...INSTALLED_TOOLS, searchPath: DEFAULT_SEARCH_PATH }, signal }),
  })
}

/** The same conversation without a platform. */
async function answersOf({ file, questions }: Asked): Promise<Reply[]> {
  const bot = new Bot({
    answerer: answererOver(locateLocalClip),
    store: new MemoryThreadStore(),
    logger: createLogger('silent'),
  })
  const replies: Reply[] = []
  for (const [index, text] of questions.entries()) {
    const shown = index === 0 ? [localClip(join(SUITE, file))] : []
    replies.push(await endOf(bot.ask({ ...request({ threadId: `direct:${file}` }), text, clips: shown })))
  }
  return replies
}

function fileOf({ file }: Asked) {
  return { name: file, bytes: readFileSync(join(SUITE, file)) }
}

/** Waits for so many whole answers in a channel: those have their buttons. */
async function wholeAnswers(channel: Channel, count: number) {
  const whole = () =>
    stage.discord
      .botMessagesIn(channel)
      .filter(({ components }) => JSON.stringify(components).includes(en.actions['more-detail']))
  await stage.discord.waitUntil(() => whole().length === count, DEADLOCK_LIMIT_MS)
  return whole()
}

it('what is in this clip? and what then? are answered on Discord as without it, with a strip of the frames', async () => {
  const asked = { file: clips[0]!.file, questions: clips[0]!.questions.slice(0, 2) }
  const direct = await answersOf(asked)
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
  const channels = clips
    .slice(1, ASKED_AT_ONCE + 1)
    .map((asked) => ({ asked, channel: stage.guild.channel(asked.file) }))
  for (const { asked, channel } of channels) {
    const person = stage.guild.person(asked.file)
    person.posts(channel, `${stage.discord.bot.mention} ${asked.questions[0]}`, { files: [fileOf(asked)] })
  }
  await stage.discord.waitUntil(() => stage.discord.typing.length > 1, DEADLOCK_LIMIT_MS)
  const last = clips[ASKED_AT_ONCE + 1]!
  const options = { question: last.questions[0]!, clip: fileOf(last) }
  const used = stage.ana.usesCommand(stage.guild.channel('commands'), 'valley ask', options)
  await used.acknowledged(DEADLOCK_LIMIT_MS)
  expect(used.responseType).toBe(InteractionResponseType.DeferredChannelMessageWithSource)
  expect(used.acknowledgedAfterMs).toBeLessThan(ACKNOWLEDGE_MS)

  for (const { asked, channel } of channels) {
    const thread = await stage.discord.waitForThread(channel, DEADLOCK_LIMIT_MS)
    const [answer] = await wholeAnswers(thread, 1)
    const [direct] = await answersOf({ file: asked.file, questions: asked.questions.slice(0, 1) })
    expect(answer?.content, asked.file).toBe(direct?.text)
  }
  const [direct] = await answersOf({ file: last.file, questions: [options.question] })
  await used.answer(({ content }) => content === direct?.text, DEADLOCK_LIMIT_MS)
  expect(stage.discord.gateway.heartbeats.missed).toBe(0)
  expect(stage.discord.gateway.identified).toHaveLength(1)
}, 240_000)
