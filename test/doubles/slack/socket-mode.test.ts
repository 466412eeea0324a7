import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningBolt, startSocketBolt } from './bolt-apps.ts'
import { openSlackDouble, type SlackDouble } from './slack-double.ts'

const MP4 = { name: 'cat.mp4', bytes: Buffer.from('not really a clip') }

let slack: SlackDouble
const running: RunningBolt[] = []

beforeEach(async () => {
  slack = await openSlackDouble()
})

afterEach(async () => {
  for (const { stop } of running.splice(0)) await stop()
  await slack.close()
})

it('delivers a mention with a clip as app_mention and as message, both with the file', async () => {
  const heard: { type: string; subtype?: string | undefined; files: string[]; text: string }[] = []
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  running.push(
    await startSocketBolt(slack, (app) => {
      app.event('app_mention', async ({ event }) => {
        heard.push({ type: event.type, subtype: event.subtype, files: namesOf(event.files), text: event.text })
      })
      app.event('message', async ({ event }) => {
        if (event.subtype !== 'file_share') return
        heard.push({ type: event.type, subtype: event.subtype, files: namesOf(event.files), text: event.text })
      })
    }),
  )

  const post = ann.posts(general, '@valley what happens here?', { files: [MP4] })
  await Promise.all(slack.deliveries.map(({ settled }) => settled))
  await slack.waitUntil('both events', () => heard.length === 2)

  const text = `<@${slack.team.botUserId}> what happens here?`
  expect(post.text).toBe(text)
  expect(heard).toEqual([
    { type: 'app_mention', subtype: undefined, files: ['cat.mp4'], text },
    { type: 'message', subtype: 'file_share', files: ['cat.mp4'], text },
  ])
})

function namesOf(files: readonly { name: string | null }[] | undefined): string[] {
  return (files ?? []).map(({ name }) => name ?? '')
}
