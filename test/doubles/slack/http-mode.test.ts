import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { isJson } from './json.ts'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack()

it('signs events, commands and interactions so that a receiver takes them', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const heard: string[] = []
  await fixture.startHttpApp((app) => {
    app.event('message', async ({ event }) => {
      if (event.subtype === undefined) heard.push(`message ${event.text}`)
    })
    app.command('/valley', async ({ ack, command }) => {
      heard.push(`command ${command.text}`)
      await ack('Looking')
    })
    app.shortcut('describe_clip', async ({ ack }) => {
      heard.push('shortcut')
      await ack()
    })
  })

  const post = ann.posts(general, 'hello')
  const event = await slack.deliveries[0]!.settled
  const command = await ann.runs('/valley', 'what is it?', general).settled
  const shortcut = await ann.usesShortcut('describe_clip', post).settled

  expect([event, command, shortcut].map(({ isAcknowledged }) => isAcknowledged)).toEqual([true, true, true])
  expect(heard.sort()).toEqual(['command what is it?', 'message hello', 'shortcut'])
  expect(ann.ephemeralsIn(general).map(({ text }) => text)).toEqual(['Looking'])
})

it('has its challenge returned when the request URL is entered', async () => {
  const { slack } = fixture
  await fixture.startHttpApp()

  const response = await slack.verifyRequestUrl('a challenge')

  expect([response.status, await response.json()]).toEqual([200, { challenge: 'a challenge' }])
})

it('is refused with another secret, an old timestamp or no signature', async () => {
  const { slack } = fixture
  const heard: string[] = []
  await fixture.startHttpApp((app) => {
    app.event('message', async ({ event }) => {
      heard.push(event.type)
    })
  })
  const body = { type: 'event_callback', team_id: slack.team.id, event: { type: 'message', text: 'forged' } }

  for (const flaws of [{ signingSecret: 'guessed' }, { timestampOffsetSeconds: -301 }, { isUnsigned: true }]) {
    expect((await slack.postForged(body, flaws)).status).toBe(401)
  }
  expect(heard).toEqual([])
})

it('sends an event again with its retry headers while the receiver fails, unless that says not to', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const retries: unknown[] = []
  const server = createServer((request, response) => {
    const { 'x-slack-retry-num': number, 'x-slack-retry-reason': reason } = request.headers
    retries.push([number, reason])
    const isLast = retries.length === 3
    response.writeHead(500, isLast ? { 'x-slack-no-retry': '1' } : {}).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  slack.deliverOverHttp(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)

  ann.posts(ann.directMessage, 'hello')
  const delivery = slack.deliveries[0]!
  await slack.waitUntil('two attempts', () => retries.length === 2 && delivery.attempts[1]!.failure !== null)
  slack.clock.advance(60_000)
  expect(await delivery.settled).toEqual({ isAcknowledged: false, reason: 'http_error' })
  server.close()

  expect(retries).toEqual([
    [undefined, undefined],
    ['1', 'http_error'],
    ['2', 'http_error'],
  ])
})

it('takes an event that is not answered in three seconds for lost and sends it again', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const seen: (number | undefined)[] = []
  let answer = () => {}
  const gate = new Promise<void>((resolve) => {
    answer = resolve
  })
  await fixture.startHttpApp((app) => {
    app.command('/valley', async ({ ack }) => {
      await gate
      await ack()
    })
    app.event('message', async ({ context }) => {
      seen.push(context.retryNum)
    })
  })

  const late = ann.runs('/valley', '', ann.directMessage)
  slack.clock.advance(3000)
  expect(await late.settled).toEqual({ isAcknowledged: false, reason: 'http_timeout' })
  answer()

  ann.posts(ann.directMessage, 'hello')
  const delivery = slack.deliveries.find(({ payload }) => isJson(payload.event))!
  await delivery.settled
  slack.deliverAgain(delivery, 1)
  await slack.waitUntil('both', () => seen.length === 2)
  expect(seen).toEqual([undefined, 1])
})
