import { WebClientEvent } from '@slack/web-api'
import { expect, it } from 'vitest'
import { useSlack } from './slack-fixture.ts'
import { answerLost, apiError, connectionCut, httpError, rateLimited, slowAnswer } from './web-api/faults.ts'

const fixture = useSlack()

it('answers 429 with Retry-After, which a client waits out', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const waits: number[] = []
  client.on(WebClientEvent.RATE_LIMITED, (seconds: number) => waits.push(seconds))
  slack.plan('chat.postMessage', rateLimited(1))

  await client.chat.postMessage({ channel: general.id, text: 'patient' })

  const calls = slack.requests('chat.postMessage')
  expect(waits).toEqual([1])
  expect(calls.map(({ status, fault }) => [status, fault])).toEqual([
    [429, 'rate-limited'],
    [200, null],
  ])
  expect(calls[1]!.receivedMs - calls[0]!.receivedMs).toBeGreaterThanOrEqual(1000)
  expect(slack.repliesIn(general)).toHaveLength(1)
})

it('fails with an HTTP status or a broken connection, and the next try succeeds', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  slack.plan('chat.postMessage', httpError(500))
  slack.plan('chat.postMessage', connectionCut())

  await client.chat.postMessage({ channel: general.id, text: 'stubborn' })

  expect(slack.requests('chat.postMessage').map(({ status }) => status)).toEqual([500, null, 200])
  expect(slack.repliesIn(general)).toHaveLength(1)
})

it('can lose the answer to a call that it carried out, so that a retry posts twice', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  slack.plan('chat.postMessage', answerLost())

  await client.chat.postMessage({ channel: general.id, text: 'twice' })

  expect(slack.repliesIn(general).map(({ text }) => text)).toEqual(['twice', 'twice'])
})

it('answers with any documented error, as often and for those calls that are planned', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const { ts } = await client.chat.postMessage({ channel: general.id, text: 'x' })
  const isUnlucky = ({ text }: Record<string, unknown>) => text === 'unlucky'
  slack.plan('chat.update', apiError('message_not_found'), { times: 2, when: isUnlucky })
  const update = (text: string) => client.chat.update({ channel: general.id, ts: ts!, text })

  await update('lucky')
  for (const _ of [1, 2])
    await expect(update('unlucky')).rejects.toMatchObject({ data: { error: 'message_not_found' } })
  await update('unlucky')

  slack.plan('*', apiError('missing_scope', { needed: 'users:read', provided: 'chat:write' }))
  await expect(client.auth.test()).rejects.toMatchObject({ data: { error: 'missing_scope', needed: 'users:read' } })
})

it('keeps an answer back until it is released, or for a while', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const held = slack.hold('chat.postMessage')
  let isAnswered = false

  const call = client.chat.postMessage({ channel: general.id, text: 'wait' }).then(() => {
    isAnswered = true
  })
  await held.reached
  expect([isAnswered, slack.repliesIn(general).length]).toEqual([false, 1])
  held.release()
  await call

  slack.plan('auth.test', slowAnswer(10))
  expect(await client.auth.test()).toMatchObject({ ok: true })
})
