// How a reply looks while it comes and when it is done.
import { expect, it } from 'vitest'
import type { AnswerEvent, Question } from '../../../src/conversation/answerer.ts'
import type { SlackDouble } from '../../doubles/slack/slack-double.ts'
import { answerLost, apiError, connectionCut, httpError, rateLimited } from '../../doubles/slack/web-api/faults.ts'
import { FakeAnswerer, questionText, reportOf } from '../../helpers/fake-answerer.ts'
import { CAT, finished, useValley } from './slack-talk.ts'
import { SlowAnswerer } from './slow-answerer.ts'

const fixture = useValley()

function scene(slack: SlackDouble) {
  return { ann: slack.team.addUser('ann'), general: slack.team.addChannel('general') }
}

it("streams the answer by Slack's own streaming, to the person who asked, with feedback under it", async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new SlowAnswerer('A black ', 'cat ', 'sleeps.')
  await fixture.start({ answerer })

  ann.posts(general, '@valley what?', { files: [CAT] })
  await slack.waitForMessage(general, /Looking at frames 1\/2/)
  answerer.next()
  await slack.waitForMessage(general, /^A black $/)
  answerer.next()
  answerer.next()
  const reply = await finished(slack, general, /^A black cat sleeps\.$/)
  await slack.waitUntil('the progress to go', () => slack.repliesIn(general).length === 1)

  expect(slack.streams).toMatchObject([{ recipientUserId: ann.id, recipientTeamId: slack.team.id, state: 'completed' }])
  expect(JSON.stringify(reply.blocks)).toContain('feedback_buttons')
})

it('shows the answer by edits where streaming is off or refused', async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  await fixture.start({ answerer: new FakeAnswerer(() => ({ say: 'A **cat**.' })) })
  slack.plan('chat.startStream', apiError('method_not_supported_for_channel_type'))

  ann.posts(general, '@valley what?', { files: [CAT] })
  const reply = await finished(slack, general, /^A \*cat\*\.$/)

  expect(slack.streams).toEqual([])
  expect(reply.versions.length).toBeGreaterThan(1)
  expect(slack.repliesIn(general)).toHaveLength(1)
})

it('edits the message when Slack has ended the stream before the answer was done', async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new SlowAnswerer('A black ', 'cat ', 'sleeps.')
  await fixture.start({ answerer })

  ann.posts(general, '@valley what?', { files: [CAT] })
  answerer.next()
  slack.expireStream(await slack.waitForMessage(general, /^A black $/))
  answerer.next()
  answerer.next()

  const reply = await finished(slack, general, /^A black cat sleeps\.$/)
  expect(reply.streamingState).toBe('errored')
})

it('posts the answer anew when somebody deletes it while it is streamed', async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new SlowAnswerer('A black ', 'cat ', 'sleeps.')
  await fixture.start({ answerer })

  const post = ann.posts(general, '@valley what?', { files: [CAT] })
  answerer.next()
  ann.deletes(await slack.waitForMessage(general, /^A black $/))
  answerer.next()
  answerer.next()
  const reply = await finished(slack, general, /^A black cat sleeps\.$/)

  expect(reply).toMatchObject({ threadTs: post.ts, streamingState: null })
})

it.each([
  ['it did', answerLost()],
  ['it did not', connectionCut()],
])('writes the answer anew when it is not known whether a piece arrived, and %s', async (_, fault) => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new SlowAnswerer('A black ', 'cat ', 'sleeps.')
  await fixture.start({ answerer })
  slack.plan('chat.appendStream', fault)

  ann.posts(general, '@valley what?', { files: [CAT] })
  answerer.next()
  await slack.waitForMessage(general, /^A black $/)
  answerer.next()
  await slack.waitUntil('the append', () => slack.requests('chat.appendStream').length === 1)
  answerer.next()

  await finished(slack, general, /^A black cat sleeps\.$/)
})

it("ends the question when the person presses Slack's own stop", async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new SlowAnswerer('A black ', 'cat ', 'sleeps.', 'never')
  await fixture.start({ answerer })

  ann.posts(general, '@valley what?', { files: [CAT] })
  answerer.next()
  ann.stopsStream(await slack.waitForMessage(general, /^A black $/))
  answerer.next()
  answerer.next()

  await finished(slack, general, /^A black cat sleeps\.$/)
  await slack.waitUntil('the progress to go', () => slack.repliesIn(general).length === 1)
})

it('waits as long as Slack says when the stream comes too fast', async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new SlowAnswerer('A black ', 'cat ', 'sleeps.')
  await fixture.start({ answerer })
  slack.plan('chat.appendStream', rateLimited(1))

  ann.posts(general, '@valley what?', { files: [CAT] })
  answerer.next()
  await slack.waitForMessage(general, /^A black $/)
  answerer.next()
  const refused = await slack.waitUntil('the refusal', () =>
    slack.requests('chat.appendStream').find(({ fault }) => fault === 'rate-limited'),
  )
  await slack.waitForMessage(general, /^A black cat $/)
  answerer.next()
  await finished(slack, general, /^A black cat sleeps\.$/)

  const again = slack.requests('chat.appendStream')[1]!
  expect(again.receivedMs - refused.receivedMs).toBeGreaterThanOrEqual(1000)
})

it('shows the answer when edits are refused for coming too fast, and when posting fails at first', async () => {
  const { slack } = fixture
  const { ann } = scene(slack)
  await fixture.start({ answerer: new FakeAnswerer(() => ({ say: 'A cat.' })) })
  slack.plan('chat.postMessage', httpError(500), { times: 2 })
  slack.plan('chat.update', rateLimited(1))

  ann.posts(ann.directMessage, 'what?', { files: [CAT] })

  await finished(slack, ann.directMessage, /^A cat\.$/)
})

it('answers in a new message when the one with the progress was deleted', async () => {
  const { slack } = fixture
  const { ann } = scene(slack)
  const answerer = new SlowAnswerer('A cat.')
  await fixture.start({ answerer })

  ann.posts(ann.directMessage, 'what?', { files: [CAT] })
  ann.deletes(await slack.waitForMessage(ann.directMessage, /Looking/))
  answerer.next()

  await finished(slack, ann.directMessage, /^A cat\.$/)
})

it('splits an answer that is longer than a message, without cutting what belongs together', async () => {
  const { slack } = fixture
  const { ann } = scene(slack)
  const paragraph = 'The cat & the dog play <together>.'
  const say = Array.from({ length: 200 }, () => paragraph).join('\n\n')
  await fixture.start({ answerer: new FakeAnswerer(() => ({ say })) })

  ann.posts(ann.directMessage, 'what?', { files: [CAT] })
  await slack.waitUntil('the end', () =>
    slack.repliesIn(ann.directMessage).some(({ blocks }) => JSON.stringify(blocks).includes('feedback_buttons')),
  )

  const replies = slack.repliesIn(ann.directMessage).map(({ text }) => text)
  expect(replies.length).toBeGreaterThan(2)
  expect(replies.every((text) => text.length <= 3000)).toBe(true)
  const shown = replies.join('\n\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  expect(shown).toBe(say)
})

it('posts the frames that were looked at as a picture in the thread, when the settings say so', async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const png = Uint8Array.from([1, 2, 3])
  class Looking extends FakeAnswerer {
    override async *answer(question: Question): AsyncGenerator<AnswerEvent> {
      const frames = [{ clipId: 'clip-1', timeSeconds: 7 }]
      yield { type: 'delta', text: 'A cat.' }
      yield {
        type: 'end',
        report: { ...reportOf('A cat.'), storyboard: { png, widthPixels: 1, heightPixels: 1, frames } },
      }
      this.questions.push(question)
    }
  }
  await fixture.start({ answerer: new Looking(), bot: { settings: () => ({ storyboard: true }) } })

  const post = ann.posts(general, '@valley what?', { files: [CAT] })
  const picture = await slack.waitForMessage(general, ({ files }) => files.length === 1)

  expect(picture).toMatchObject({ threadTs: post.ts, files: [{ bytes: Buffer.from(png) }] })
  expect(picture.files[0]!.title).toContain('0:07')
})

it('tells the place in the queue, and stops a question that waits', async () => {
  const { slack } = fixture
  const { ann, general } = scene(slack)
  const answerer = new FakeAnswerer((question) => ({ say: 'one two', wait: questionText(question).includes('long') }))
  await fixture.start({ answerer, bot: { queue: { concurrency: 1 } } })

  ann.posts(general, '@valley long', { files: [CAT] })
  await slack.waitUntil('the first', () => answerer.running === 1)
  const second = ann.posts(general, '@valley short', { files: [CAT] })
  const waiting = await slack.waitForMessage(general, /1 question comes first/)
  expect(waiting.threadTs).toBe(second.ts)
  ann.presses(waiting, 'valley_stop')
  await slack.waitForMessage(general, /^Stopped\.$/)

  expect(answerer.questions).toHaveLength(1)
})
