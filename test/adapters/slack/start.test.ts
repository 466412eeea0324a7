// How Valley starts on Slack: tokens, scopes, HTTP mode, several workspaces.
import { expect, it } from 'vitest'
import { SlackAdapter } from '../../../adapters/slack/adapter.ts'
import type { SlackInstallations } from '../../../adapters/slack/settings.ts'
import { Bot } from '../../../src/conversation/bot.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'
import { CAT, finished, settingsFor, useValley } from './slack-talk.ts'

const fixture = useValley()

function bot(log: string[]) {
  const { logger } = settingsFor(fixture.slack, log)
  return new Bot({ answerer: new FakeAnswerer(), store: new MemoryThreadStore(), logger })
}

it('says which scopes are missing and what is off because of each', async () => {
  const { slack } = fixture
  slack.team.scopes.delete('files:write')
  slack.team.scopes.delete('users:read')
  const { log } = await fixture.start()

  const warned = log.map((line) => JSON.parse(line)).filter(({ level }) => level === 40)
  expect(warned).toMatchObject([
    { scope: 'files:write', off: 'no storyboard is posted' },
    { scope: 'users:read', off: expect.stringMatching(/answered in English.*members only/) },
  ])
})

it('works with the least that a question needs', async () => {
  const { slack } = fixture
  for (const scope of [...slack.team.scopes]) {
    if (!['app_mentions:read', 'chat:write', 'files:read'].includes(scope)) slack.team.scopes.delete(scope)
  }
  const ann = slack.team.addUser('ann', { locale: 'es-ES' })
  const general = slack.team.addChannel('general')
  await fixture.start()

  ann.posts(general, '@valley what?', { files: [CAT] })

  await finished(slack, general, /You said: \[clip-1\] what\?/)
})

it('refuses to start with a token that Slack refuses, and says what to do', async () => {
  const { slack } = fixture
  const settings = { ...settingsFor(slack, []), identity: { kind: 'token' as const, botToken: 'xoxb-wrong' } }
  const running = new SlackAdapter(settings).run(bot([]), new AbortController().signal)

  await expect(running).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
  await expect(running).rejects.toThrow(/invalid_auth.*Copy the tokens/)
  await expect(running).rejects.not.toThrow(/xoxb-wrong/)
})

it('refuses to start with an app token that Slack refuses', async () => {
  const { slack } = fixture
  const settings = { ...settingsFor(slack, []), delivery: { mode: 'socket' as const, appToken: 'xapp-wrong' } }

  const running = new SlackAdapter(settings).run(bot([]), new AbortController().signal)

  await expect(running).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
})

it('says that Slack does not answer', async () => {
  const { slack } = fixture
  const settings = { ...settingsFor(slack, []), apiUrl: 'http://127.0.0.1:9/api/' }

  const running = new SlackAdapter(settings).run(bot([]), new AbortController().signal)

  await expect(running).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE', retryable: true })
})

it('takes signed requests in HTTP mode and refuses forged ones', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  let port = 0
  const delivery = { mode: 'http' as const, signingSecret: slack.app.signingSecret, port: 0 }
  const answerer = new FakeAnswerer()
  await fixture.start({ answerer, settings: { delivery, onListening: (listening) => (port = listening) } })
  slack.deliverOverHttp(`http://127.0.0.1:${port}/slack/events`)

  expect(await (await slack.verifyRequestUrl('a challenge')).json()).toEqual({ challenge: 'a challenge' })
  const event = {
    type: 'message',
    channel_type: 'im',
    channel: ann.directMessage.id,
    user: ann.id,
    ts: '1.2',
    text: 'x',
  }
  const body = { type: 'event_callback', team_id: slack.team.id, event_id: 'Ev1', event }
  expect((await slack.postForged(body, { signingSecret: 'guessed' })).status).toBe(401)
  ann.posts(general, '@valley what?', { files: [CAT] })
  await finished(slack, general, /You said: \[clip-1\] what\?/)
  const command = await ann.runs('/valley', 'and?', general).settled
  await finished(slack, general, /You said: \[clip-1\] and\?/)

  expect(command).toMatchObject({ isAcknowledged: true })
  expect(answerer.questions).toHaveLength(2)
})

it('says which port is in use', async () => {
  const { slack } = fixture
  let port = 0
  const delivery = { mode: 'http' as const, signingSecret: slack.app.signingSecret, port: 0 }
  await fixture.start({ settings: { delivery, onListening: (listening) => (port = listening) } })

  const settings = { ...settingsFor(slack, []), delivery: { ...delivery, port } }
  const running = new SlackAdapter(settings).run(bot([]), new AbortController().signal)

  await expect(running).rejects.toMatchObject({ code: 'CONFIG_INVALID', details: { port } })
})

it.each(['socket', 'http'] as const)('serves several workspaces that install it by OAuth, in %s mode', async (mode) => {
  const { slack } = fixture
  const other = slack.addTeam('Other', { isInstalled: false })
  const bea = other.addUser('bea')
  const answerer = new FakeAnswerer()
  const { installations, stored } = memoryInstallations()
  let port = 0
  const { clientId, clientSecret, signingSecret, appToken } = slack.app
  const { adapter, log } = await fixture.start({
    answerer,
    settings: {
      identity: {
        kind: 'oauth',
        clientId,
        clientSecret,
        stateSecret: 'a secret for the state',
        installations,
        port: 0,
        authorizationUrl: `${slack.origin}/oauth/v2/authorize`,
      },
      delivery: mode === 'socket' ? { mode, appToken } : { mode, signingSecret, port: 0 },
      onListening: (listening) => (port = listening),
    },
  })
  const origin = `http://127.0.0.1:${port}`
  if (mode === 'http') slack.deliverOverHttp(`${origin}/slack/events`)

  const start = await fetch(`${origin}/slack/install`, { redirect: 'manual' })
  const cookie = start.headers.getSetCookie().join('; ')
  const consent = await fetch(`${start.headers.get('location')}&redirect_uri=${origin}/slack/oauth_redirect`, {
    redirect: 'manual',
  })
  await fetch(consent.headers.get('location')!, { headers: { cookie } })
  const post = bea.posts(bea.directMessage, 'one', { files: [CAT] })
  await finished(slack, bea.directMessage, /You said: \[clip-1\] one/)

  expect([...stored.keys()]).toEqual([other.id])
  expect((await fetch(`${origin}/elsewhere`)).status).toBe(404)
  expect(log.join('')).not.toMatch(/xox[a-z]-|missing/)
  const clip = { platform: 'slack', handle: `${other.id}/${post.files[0]!.id}` }
  const location = await adapter.locateClip(clip, new AbortController().signal)
  expect(location).toMatchObject({ headers: { authorization: `Bearer ${other.botToken}` } })

  other.uninstallsApp()
  await slack.waitUntil('the installation to go', () => stored.size === 0)
  await expect(adapter.locateClip(clip, new AbortController().signal)).rejects.toMatchObject({ code: 'CLIP_MISSING' })
})

function memoryInstallations() {
  const stored = new Map<string, Parameters<SlackInstallations['storeInstallation']>[0]>()
  const installations: SlackInstallations = {
    storeInstallation: async (installation) => void stored.set(installation.team?.id ?? '', installation),
    fetchInstallation: async ({ teamId }) => {
      const found = stored.get(teamId ?? '')
      if (found === undefined) throw new Error('not installed')
      return found
    },
    deleteInstallation: async ({ teamId }) => void stored.delete(teamId ?? ''),
  }
  return { installations, stored }
}
