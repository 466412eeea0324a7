import { App, HTTPReceiver, type Installation } from '@slack/bolt'
import { expect, it } from 'vitest'
import { clientOptionsFor, SILENT } from './bolt-apps.ts'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack()

it('installs the app into a second workspace by OAuth, whose events then reach it', async () => {
  const { slack } = fixture
  const other = slack.addTeam('Other', { isInstalled: false })
  const bea = other.addUser('bea')
  const installed: Installation[] = []
  const heard: string[] = []
  const clientOptions = clientOptionsFor(slack)
  const receiver = new HTTPReceiver({
    signingSecret: slack.app.signingSecret,
    clientId: slack.app.clientId,
    clientSecret: slack.app.clientSecret,
    stateSecret: 'a secret for the state',
    scopes: ['chat:write', 'im:history'],
    installationStore: {
      storeInstallation: async (installation) => void installed.push(installation as Installation),
      fetchInstallation: async ({ teamId }) =>
        installed.find(({ team }) => team?.id === teamId) as Installation<'v2', false>,
      deleteInstallation: async () => {},
    },
    installerOptions: { authorizationUrl: `${slack.origin}/oauth/v2/authorize`, clientOptions, directInstall: true },
    logger: SILENT,
  })
  const app = new App({ receiver, clientOptions, logger: SILENT })
  app.event('message', async ({ event, client }) => {
    heard.push(event.type)
    await client.chat.postMessage({ channel: event.channel, text: 'hello back' })
  })
  const server = await receiver.start({ host: '127.0.0.1', port: 0 } as never)
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

  const start = await fetch(`${origin}/slack/install`, { redirect: 'manual' })
  const cookie = start.headers.getSetCookie().join('; ')
  const consent = await fetch(`${start.headers.get('location')}&redirect_uri=${origin}/slack/oauth_redirect`, {
    redirect: 'manual',
  })
  await fetch(consent.headers.get('location')!, { headers: { cookie } })
  slack.deliverOverHttp(`${origin}/slack/events`)
  bea.posts(bea.directMessage, 'hello')
  await slack.waitForMessage(bea.directMessage, /hello back/)
  await receiver.stop()

  expect(installed).toMatchObject([{ team: { id: other.id }, bot: { token: other.botToken, userId: other.botUserId } }])
  expect([...other.scopes]).toEqual(['chat:write', 'im:history'])
})

it('refuses a wrong secret, a code that was used and calls of a workspace without the app', async () => {
  const { slack } = fixture
  const other = slack.addTeam('Other', { isInstalled: false })
  const bea = other.addUser('bea')
  const { client } = await fixture.startApp()
  const code = slack.oauthCode(other, bea)
  const { clientId: client_id, clientSecret: client_secret } = slack.app

  bea.posts(bea.directMessage, 'hello?')
  expect(slack.deliveries).toEqual([])
  await expect(client.auth.test({ token: other.botToken })).rejects.toMatchObject({
    data: { error: 'account_inactive' },
  })
  const wrong = client.oauth.v2.access({ client_id, client_secret: 'guessed', code })
  await expect(wrong).rejects.toMatchObject({ data: { error: 'bad_client_secret' } })
  await client.oauth.v2.access({ client_id, client_secret, code })
  const again = client.oauth.v2.access({ client_id, client_secret, code })
  await expect(again).rejects.toMatchObject({ data: { error: 'invalid_code' } })
  expect(await client.auth.test({ token: other.botToken })).toMatchObject({ team_id: other.id })
})
