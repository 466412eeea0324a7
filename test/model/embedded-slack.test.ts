// The model that ships, asked on Slack's wire about real clips: what people read there is what it says of the same clips
// without a platform, and commands are acknowledged while it computes.
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { en } from '../../src/conversation/texts/en.ts'
import { linkTo, openDouble, type RunningValley, startValley } from '../adapters/slack/slack-talk.ts'
import type { SlackDouble } from '../doubles/slack/slack-double.ts'
import type { Channel } from '../doubles/slack/world/channel.ts'
import { ACKNOWLEDGE_MS, ANSWER_LIMIT_MS, ASKED_AT_ONCE, EmbeddedModel, fileOf } from '../helpers/embedded-model.ts'

let model: EmbeddedModel
let slack: SlackDouble
let valley: RunningValley

beforeAll(async () => {
  model = await EmbeddedModel.open()
  slack = await openDouble()
  const { host } = new URL(slack.origin)
  valley = await startValley(slack, {
    answererOf: (locateClip) => model.answererOver(locateClip, [host]),
    bot: { settings: () => ({ storyboard: true }) },
  })
})
afterAll(async () => {
  await valley.stop()
  await slack.close()
  await model.close()
})

/** Waits for so many whole answers in a channel: those have their buttons. */
async function wholeAnswers(channel: Channel, count: number) {
  const whole = () =>
    slack.repliesIn(channel).filter(({ blocks }) => JSON.stringify(blocks).includes('valley_more_detail'))
  const look = () => whole().length === count && whole()
  return await slack.waitUntil(`${count} answers`, look, { limitMs: ANSWER_LIMIT_MS })
}

it('what is in this clip? and what then? are answered on Slack as without it, with a strip of the frames', async () => {
  const asked = { ...model.clips[0]!, questions: model.clips[0]!.questions.slice(0, 2) }
  const direct = await model.repliesTo(asked)
  const [first = '', second = ''] = asked.questions
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')

  const thread = ann.posts(general, `@valley ${first}`, { files: [fileOf(asked)] })
  await wholeAnswers(general, 1)
  ann.posts(general, second, { thread })
  const answers = await wholeAnswers(general, 2)
  const picture = await slack.waitForMessage(general, ({ files }) => files.length === 1, ANSWER_LIMIT_MS)

  expect(direct.every(({ kind, text }) => kind === 'answer' && text.trim() !== '')).toBe(true)
  expect(answers.map(({ text, threadTs }) => ({ text, threadTs }))).toEqual(
    direct.map(({ text }) => ({ text, threadTs: thread.ts })),
  )
  const [storyboard] = picture.files
  expect(picture.threadTs).toBe(thread.ts)
  expect(storyboard?.title).toMatch(/0:0\d, 0:0\d/)
  expect((await sharp(storyboard?.bytes).metadata()).format).toBe('png')
  // The first words that people read say what is being done.
  const [begun] = slack.requests('chat.postMessage').map(({ args }) => String(args.text))
  expect(Object.values(en.stages).some((text) => begun?.startsWith(text))).toBe(true)
})

it('ten questions at once are answered rightly each, and a command meanwhile is acknowledged', async () => {
  const channels = model.clips.slice(1, ASKED_AT_ONCE + 1).map((asked) => {
    const person = slack.team.addUser(asked.file.replace('.', '-'))
    return { asked, person, channel: slack.team.addChannel(asked.file) }
  })
  const last = model.clips[ASKED_AT_ONCE + 1]!
  const question = last.questions[0]!
  const bob = slack.team.addUser('bob')
  const shown = slack.team.addChannel('shown')
  const commands = slack.team.addChannel('commands')
  const link = linkTo(slack, bob.posts(shown, 'look', { files: [fileOf(last)] }))
  for (const { asked, person, channel } of channels) {
    person.posts(channel, `@valley ${asked.questions[0]}`, { files: [fileOf(asked)] })
  }
  const begun = () => channels.filter(({ channel }) => slack.repliesIn(channel).length > 0)
  await slack.waitUntil('the model to be busy', () => begun().length > 1, { limitMs: ANSWER_LIMIT_MS })

  const outcome = await bob.runs('/valley', `${question} ${link}`, commands).settled
  const delayed = slack.deliveries.filter(({ attempts }) => attempts.length !== 1)

  expect(outcome).toMatchObject({ isAcknowledged: true })
  expect(outcome.isAcknowledged && outcome.afterMs).toBeLessThan(ACKNOWLEDGE_MS)
  expect(delayed).toEqual([])
  for (const { asked, channel } of channels) {
    const [answer] = await wholeAnswers(channel, 1)
    const [direct] = await model.repliesTo({ ...asked, questions: asked.questions.slice(0, 1) })
    expect(answer?.text, asked.file).toBe(direct?.text)
  }
  const [answer] = await wholeAnswers(commands, 1)
  const [direct] = await model.repliesTo({ ...last, questions: [question] })
  expect(answer?.text).toBe(direct?.text)
  expect(slack.connections).toHaveLength(1)
}, 240_000)
