// Whatever the model says or a person writes, what Valley posts notifies nobody.
import { expect, it } from 'vitest'
import { apiError } from '../../doubles/slack/web-api/faults.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'
import { CAT, finished, useValley, type ValleyOptions } from './slack-talk.ts'

const fixture = useValley()

function hostile(userId: string): string {
  return `begin <!channel> <!here|here> <!everyone> <@${userId}> <@${userId}|x> <!subteam^S012AB|@team> @channel @here @ann
[<!channel>](https://example.com/<!here>) [x](<@${userId}>) **<!channel>** \`<!here>\` &lt;!channel&gt; <https://example.com|<!here>> end`
}

it.each<[string, ValleyOptions['settings'], string | null]>([
  ['a stream', {}, null],
  ['edits', { nativeStreaming: false }, null],
  ['edits after a refused stream', {}, 'method_not_supported_for_channel_type'],
  ['a direct message', {}, null],
])('pings nobody with what the model says in %s', async (where, settings, refusal) => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const channel = where === 'a direct message' ? ann.directMessage : slack.team.addChannel('general')
  const words = hostile(ann.id)
  await fixture.start({ answerer: new FakeAnswerer(() => ({ say: words })), ...(settings ? { settings } : {}) })
  if (refusal !== null) slack.plan('chat.startStream', apiError(refusal))

  ann.posts(channel, '@valley what?', { files: [CAT] })
  const reply = await finished(slack, channel, /^begin [\s\S]* end$/)

  expect(slack.pings()).toEqual([])
  expect(reply.versions.join('\n')).not.toMatch(/<[!@]/)
  expect(slack.streams).toHaveLength(where === 'a stream' ? 1 : 0)
})

it('pings nobody with a question or the name of a file that it repeats', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.start({ answerer: new FakeAnswerer(() => ({ say: 'A cat.' })) })

  ann.runs('/valley', '', general)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  ann.submits(modal, { clips: [{ ...CAT, name: '<!channel>.mp4' }], question: hostile(ann.id) })
  await finished(slack, general, /^A cat\.$/)
  const repeated = await finished(slack, general, /begin/)

  expect(repeated.text).toContain('&lt;!channel&gt;.mp4')
  expect(slack.pings()).toEqual([])
})
