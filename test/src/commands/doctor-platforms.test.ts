// What `valley doctor` says of the platforms, asked over the wire of doubles that speak their protocols.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RESTJSONErrorCodes } from 'discord.js'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BOT_SCOPES } from '../../../adapters/slack/manifest.ts'
import { checkPlatforms } from '../../../src/commands/doctor-start.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { type DiscordDouble, openDiscordDouble } from '../../doubles/discord/discord-double.ts'
import { openSlackDouble, type SlackDouble } from '../../doubles/slack/slack-double.ts'
import { apiError, connectionCut, httpError, rateLimited } from '../../doubles/slack/web-api/faults.ts'
import { makeTestFolder } from '../../helpers/make-clips.ts'

const { folder, removeFolder } = makeTestFolder()
afterAll(removeFolder)

/** Findings as lines, e.g. `ok discord token: seen -> remedy`. */
async function ask(
  environment: Record<string, string>,
  settings: object = {},
  signal = new AbortController().signal,
): Promise<string[]> {
  const path = join(folder, 'valley.yaml')
  writeFileSync(path, JSON.stringify(settings))
  const findings = await checkPlatforms(loadConfig({ path, environment }), signal)
  const lines = findings.map(({ state, matter, seen, remedy }) => {
    if (state === 'problem') expect(remedy, matter).toMatch(/^\S.*\.$/)
    return `${state} ${matter}: ${seen}${remedy === undefined ? '' : ` -> ${remedy}`}`
  })
  for (const secret of Object.values(environment)) expect(lines.join('\n')).not.toContain(secret)
  expect(findings.filter(({ needed }) => needed)).toEqual([])
  return lines
}

function about(matter: string, lines: readonly string[]): string {
  return lines.find((line) => /^\w+ ([^:]+):/.exec(line)?.[1] === matter) ?? ''
}

describe('with no platform', () => {
  it('says that none is configured, and what each needs', async () => {
    const lines = await ask({})
    expect(about('platforms', lines)).toMatch(/^off .*none is configured.* -> .*README\.md/)
    expect(about('platform discord', lines)).toMatch(/^off .*is not configured -> To use it, set DISCORD_TOKEN\.$/)
    expect(about('platform slack', lines)).toMatch(/-> To use it, set SLACK_APP_TOKEN and SLACK_BOT_TOKEN\.$/)
  })

  it('tells what is switched off from what was never set', async () => {
    const lines = await ask({ DISCORD_TOKEN: 'a.hush.c' }, { discord: { enabled: false } })
    expect(about('platform discord', lines)).toBe('off platform discord: is switched off by discord.enabled')
  })
})

describe('on Discord', () => {
  let discord: DiscordDouble

  async function open(options?: Parameters<typeof openDiscordDouble>[0]): Promise<void> {
    discord = await openDiscordDouble(options)
  }
  afterEach(() => discord.close())

  function askDiscord(settings: object = {}, token = discord.token): Promise<string[]> {
    return ask({ DISCORD_TOKEN: token }, { discord: { apiUrl: discord.rest.api, ...settings } })
  }

  it('finds everything in order, and changes nothing', async () => {
    await open()
    discord.guild()
    const lines = await askDiscord({ messageContent: true })
    expect(lines.filter((line) => line.startsWith('ok '))).toEqual([
      'ok platform discord: is on, its secrets are set',
      `ok discord token: is of the bot valley (${discord.bot.id})`,
      'ok discord message content: the intent is granted and used',
      'ok discord servers: in about 1 server',
      'ok discord connections: 1000 of 1000 are left for today, 1 needed',
    ])
    expect(about('discord commands', lines)).toMatch(
      /^off .*valley, Describe clip are not registered yet -> Run npm start/,
    )
    expect(lines.filter((line) => line.startsWith('problem'))).toEqual([])
    expect(new Set(Array.from(discord.requests, ({ method }) => method))).toEqual(new Set(['GET']))
  })

  it('says when the settings want message content and the portal does not grant it', async () => {
    await open({ privileged: { messageContent: false } })
    expect(about('discord message content', await askDiscord({ messageContent: true }))).toMatch(
      /^problem .*no answers in threads without a further mention.* -> Switch on the message content intent/,
    )
    expect(about('discord message content', await askDiscord({ freeChannels: ['1'] }))).toMatch(
      /^problem .*no answers in free channels.* -> Switch it on in the developer portal and set discord\.messageContent/,
    )
    const rulesFile = join(folder, 'rules.yaml')
    writeFileSync(rulesFile, 'rules:\n  - { name: flashes, category: flashing-light }\n')
    const moderation = { rulesFile, watch: [{ channelId: 'discord:1', reportTo: 'discord:2' }] }
    const watching = await ask({ DISCORD_TOKEN: discord.token }, { discord: { apiUrl: discord.rest.api }, moderation })
    expect(about('discord message content', watching)).toMatch(/^problem .*no clips of watched channels/)
    // Nobody asked for it.
    expect(about('discord message content', await askDiscord())).toMatch(/^off /)
  })

  it('says where to go with a bot that is in no server', async () => {
    await open()
    expect(about('discord servers', await askDiscord())).toMatch(/^off .*none yet -> .*valley discord invite/)
  })

  it('says that the token is refused, and where there is a good one', async () => {
    await open()
    const lines = await askDiscord({}, 'wrong.token.here')
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^problem discord token: .*refuses DISCORD_TOKEN \(HTTP 401\) -> Copy the present token/),
      expect.stringMatching(/^off platform slack/),
    ])
  })

  it('says when a restart loop has used up the connections', async () => {
    await open({ shards: 1001 })
    expect(about('discord connections', await askDiscord())).toMatch(
      /^problem .*1000 of 1000 .*1001 needed -> Wait 0 min/,
    )
  })

  it.each([
    [{ kind: 'cut' }, /^problem discord: there is no answer from 127\.0\.0\.1:\d+ \([A-Z_]+\) -> Check the network/],
    [{ kind: 'broken', status: 502 }, /^problem discord: 127\.0\.0\.1:\d+ answers HTTP 502 -> Ask again later/],
    [
      { kind: 'rate-limited', retryAfterMs: 7000 },
      /^problem discord: .*too often \(HTTP 429\) -> Ask again in \d+ s\.$/,
    ],
    [{ kind: 'refused', code: RESTJSONErrorCodes.MissingAccess }, /^problem discord: .* answers HTTP 403 -> /],
  ] as const)('says in words what a failure is: %j', async (fault, said) => {
    await open()
    discord.faults.add('GET /applications/@me', fault)
    const lines = await askDiscord()
    expect(about('discord token', lines)).toMatch(/^ok /)
    expect(about('discord', lines)).toMatch(said)
  })

  it('says that nobody is there', async () => {
    await open()
    const settings = { discord: { apiUrl: discord.rest.api } }
    const { token } = discord
    await discord.close()
    expect(about('discord', await ask({ DISCORD_TOKEN: token }, settings))).toMatch(
      /\(ECONNREFUSED\) -> Check the network/,
    )
    await open()
  })

  it('ends when it is told to end', async () => {
    await open()
    discord.faults.add('GET /users/@me', { kind: 'slow', delayMs: 60_000 })
    const end = new AbortController()
    const asked = ask({ DISCORD_TOKEN: discord.token }, { discord: { apiUrl: discord.rest.api } }, end.signal)
    await vi.waitFor(() => expect(discord.requests.to('GET /users/@me')).toHaveLength(1), { timeout: 20_000 })
    end.abort(new Error('told to end'))
    await expect(asked).rejects.toThrow('told to end')
  })
})

describe('on Slack', () => {
  let slack: SlackDouble
  const scopes = Object.keys(BOT_SCOPES)

  beforeEach(async () => {
    slack = await openSlackDouble({ scopes })
  })
  afterEach(() => slack.close())

  function askSlack(environment: Record<string, string> = {}, settings: object = {}): Promise<string[]> {
    return ask(
      { SLACK_BOT_TOKEN: slack.team.botToken, SLACK_APP_TOKEN: slack.app.appToken, ...environment },
      { slack: { apiUrl: slack.apiUrl, ...settings } },
    )
  }

  it('finds everything in order, and opens no connection', async () => {
    expect((await askSlack()).filter((line) => !line.startsWith('off '))).toEqual([
      'ok platform slack: is on, its secrets are set',
      'ok slack bot token: is of valley in the workspace Acme',
      `ok slack scopes: all ${scopes.length} are granted`,
      'ok slack app token: opens a connection for Socket Mode',
    ])
    expect(slack.connections).toEqual([])
  })

  it('names each missing scope, what is off without it, and what to do', async () => {
    slack.team.scopes.delete('files:read')
    slack.team.scopes.delete('users:read')
    expect(about('slack scopes', await askSlack())).toMatch(
      /^problem .*files:read \(no clip can be downloaded\), users:read \(.*\) -> .*valley slack manifest.*install the app again/,
    )
  })

  it('says which token is refused', async () => {
    slack.team.revokesTokens()
    const lines = await askSlack({ SLACK_APP_TOKEN: 'xapp-1-A0VALLEY-wrong' })
    expect(about('slack bot token', lines)).toMatch(
      /^problem .*refuses SLACK_BOT_TOKEN \(token_revoked\) -> Install the app/,
    )
    expect(about('slack app token', lines)).toMatch(
      /^problem .*refuses SLACK_APP_TOKEN \(invalid_auth\) -> Make an app-level token with connections:write/,
    )
  })

  it('says that the app-level token lacks its scope', async () => {
    slack.plan('apps.connections.open', apiError('missing_scope', { needed: 'connections:write', provided: '' }))
    expect(about('slack app token', await askSlack())).toMatch(/missing_scope\) -> .*connections:write/)
  })

  it('says that the two tokens are of two apps', async () => {
    const token = slack.app.appToken.replace(slack.app.id, 'A0OTHER')
    slack.world.tokens.set(token, { ...slack.world.tokens.get(slack.app.appToken)!, value: token })
    expect(about('slack app token', await askSlack({ SLACK_APP_TOKEN: token }))).toMatch(
      /^problem .*of the app A0OTHER, and SLACK_BOT_TOKEN of A0VALLEY/,
    )
  })

  it('in HTTP mode wants the signing secret, and no app-level token', async () => {
    const settings = { slack: { apiUrl: slack.apiUrl, mode: 'http' } }
    const without = await ask({ SLACK_BOT_TOKEN: slack.team.botToken }, settings)
    expect(about('platform slack', without)).toMatch(
      /^problem .*SLACK_SIGNING_SECRET is missing -> .*basic information/,
    )
    const secrets = { SLACK_BOT_TOKEN: slack.team.botToken, SLACK_SIGNING_SECRET: slack.app.signingSecret }
    const lines = await ask(secrets, settings)
    expect(about('slack signing secret', lines)).toMatch(/^ok /)
    expect(about('slack app token', lines)).toBe('')
    expect(slack.requests('apps.connections.open')).toEqual([])
  })

  it('with OAuth asks whether client and secret are right', async () => {
    const { clientId, clientSecret, appToken } = slack.app
    const own = {
      SLACK_APP_TOKEN: appToken,
      SLACK_CLIENT_ID: clientId,
      SLACK_CLIENT_SECRET: clientSecret,
      SLACK_STATE_SECRET: 'sixteen characters and more',
    }
    const askOauth = (environment: Record<string, string>) =>
      ask({ ...own, ...environment }, { slack: { apiUrl: slack.apiUrl, oauth: { enabled: true } } })
    expect(about('slack client', await askOauth({}))).toBe('ok slack client: id and secret are accepted')
    expect(about('slack client', await askOauth({ SLACK_CLIENT_ID: 'other' }))).toMatch(
      /^problem .*refuses SLACK_CLIENT_ID \(invalid_client_id\) -> Copy SLACK_CLIENT_ID/,
    )
    expect(about('slack client', await askOauth({ SLACK_CLIENT_SECRET: 'other' }))).toMatch(
      /^problem .*refuses SLACK_CLIENT_SECRET \(bad_client_secret\) -> Copy SLACK_CLIENT_SECRET/,
    )
    const { SLACK_STATE_SECRET: _, ...rest } = own
    const lacking = await ask(rest, { slack: { apiUrl: slack.apiUrl, oauth: { enabled: true } } })
    expect(about('platform slack', lacking)).toMatch(/^problem .*SLACK_STATE_SECRET is missing/)
  })

  it.each([
    [
      connectionCut(),
      /^problem slack bot token: there is no answer from 127\.0\.0\.1:\d+ \([A-Z_]+\) -> Check the network/,
    ],
    [httpError(503), /^problem slack bot token: 127\.0\.0\.1:\d+ answers HTTP 503 -> Ask again later/],
    [rateLimited(30), /^problem slack bot token: .*too often \(HTTP 429\) -> Ask again in 30 s\.$/],
  ])('says in words what a failure is: %j', async (fault, said) => {
    slack.plan('auth.test', fault)
    const lines = await askSlack()
    expect(about('slack bot token', lines)).toMatch(said)
    expect(about('slack app token', lines)).toMatch(/^ok /)
  })
})
