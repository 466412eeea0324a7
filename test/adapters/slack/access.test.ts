// Whom the operator lets use Valley, and where.
import { describe, expect, it } from 'vitest'
import { isNamedAdmin, isWelcome, OPEN_ACCESS } from '../../../adapters/slack/access.ts'
import type { SlackAccess } from '../../../adapters/slack/settings.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { CAT, finished, useValley } from './slack-talk.ts'

const fixture = useValley()
const only = (...allow: string[]) => ({ allow, deny: [] })
const never = (...deny: string[]) => ({ allow: [], deny })

function access(settings: Partial<SlackAccess>): SlackAccess {
  return { ...OPEN_ACCESS, ...settings }
}

describe('the lists', () => {
  const visitor = { userId: 'U1', teamIds: ['T1'], channel: 'C1' }

  it.each<[string, Partial<SlackAccess>, boolean]>([
    ['nothing is set', {}, true],
    ['the user is listed', { users: only('U1') }, true],
    ['another user is listed', { users: only('U2') }, false],
    ['the user is denied', { users: never('U1') }, false],
    ['the user is listed and denied', { users: { allow: ['U1'], deny: ['U1'] } }, false],
    ['the channel is listed', { channels: only('C2', 'C1') }, true],
    ['another channel is listed', { channels: only('C2') }, false],
    ['the channel is denied', { channels: never('C1') }, false],
    ['the workspace is listed', { workspaces: only('T1') }, true],
    ['the workspace is denied', { workspaces: never('T1') }, false],
    ['direct messages are off', { directMessages: false }, true],
  ])('decide in a channel when %s', (_, settings, expected) => {
    expect(isWelcome(access(settings), visitor)).toBe(expected)
  })

  it('ask the switch and the users for a direct message, and no list of channels', () => {
    for (const channel of ['D1', undefined]) {
      const direct = { ...visitor, channel }
      expect(isWelcome(access({ channels: only('C2') }), direct)).toBe(true)
      expect(isWelcome(access({ directMessages: false }), direct)).toBe(false)
      expect(isWelcome(access({ users: never('U1') }), direct)).toBe(false)
    }
  })

  it('ask the workspace of a stranger in a shared channel too', () => {
    const stranger = { ...visitor, teamIds: ['T1', 'T2'] }
    expect(isWelcome(access({ workspaces: only('T1') }), stranger)).toBe(false)
    expect(isWelcome(access({ workspaces: never('T2') }), stranger)).toBe(false)
    expect(isWelcome(access({ workspaces: only('T1', 'T2') }), stranger)).toBe(true)
  })
})

it('holds for admins whom the settings name, unless they are denied', () => {
  const admins = { users: ['U1'] }
  expect(isNamedAdmin(access({}), 'U1')).toBe(false)
  expect(isNamedAdmin(access({ admins }), 'U1')).toBe(true)
  expect(isNamedAdmin(access({ admins }), 'U2')).toBe(false)
  expect(isNamedAdmin(access({ admins, users: never('U1') }), 'U1')).toBe(false)
})

it('answers only in the channels that are listed, and to nobody who is denied', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const eve = slack.team.addUser('eve')
  const general = slack.team.addChannel('general')
  const random = slack.team.addChannel('random')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer, settings: { access: access({ channels: only(general.id), users: never(eve.id) }) } })

  ann.posts(random, '@valley elsewhere', { files: [CAT] })
  eve.posts(general, '@valley denied', { files: [CAT] })
  eve.posts(eve.directMessage, 'denied', { files: [CAT] })
  ann.posts(general, '@valley one', { files: [CAT] })
  const reply = await finished(slack, general, /You said: \[clip-1\] one/)

  eve.presses(reply, 'valley_more_detail')
  await slack.waitUntil('the hint', () => eve.ephemeralsIn(general).some(({ text }) => text === en.notWelcome))
  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one'])
  expect(slack.repliesIn(random)).toEqual([])
})

it('says to the person alone that a command or shortcut is not for them', async () => {
  const { slack } = fixture
  const eve = slack.team.addUser('eve')
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer, settings: { access: access({ users: never(eve.id) }) } })
  const post = eve.posts(general, 'look', { files: [CAT] })
  const refusals = () => eve.ephemeralsIn(general).filter(({ text }) => text === en.notWelcome).length

  eve.runs('/valley', 'what is it?', general)
  await slack.waitUntil('the first refusal', () => refusals() === 1)
  eve.usesShortcut('describe_clip', post)
  await slack.waitUntil('the second refusal', () => refusals() === 2)
  eve.usesGlobalShortcut('ask_about_clip')
  const notice = await slack.waitUntil('the notice', () => eve.openModal)

  expect(JSON.stringify(notice.content)).toContain(en.notWelcome)
  expect(JSON.stringify(notice.content)).not.toContain('file_input')
  expect(answerer.questions).toEqual([])
  expect(slack.repliesIn(general)).toEqual([])
})

it('leaves direct messages alone when they are switched off', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const secret = slack.team.addChannel('secret', { isPrivate: true, withBot: false })
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer, settings: { access: access({ directMessages: false }) } })

  ann.posts(ann.directMessage, 'one', { files: [CAT] })
  ann.opensAssistant()
  // The answer would have to be a direct message, since Valley is not in the channel.
  ann.runs('/valley', 'what is it?', secret)
  await slack.waitUntil('the hint', () => ann.ephemeralsIn(secret).some(({ text }) => text === en.notWelcome))
  ann.usesShortcut('describe_clip', ann.posts(secret, 'look', { files: [CAT] }))
  await slack.waitUntil('the other hint', () => ann.ephemeralsIn(secret).length === 2)
  ann.posts(general, '@valley two', { files: [CAT] })
  await finished(slack, general, /You said: \[clip-1\] two/)

  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] two'])
  expect(slack.repliesIn(ann.directMessage).map(({ text }) => text)).toEqual(['New Assistant Thread'])
})

it('uses the assistant pane as a direct message like any other when the pane is switched off', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  await fixture.start({ settings: { assistantPane: false } })

  const root = ann.opensAssistant()
  ann.posts(ann.directMessage, 'one', { thread: root, files: [CAT] })
  const reply = await finished(slack, ann.directMessage, /You said: \[clip-1\] one/)

  expect(reply.threadTs).toBe(root.ts)
  expect(slack.assistantThread(root)).toMatchObject({ prompts: [], titles: [], statuses: [] })
  expect(slack.requests('assistant.threads.setStatus')).toEqual([])
})
