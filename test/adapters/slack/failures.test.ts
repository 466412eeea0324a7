// What goes wrong on Slack's side ends in a sentence or a line of the log, and the next question works.
import { expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { AppError } from '../../../src/errors.ts'
import { apiError, connectionCut, httpError } from '../../doubles/slack/web-api/faults.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { CAT, finished, useValley } from './slack-talk.ts'
import { SlowAnswerer } from './slow-answerer.ts'

const fixture = useValley()
const THREE_SECONDS_MS = 3000
const ACKNOWLEDGEMENT_MS = 3000
/** A deadlock's limit: the client waits for a pong of Slack for 5 s. */
const SILENCE_LIMIT = { limitMs: 50_000 }

it('acknowledges within three seconds while the model is busy with ten other questions', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer(() => ({ say: 'one two', wait: true }))
  await fixture.start({ answerer })
  for (let count = 0; count < 10; count += 1) ann.posts(general, '@valley what?', { files: [CAT] })
  await slack.waitUntil('the model to be busy', () => answerer.running > 0)

  const post = ann.posts(general, 'look', { files: [CAT] })
  const outcomes = await Promise.all([
    ann.runs('/valley', 'what?', general).settled,
    ann.usesShortcut('describe_clip', post).settled,
    ...slack.deliveries.map(({ settled }) => settled),
  ])

  expect(outcomes.filter(({ isAcknowledged }) => !isAcknowledged)).toEqual([])
  const slowest = Math.max(...outcomes.map((outcome) => (outcome.isAcknowledged ? outcome.afterMs : 0)))
  expect(slowest).toBeLessThan(THREE_SECONDS_MS)
})

it('ends the question quietly when its post is deleted meanwhile', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer((question) => ({ say: 'one two', wait: questionText(question).includes('long') }))
  await fixture.start({ answerer })

  const post = ann.posts(general, '@valley long', { files: [CAT] })
  await slack.waitForMessage(general, /^one/)
  ann.deletes(post)
  await slack.waitUntil('the end', () => answerer.running === 0)
  ann.posts(general, '@valley next', { files: [CAT] })

  await finished(slack, general, /one two/)
})

it('stops a question whose channel it was taken out of, and answers elsewhere', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const secret = slack.team.addChannel('secret', { isPrivate: true })
  const answerer = new FakeAnswerer((question) => ({ say: 'one two', wait: questionText(question).includes('long') }))
  const { log } = await fixture.start({ answerer })

  slack.plan('chat.postMessage', apiError('channel_not_found'))
  ann.posts(secret, '@valley long', { files: [CAT] })
  await slack.waitUntil('the end', () => log.some((line) => line.includes('channel_not_found')))
  await slack.waitUntil('the question to stop', () => answerer.running === 0)
  slack.team.removesBotFrom(secret)
  ann.posts(ann.directMessage, 'next', { files: [CAT] })

  await finished(slack, ann.directMessage, /one two/)
})

it('stops a question when it is taken out of the channel in the middle of the answer, and answers elsewhere', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const secret = slack.team.addChannel('secret', { isPrivate: true })
  const answerer = new SlowAnswerer('one ', 'two ', 'never')
  const { log } = await fixture.start({ answerer })

  ann.posts(secret, '@valley long', { files: [CAT] })
  answerer.next()
  await slack.waitForMessage(secret, /^one/)
  slack.team.removesBotFrom(secret)
  answerer.next()
  const line = await slack.waitUntil('the line', () => log.find((one) => one.includes('reply cannot be shown')))
  answerer.next()
  ann.posts(ann.directMessage, 'next', { files: [CAT] })
  await finished(slack, ann.directMessage, /^one two never$/)

  expect(JSON.parse(line)).toMatchObject({ reason: expect.stringMatching(/^(not_in_channel|channel_not_found)$/) })
  expect(slack.repliesIn(secret).map(({ text }) => text)).not.toContain('one two never')
})

it('survives a token that is revoked in the middle of an answer, and answers once it is good again', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer((question) => ({ say: 'one two', wait: questionText(question).includes('long') }))
  const { log } = await fixture.start({ answerer })
  ann.posts(ann.directMessage, 'long', { files: [CAT] })
  const progress = await slack.waitForMessage(ann.directMessage, /one|Looking/)

  slack.team.revokesTokens()
  ann.presses(progress, 'valley_stop')
  ann.posts(ann.directMessage, 'unheard', { files: [CAT] })
  await slack.waitUntil('the line', () => log.some((line) => line.includes('token_revoked')))
  slack.team.workspace.botToken.revoked = null
  ann.posts(ann.directMessage, 'next', { files: [CAT] })
  await finished(slack, ann.directMessage, /one two/)

  expect(log.every((line) => !/xox[a-z]-|unheard/.test(line))).toBe(true)
})

it('says what went wrong in one line when a reply cannot be posted at all', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const { log } = await fixture.start()
  slack.plan('chat.postMessage', httpError(500), { times: 6 })

  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  const line = await slack.waitUntil('the line', () => log.find((one) => one.includes('reply not shown')))
  expect(line).toContain('http_500')
  ann.posts(ann.directMessage, 'two')

  await finished(slack, ann.directMessage, /You said: two/)
})

it('shows the answer although a connection to Slack was cut', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  await fixture.start()
  slack.plan('users.info', connectionCut())
  slack.plan('chat.postMessage', connectionCut())

  ann.posts(ann.directMessage, 'one', { files: [CAT] })

  await finished(slack, ann.directMessage, /You said: \[clip-1\] one/)
})

it('logs one clean line when its token is revoked or it is uninstalled, and goes on running', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const { log } = await fixture.start()

  slack.team.revokesTokens()
  const line = await slack.waitUntil('the line', () => log.find((one) => one.includes('revoked')))
  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  slack.team.uninstallsApp()
  await slack.waitUntil('the other line', () => log.some((one) => one.includes('uninstalled Valley')))

  expect(JSON.parse(line)).toMatchObject({ level: 40, team: slack.team.id })
  expect(log.join('')).not.toMatch(/xox[a-z]-/)
})

it('connects again when Slack asks for it and when the connection breaks', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  await fixture.start()

  slack.connections[0]!.disconnect('refresh_requested')
  await slack.waitUntil('a new connection', () => slack.requests('apps.connections.open').length === 2)
  await slack.waitForConnections(1)
  slack.connections[0]!.cut()
  await slack.waitUntil('a third', () => slack.requests('apps.connections.open').length === 3)
  await slack.waitForConnections(1)
  ann.posts(ann.directMessage, 'one', { files: [CAT] })

  await finished(slack, ann.directMessage, /one/)
})

it('connects again when the connection has gone silent, and misses nothing that was said meanwhile', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer })
  const silent = slack.connections[0]!

  silent.freeze()
  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await slack.waitUntil('a new connection', () => slack.connections.some((one) => one !== silent), SILENCE_LIMIT)
  // Slack never saw an acknowledgement, so it tells once more.
  slack.clock.advance(ACKNOWLEDGEMENT_MS)
  await finished(slack, ann.directMessage, /You said: \[clip-1\] one/)

  expect(answerer.questions).toHaveLength(1)
})

it('tries to connect for as long as Slack does not answer', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const { log } = await fixture.start()
  slack.plan('apps.connections.open', httpError(500), { times: 5 })

  slack.connections[0]!.cut()
  await slack.waitUntil('the line', () => log.some((one) => one.includes('trying again')))
  await slack.waitForConnections(1)
  ann.posts(ann.directMessage, 'one', { files: [CAT] })

  await finished(slack, ann.directMessage, /one/)
})

it('stops in order: the running answer says so, and the connection is closed', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer(() => ({ say: 'one two', wait: true }))
  const valley = await fixture.start({ answerer })
  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await slack.waitForMessage(ann.directMessage, /one/)

  await valley.stop()

  expect(answerer.running).toBe(0)
  expect(slack.connections).toEqual([])
  expect(JSON.stringify(slack.repliesIn(ann.directMessage).at(-1)?.blocks)).not.toContain('valley_stop')
})

it('never answers itself, other apps or Slackbot', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer(() => ({ say: `@valley <@${slack.team.botUserId}> what?` }))
  await fixture.start({ answerer })

  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  await finished(slack, ann.directMessage, /what\?/)
  ann.posts(ann.directMessage, 'two')
  await slack.waitUntil('two answers', () => answerer.questions.length === 2)
  await finished(slack, ann.directMessage, /what\?/)

  expect(answerer.questions).toHaveLength(2)
  expect(slack.pings()).toEqual([])
})

it('says why when a clip is refused', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const answerer = new FakeAnswerer(() => ({ fail: new AppError('CLIP_TOO_LARGE', 'too large') }))
  await fixture.start({ answerer })

  ann.posts(ann.directMessage, 'one', { files: [CAT] })

  await finished(slack, ann.directMessage, new RegExp(en.errors.CLIP_TOO_LARGE))
})
