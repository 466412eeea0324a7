import { SocketModeClient } from '@slack/socket-mode'
import { expect, it } from 'vitest'
import { clientOptionsFor } from './bolt-apps.ts'
import { isJson, stringIn } from './json.ts'
import { useSlack } from './slack-fixture.ts'

const MP4 = { name: 'cat.mp4', bytes: Buffer.from('not really a clip') }

const fixture = useSlack()

it('delivers a mention with a clip as app_mention and as message, both with the file', async () => {
  const { slack } = fixture
  const heard: { type: string; subtype: string | undefined; files: string[]; text: string }[] = []
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.startApp((app) => {
    app.event('app_mention', async ({ event }) => {
      heard.push({ type: event.type, subtype: event.subtype, files: namesOf(event.files), text: event.text })
    })
    app.event('message', async ({ event }) => {
      if (event.subtype !== 'file_share') return
      heard.push({ type: event.type, subtype: event.subtype, files: namesOf(event.files), text: event.text })
    })
  })

  ann.posts(general, '@valley what happens here?', { files: [MP4] })
  await slack.waitUntil('both events', () => heard.length === 2)

  const text = `<@${slack.team.botUserId}> what happens here?`
  expect(heard).toContainEqual({ type: 'app_mention', subtype: undefined, files: ['cat.mp4'], text })
  expect(heard).toContainEqual({ type: 'message', subtype: 'file_share', files: ['cat.mp4'], text })
  const outcomes = await Promise.all(slack.deliveries.map(({ settled }) => settled))
  expect(outcomes.every(({ isAcknowledged }) => isAcknowledged)).toBe(true)
})

it('names only the id of a file in file_shared, and of one that needs files.info in every event', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const shared = slack.team.addChannel('partners', { isExternallyShared: true })
  const app = await fixture.startApp()

  ann.posts(shared, 'look', { files: [{ ...MP4, access: 'check_file_info' }] })

  const events = slack.deliveries.map(({ payload }) => payload.event).filter(isJson)
  const id = slack.messagesIn(shared)[0]!.files[0]!.id
  expect(events.find(({ type }) => type === 'file_shared')).toMatchObject({ file_id: id, file: { id } })
  const message = events.find(({ type }) => type === 'message')
  expect(message?.files).toEqual([
    { id, created: 0, timestamp: 0, user: '', mode: 'file_access', file_access: 'check_file_info' },
  ])
  const answer = await app.client.files.info({ file: id })
  expect(answer.file).toMatchObject({ id, name: 'cat.mp4', mimetype: 'video/mp4', size: MP4.bytes.length })
})

it('delivers direct messages, threads, edits and deletions with their channel type and thread', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  await fixture.startApp()

  const first = ann.posts(ann.directMessage, 'one & <two>')
  const reply = ann.posts(ann.directMessage, 'more', { thread: first })
  ann.edits(reply, 'much more')
  ann.deletes(reply)

  const events = slack.deliveries.map(({ payload }) => payload.event).filter(isJson)
  expect(events.map(({ subtype, channel_type }) => [subtype, channel_type])).toEqual([
    [undefined, 'im'],
    [undefined, 'im'],
    ['message_changed', 'im'],
    ['message_deleted', 'im'],
  ])
  expect(events[0]).toMatchObject({ text: 'one &amp; &lt;two&gt;', user: ann.id, ts: first.ts })
  expect(events[1]).toMatchObject({ text: 'more', thread_ts: first.ts, parent_user_id: ann.id })
  expect(events[2]).toMatchObject({ message: { text: 'much more' }, previous_message: { text: 'more' } })
  expect(events[3]).toMatchObject({ deleted_ts: reply.ts })
})

it('keeps from the app what it is not in, not subscribed to, or has no scope for', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const without = slack.team.addChannel('without', { withBot: false })
  const secret = slack.team.addChannel('secret', { isPrivate: true })
  slack.team.scopes.delete('groups:history')

  ann.posts(without, '@valley can you see this?')
  ann.posts(secret, 'and this?')
  expect(slack.deliveries).toEqual([])

  ann.posts(secret, '@valley this you can')
  expect(slack.deliveries.map(({ payload }) => isJson(payload.event) && payload.event.type)).toEqual(['app_mention'])
})

it('sends an event again at once, after one minute and after five, until it is acknowledged', async () => {
  const { slack } = fixture
  const retries: unknown[] = []
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.startApp((app) => {
    app.event('message', async ({ context, body }) => {
      retries.push([context.retryNum, context.retryReason, body.event_id])
    })
  })
  slack.connections[0]!.freeze()

  ann.posts(general, 'hello')
  const delivery = slack.deliveries[0]!
  slack.clock.advance(3000)
  expect(delivery.attempts.map(({ number }) => number)).toEqual([0, 1])
  slack.clock.advance(3000 + 59_999)
  expect(delivery.attempts).toHaveLength(2)
  slack.clock.advance(1)
  slack.clock.advance(3000 + 300_000)
  expect(delivery.attempts).toHaveLength(4)
  slack.clock.advance(3000)

  expect(await delivery.settled).toEqual({ isAcknowledged: false, reason: 'timeout' })
  await slack.waitUntil('all four attempts', () => retries.length === 4)
  const id = delivery.payload.event_id
  expect(retries).toEqual([
    [0, '', id],
    [1, 'timeout', id],
    [2, 'timeout', id],
    [3, 'timeout', id],
  ])
  slack.connections[0]!.cut()
})

it('keeps an event for a later try while no connection is open', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  ann.posts(ann.directMessage, 'anyone?')
  const seen: (string | undefined)[] = []
  await fixture.startApp((app) => {
    app.event('message', async ({ event, context }) => {
      if (event.subtype === undefined) seen.push(`${context.retryNum} ${event.text}`)
    })
  })

  slack.clock.advance(60_000)
  await slack.waitUntil('the event', () => seen.length === 1)

  expect(seen).toEqual(['2 anyone?'])
})

it('can send an acknowledged event again, as when the acknowledgement got lost', async () => {
  const { slack } = fixture
  const seen: (number | undefined)[] = []
  const ann = slack.team.addUser('ann')
  await fixture.startApp((app) => {
    app.event('message', async ({ context }) => {
      seen.push(context.retryNum)
    })
  })

  ann.posts(ann.directMessage, 'hello')
  const delivery = slack.deliveries[0]!
  await delivery.settled
  for (const retry of [1, 2, 3]) slack.deliverAgain(delivery, retry)

  await slack.waitUntil('four acknowledgements', () => delivery.attempts.every(({ isAcknowledged }) => isAcknowledged))
  await slack.waitUntil('four events', () => seen.length === 4)
  expect(seen).toEqual([0, 1, 2, 3])
})

it('gives each event to one of several connections', async () => {
  const { slack } = fixture
  const seen: string[] = []
  const ann = slack.team.addUser('ann')
  for (const name of ['first', 'second']) {
    await fixture.startApp((app) => {
      app.event('message', async ({ event }) => {
        seen.push(`${name} ${'text' in event ? event.text : ''}`)
      })
    })
  }

  for (const text of ['a', 'b', 'c', 'd']) ann.posts(ann.directMessage, text)
  await slack.waitUntil('all events', () => seen.length === 4)

  expect(seen.map((line) => line.split(' ')[1]).sort()).toEqual(['a', 'b', 'c', 'd'])
  expect(slack.connections.map(({ envelopes }) => envelopes.length)).toEqual([2, 2])
})

it('leads a client to a new connection when it asks it to reconnect', async () => {
  const { slack } = fixture
  const seen: string[] = []
  const ann = slack.team.addUser('ann')
  await fixture.startApp(
    (app) => {
      app.event('message', async ({ event }) => {
        seen.push('text' in event ? (event.text ?? '') : '')
      })
    },
    { clientPingTimeout: 1000 },
  )
  const { id } = slack.connections[0]!

  slack.connections[0]!.disconnect('refresh_requested')
  await slack.waitUntil('another connection', () => slack.connections.length === 1 && slack.connections[0]!.id !== id)
  ann.posts(ann.directMessage, 'still there?')
  await slack.waitUntil('the event', () => seen.length === 1)

  expect(seen).toEqual(['still there?'])
})

it('tells the eleventh connection that there are too many', async () => {
  const { slack } = fixture
  const clients = Array.from({ length: 11 }, () => {
    const clientOptions = clientOptionsFor(slack)
    return new SocketModeClient({ appToken: slack.app.appToken, autoReconnectEnabled: false, clientOptions })
  })
  for (const client of clients.slice(0, 10)) await client.start()
  const told = new Promise<unknown>((resolve) => {
    clients[10]!.on('ws_message', (data: string) => resolve(stringIn(JSON.parse(data), 'reason')))
  })
  clients[10]!.start().catch(() => {})

  expect(await told).toBe('too_many_websockets')
  await Promise.all(clients.slice(0, 10).map((client) => client.disconnect()))
  await slack.waitForConnections(0)
})

it('answers apps.connections.open only to the app token, and each address only once', async () => {
  const { slack } = fixture
  const app = await fixture.startApp()

  await expect(app.client.apps.connections.open()).rejects.toMatchObject({ data: { error: 'not_allowed_token_type' } })
  const open = { token: slack.app.appToken }
  const [first, second] = [await app.client.apps.connections.open(open), await app.client.apps.connections.open(open)]
  expect(first.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\/\?ticket=/)
  expect(second.url).not.toBe(first.url)
})

it('tells the app of its removal and of revoked tokens, whose calls then fail', async () => {
  const { slack } = fixture
  const heard: string[] = []
  const app = await fixture.startApp((listening) => {
    for (const name of ['tokens_revoked', 'app_uninstalled'] as const) {
      listening.event(name, async ({ event }) => {
        heard.push(event.type)
      })
    }
  })

  slack.team.revokesTokens()
  await expect(app.client.team.info()).rejects.toMatchObject({ data: { error: 'token_revoked' } })
  slack.team.uninstallsApp()
  await expect(app.client.team.info()).rejects.toMatchObject({ data: { error: 'account_inactive' } })
  await slack.waitUntil('both events', () => heard.length === 2)
  expect(heard).toEqual(['tokens_revoked', 'app_uninstalled'])
})

function namesOf(files: readonly { name: string | null }[] | undefined): string[] {
  return (files ?? []).map(({ name }) => name ?? '')
}
