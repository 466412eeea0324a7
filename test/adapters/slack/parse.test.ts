import { expect, it } from 'vitest'
import { clipsOfPost, parseHandle } from '../../../adapters/slack/parse-files.ts'
import { parseDeletion, parsePost } from '../../../adapters/slack/parse-post.ts'
import { parseText } from '../../../adapters/slack/parse-text.ts'
import { placeOf, requestAt, threadIdOf } from '../../../adapters/slack/place.ts'

const BOT = 'U0BOT'

it.each([
  ['<@U0BOT> what is it?', 'what is it?'],
  ['hey <@U0BOT>, what   is it?', 'hey , what is it?'],
  ['ask <@U1|ann> in <#C1|general>', 'ask @ann in #general'],
  ['see <https://example.com/x|this> &amp; &lt;that&gt;', 'see https://example.com/x & <that>'],
  ['<!here> <!subteam^S1|@team> look', '@here @team look'],
  ['two\nlines', 'two\nlines'],
])('reads the words of %j', (text, words) => {
  expect(parseText(text, BOT).words).toBe(words)
})

it('finds links to posts, typed or made by the client, and takes them out of the words', () => {
  const link = 'https://acme.slack.com/archives/C1/p1700000000123456?thread_ts=1700000000.000100&amp;cid=C1'
  for (const text of [`what is <${link}>?`, `what is ${link} ?`]) {
    expect(parseText(text, BOT)).toMatchObject({
      words: 'what is ?',
      permalinks: [{ channel: 'C1', ts: '1700000000.123456' }],
    })
  }
  expect(parseText('https://acme.slack.com.example.org/archives/C1/p1700000000123456', BOT).permalinks).toEqual([])
})

it('knows whom a post speaks to', () => {
  expect(parseText('<@U0BOT> and <@U1>', BOT)).toMatchObject({ mentionsBot: true, mentionsOthers: true })
  expect(parseText('nobody', BOT)).toMatchObject({ mentionsBot: false, mentionsOthers: false })
})

it.each([
  [{ bot_id: 'B1' }, 'another app'],
  [{ subtype: 'bot_message' }, 'an old kind of app'],
  [{ user: BOT }, 'itself'],
  [{ user: 'USLACKBOT' }, 'Slackbot'],
  [{ subtype: 'channel_join' }, 'Slack, about somebody who joined'],
  [{ subtype: 'message_changed' }, 'Slack, about an edit'],
  [{ user: undefined }, 'nobody'],
])('takes %j for a post of no person', (fields, _who) => {
  expect(
    parsePost({ type: 'message', channel: 'C1', user: 'U1', ts: '1.2', text: 'x', ...fields }, 'T1', BOT),
  ).toBeNull()
})

it.each([
  ['a post', { subtype: 'message_deleted', deleted_ts: '1.2', previous_message: { ts: '1.2' } }, '1.2'],
  ['a post with replies', { subtype: 'message_changed', message: { subtype: 'tombstone', ts: '1.2' } }, '1.2'],
  ['an edit of one', { subtype: 'message_changed', message: { ts: '1.2', text: 'x' } }, undefined],
  ['a new post', { ts: '1.2', text: 'x' }, undefined],
])('reads whether %s was deleted', (_what, fields, ts) => {
  const deletion = parseDeletion({ type: 'message', channel: 'C1', ts: '3.4', ...fields })
  expect(deletion).toEqual(ts === undefined ? null : { channel: 'C1', ts })
})

it('takes a post with a file for a post', () => {
  const event = {
    subtype: 'file_share',
    channel: 'C1',
    user: 'U1',
    ts: '1.2',
    text: '',
    files: [{ id: 'F1', size: 3 }],
  }
  expect(parsePost(event, 'T1', BOT)).toMatchObject({ clips: [{ handle: 'T1/F1/C1', bytes: 3 }] })
})

it('takes the clips of a post that is forwarded, which all there see, and none from the preview of a link', () => {
  const forwarded = { is_share: true, is_msg_unfurl: true, files: [{ id: 'F2', name: 'b.mp4' }] }
  const preview = { is_msg_unfurl: true, channel_id: 'C2', files: [{ id: 'F3' }] }
  const post = { attachments: [forwarded, preview], files: [{ id: 'F1' }] }
  expect(clipsOfPost(post, 'T1', 'C1').map(({ handle }) => handle)).toEqual(['T1/F1/C1', 'T1/F2/C1'])
})

it('reads back the handles that it makes, and no others', () => {
  expect(parseHandle('T1/F1')).toEqual({ teamId: 'T1', fileId: 'F1' })
  expect(parseHandle('T1/F1/C1')).toEqual({ teamId: 'T1', fileId: 'F1', channel: 'C1' })
  for (const handle of ['T1', 'T1/', '/F1', 'T1/F1/', 'T1/F1/..', 'T1/F1/C1/x', 'https://x/F1'])
    expect(parseHandle(handle)).toBeNull()
})

it('keeps one conversation for each thread of a channel, and one for a direct message outside of threads', () => {
  expect(threadIdOf(placeOf('T1', 'C1', '1.1', undefined))).toBe('slack:T1:C1:1.1')
  expect(threadIdOf(placeOf('T1', 'C1', '1.2', '1.1'))).toBe('slack:T1:C1:1.1')
  expect(threadIdOf(placeOf('T1', 'D1', '1.1', undefined))).toBe('slack:T1:D1')
  expect(threadIdOf(placeOf('T1', 'D1', '1.2', '1.1'))).toBe('slack:T1:D1:1.1')
})

it('names the workspace of a request except in a direct message', () => {
  const place = placeOf('T1', 'C1', '1.1', undefined)
  expect(requestAt(place, 'U1', '1.1', 'es-ES')).toEqual({
    id: 'slack:C1:1.1',
    threadId: 'slack:T1:C1:1.1',
    channelId: 'slack:T1:C1',
    userId: 'slack:T1:U1',
    groupId: 'slack:T1',
    locale: 'es-ES',
  })
  expect(requestAt(placeOf('T1', 'D1', '1.1', undefined), 'U1', '1.1', undefined)).not.toHaveProperty('groupId')
})
