import { expect, it } from 'vitest'
import { isJson } from './json.ts'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack()

function failsWith(error: string) {
  return expect.objectContaining({ data: expect.objectContaining({ ok: false, error }) })
}

it('takes what an app says in a thread and how it edits that', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.startApp((app) => {
    app.event('app_mention', async ({ event, say, client }) => {
      const reply = await say({ text: 'Looking', thread_ts: event.ts })
      await client.chat.update({ channel: event.channel, ts: reply.ts!, text: 'A cat.' })
    })
  })

  const question = ann.posts(general, '@valley what is it?')
  const reply = await slack.waitForMessage(general, /A cat/)

  expect(reply).toMatchObject({ text: 'A cat.', threadTs: question.ts, botId: slack.team.botId })
  expect(reply.versions).toEqual(['Looking', 'A cat.'])
  expect(slack.requests('chat.update').map(({ args }) => args.text)).toEqual(['A cat.'])
  expect(slack.pings()).toEqual([])
})

it('gives back history and threads in pages, without what was deleted', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const [one, two, three] = ['one', 'two', 'three'].map((text) => ann.posts(general, text))
  for (const text of ['a', 'b', 'c']) ann.posts(general, text, { thread: one })
  ann.deletes(two!)

  const newest = await client.conversations.history({ channel: general.id, limit: 1 })
  expect(newest.messages?.map(({ text }) => text)).toEqual(['three'])
  const rest = await client.conversations.history({
    channel: general.id,
    cursor: newest.response_metadata!.next_cursor!,
  })
  expect(rest.messages).toMatchObject([{ text: 'one', reply_count: 3, latest_reply: expect.any(String) }])
  const thread = await client.conversations.replies({ channel: general.id, ts: one!.ts })
  expect(thread.messages?.map(({ text }) => text)).toEqual(['one', 'a', 'b', 'c'])
  const at = { channel: general.id, latest: three!.ts, inclusive: true, limit: 1 }
  expect((await client.conversations.history(at)).messages).toMatchObject([{ text: 'three' }])
})

it('leaves a tombstone where a message with replies was deleted, until these are deleted too', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const root = ann.posts(general, 'one')
  const reply = ann.posts(general, 'a', { thread: root })
  const seen = async () => (await client.conversations.history({ channel: general.id })).messages
  const tombstone = { subtype: 'tombstone', text: 'This message was deleted.', user: 'USLACKBOT', ts: root.ts }

  ann.deletes(root)
  expect(await seen()).toMatchObject([{ ...tombstone, reply_count: 1 }])
  const thread = await client.conversations.replies({ channel: general.id, ts: root.ts })
  expect(thread.messages?.map(({ text }) => text)).toEqual(['This message was deleted.', 'a'])
  await client.chat.postMessage({ channel: general.id, thread_ts: root.ts, text: 'b' })
  const changed = slack.deliveries.map(({ payload }) => payload.event).filter(isJson)
  expect(changed.find(({ subtype }) => subtype === 'message_changed')).toMatchObject({
    message: tombstone,
    previous_message: { text: 'one', user: ann.id },
  })

  for (const message of [reply, ...slack.repliesIn(general)]) ann.deletes(message)
  expect(await seen()).toEqual([])
})

it('refuses what the documentation says is refused', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const outside = slack.team.addChannel('outside', { withBot: false })
  const secret = slack.team.addChannel('secret', { isPrivate: true, withBot: false })
  const { client } = await fixture.startApp()
  const channel = general.id
  const own = (await client.chat.postMessage({ channel, text: 'mine' })).ts!
  const post = ann.posts(general, 'hers')

  await expect(client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' })).rejects.toEqual(
    failsWith('channel_not_found'),
  )
  await expect(client.chat.postMessage({ channel: outside.id, text: 'x' })).rejects.toEqual(failsWith('not_in_channel'))
  await expect(client.conversations.history({ channel: secret.id })).rejects.toEqual(failsWith('channel_not_found'))
  await expect(client.chat.postMessage({ channel, text: '' })).rejects.toEqual(failsWith('no_text'))
  await expect(client.chat.update({ channel, ts: post.ts, text: 'x' })).rejects.toEqual(
    failsWith('cant_update_message'),
  )
  await expect(client.chat.update({ channel, ts: '1.000001', text: 'x' })).rejects.toEqual(
    failsWith('message_not_found'),
  )
  await expect(client.chat.delete({ channel, ts: post.ts })).rejects.toEqual(failsWith('cant_delete_message'))
  await client.chat.delete({ channel, ts: own })
  await expect(client.chat.update({ channel, ts: own, text: 'x' })).rejects.toEqual(failsWith('message_not_found'))
  await expect(client.users.info({ user: 'U0NOBODY' })).rejects.toEqual(failsWith('user_not_found'))
  await expect(client.apiCall('chat.sing')).rejects.toEqual(failsWith('unknown_method'))
  await expect(client.auth.test({ token: 'xoxb-unknown' })).rejects.toEqual(failsWith('invalid_auth'))
})

it('holds texts and blocks to their limits', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const channel = general.id
  const section = (length: number) => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } })

  const { ts, message } = await client.chat.postMessage({ channel, text: 'x'.repeat(40_001) })
  expect(message?.text).toHaveLength(40_000)
  await client.chat.update({ channel, ts: ts!, text: 'x'.repeat(4000) })
  await expect(client.chat.update({ channel, ts: ts!, text: 'x'.repeat(4001) })).rejects.toEqual(
    failsWith('msg_too_long'),
  )
  await client.chat.postMessage({ channel, markdown_text: 'x'.repeat(12_000) })
  await expect(client.chat.postMessage({ channel, markdown_text: 'x'.repeat(12_001) })).rejects.toEqual(
    failsWith('msg_too_long'),
  )
  await client.chat.postMessage({ channel, text: 'x', blocks: [section(3000)] })
  for (const blocks of [[section(3001)], Array.from({ length: 51 }, () => section(1))]) {
    await expect(client.chat.postMessage({ channel, text: 'x', blocks })).rejects.toEqual(failsWith('invalid_blocks'))
  }
})

it('names the scope that is missing', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  slack.team.scopes.delete('reactions:write')
  slack.team.scopes.delete('channels:history')
  const { ts } = await client.chat.postMessage({ channel: general.id, text: 'x' })

  const reaction = client.reactions.add({ channel: general.id, timestamp: ts!, name: 'eyes' })
  await expect(reaction).rejects.toMatchObject({ data: { error: 'missing_scope', needed: 'reactions:write' } })
  const history = client.conversations.history({ channel: general.id })
  await expect(history).rejects.toMatchObject({ data: { error: 'missing_scope', needed: 'channels:history' } })
})

it('shows an ephemeral message to one person only', async () => {
  const { slack } = fixture
  const [ann, bob] = [slack.team.addUser('ann'), slack.team.addUser('bob')]
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()

  await client.chat.postEphemeral({ channel: general.id, user: ann.id, text: 'psst' })

  expect(ann.ephemeralsIn(general).map(({ text }) => text)).toEqual(['psst'])
  expect(bob.ephemeralsIn(general)).toEqual([])
  expect(slack.messagesIn(general)).toEqual([])
})

it('knows people, channels, reactions and addresses', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann', { locale: 'es-ES' })
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const post = ann.posts(general, 'hi')

  expect(await client.auth.test()).toMatchObject({ user_id: slack.team.botUserId, bot_id: slack.team.botId })
  expect((await client.users.info({ user: ann.id, include_locale: true })).user).toMatchObject({ locale: 'es-ES' })
  expect((await client.users.info({ user: ann.id })).user).not.toHaveProperty('locale')
  expect((await client.bots.info({ bot: slack.team.botId })).bot).toMatchObject({ user_id: slack.team.botUserId })
  expect((await client.team.info()).team).toMatchObject({ id: slack.team.id, name: 'Acme' })
  const members = await client.conversations.members({ channel: general.id })
  expect(members.members?.sort()).toEqual([slack.team.botUserId, ann.id].sort())
  expect((await client.conversations.info({ channel: general.id })).channel).toMatchObject({ is_private: false })
  expect((await client.conversations.open({ users: ann.id })).channel).toEqual({ id: ann.directMessage.id })
  await client.reactions.add({ channel: general.id, timestamp: post.ts, name: 'eyes' })
  expect([...post.reactions.keys()]).toEqual(['eyes'])
  await client.reactions.remove({ channel: general.id, timestamp: post.ts, name: 'eyes' })
  expect(post.reactions.size).toBe(0)
  const link = await client.chat.getPermalink({ channel: general.id, message_ts: post.ts })
  expect(link.permalink).toBe(`https://acme.slack.com/archives/${general.id}/p${post.ts.replace('.', '')}`)
})

it('posts into a direct message by the id of the person', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const { client } = await fixture.startApp()

  await client.chat.postMessage({ channel: ann.id, text: 'psst' })

  expect(slack.repliesIn(ann.directMessage).map(({ text }) => text)).toEqual(['psst'])
})

it('keeps workspaces apart', async () => {
  const { slack } = fixture
  const other = slack.addTeam('Other')
  const theirs = other.addChannel('theirs')
  const { client } = await fixture.startApp()

  await expect(client.chat.postMessage({ channel: theirs.id, text: 'x' })).rejects.toEqual(
    failsWith('channel_not_found'),
  )
  await client.chat.postMessage({ token: other.botToken, channel: theirs.id, text: 'x' })
  expect(slack.repliesIn(theirs).map(({ botId }) => botId)).toEqual([other.botId])
})

it('reads JSON bodies as well as forms', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.team.botToken}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ channel: general.id, blocks: [{ type: 'divider' }], text: 'as JSON' }),
  })

  expect(await response.json()).toMatchObject({ ok: true, message: { text: 'as JSON', blocks: [{ type: 'divider' }] } })
  expect(await (await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' })).json()).toEqual({
    ok: false,
    error: 'not_authed',
  })
})
