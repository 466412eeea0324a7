import { expect, it } from 'vitest'
import { redacted } from '../../../adapters/slack/bolt-logger.ts'
import { BOT_SCOPES, slackManifest } from '../../../adapters/slack/manifest.ts'
import { missingScopes } from '../../../adapters/slack/scopes.ts'
import { LANGUAGES } from '../../../src/conversation/texts/locale.ts'

const { en, es } = LANGUAGES

it('asks for Socket Mode, the command, the shortcuts, the pane and every scope', () => {
  const manifest = slackManifest({ texts: en })
  expect(manifest.settings.socket_mode_enabled).toBe(true)
  expect(manifest.oauth_config.scopes.bot).toEqual(Object.keys(BOT_SCOPES))
  expect(manifest.features.slash_commands).toMatchObject([{ command: '/valley' }])
  expect(manifest.features.shortcuts.map(({ type, callback_id }) => [type, callback_id])).toEqual([
    ['message', 'describe_clip'],
    ['global', 'ask_about_clip'],
  ])
  expect(JSON.stringify(manifest)).not.toContain('"url"')
})

it('names the addresses for HTTP mode and for OAuth', () => {
  const requestUrl = 'https://valley.example.com/slack/events'
  const redirectUrls = ['https://valley.example.com/slack/oauth_redirect']
  const manifest = slackManifest({ texts: es, command: '/clip', requestUrl, redirectUrls })
  expect(manifest).toMatchObject({
    features: { slash_commands: [{ command: '/clip', url: requestUrl }] },
    oauth_config: { redirect_urls: redirectUrls },
    settings: {
      socket_mode_enabled: false,
      event_subscriptions: { request_url: requestUrl },
      interactivity: { is_enabled: true, request_url: requestUrl },
    },
  })
})

it('asks for nothing of the assistant pane where that is off', () => {
  const manifest = slackManifest({ texts: en, assistantPane: false })
  expect(JSON.stringify(manifest)).not.toContain('assistant')
  expect(manifest.oauth_config.scopes.bot).toHaveLength(Object.keys(BOT_SCOPES).length - 1)
  expect(missingScopes(manifest.oauth_config.scopes.bot, false)).toEqual([])
  expect(missingScopes(manifest.oauth_config.scopes.bot)).toEqual(['assistant:write'])
})

// https://docs.slack.dev/reference/app-manifest: name 35, description 140, command description 2000, shortcut name 24
// and description 150, assistant description 300 characters.
it.each(Object.entries(LANGUAGES))('keeps to the lengths that Slack takes (%s)', (_, texts) => {
  const { display_information, features } = slackManifest({ texts })
  expect(display_information.description.length).toBeLessThanOrEqual(140)
  expect(features.assistant_view?.assistant_description.length).toBeLessThanOrEqual(300)
  for (const { name, description } of features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24)
    expect(description.length).toBeLessThanOrEqual(150)
  }
})

it('lists missing scopes', () => {
  const all = Object.keys(BOT_SCOPES)
  expect(missingScopes(all)).toEqual([])
  expect(missingScopes(all.filter((scope) => scope !== 'files:read'))).toEqual(['files:read'])
})

it.each([
  'token xoxb-123-abc of it',
  'xapp-1-A0-1-abc',
  'Authorization: Bearer abc.def',
  'wss://wss.slack.com/link/?ticket=abc',
  'https://hooks.slack.com/commands/T1/2/abc',
])('takes the secret out of %j', (text) => {
  expect(redacted(text)).not.toMatch(/abc|123/)
})
