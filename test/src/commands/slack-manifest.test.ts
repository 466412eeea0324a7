import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { slackManifest } from '../../../adapters/slack/manifest.ts'
import { registerSlack } from '../../../src/commands/slack.ts'
import { LANGUAGES } from '../../../src/conversation/texts/locale.ts'
import { makeTestFolder } from '../../helpers/make-clips.ts'
import type { CliEnd } from '../../helpers/run-cli.ts'
import { runCommand } from '../../helpers/run-command.ts'

const { folder, removeFolder } = makeTestFolder()
const { en, es } = LANGUAGES

afterAll(removeFolder)

function manifest(cliArguments: string[] = [], settings = ''): Promise<CliEnd> {
  const file = join(folder, 'valley.yaml')
  writeFileSync(file, settings)
  return runCommand(registerSlack, ['slack', 'manifest', ...cliArguments], { VALLEY_CONFIG: file })
}

it('prints YAML for Socket Mode and nothing else', async () => {
  const { status, stdout, stderr } = await manifest()
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^display_information:\n {2}name: Valley\n/)
  expect(parse(stdout)).toEqual(slackManifest({ texts: en }))
  expect(parse(stdout)).toMatchObject({ settings: { socket_mode_enabled: true } })
})

it('prints JSON when asked, with the command, the language and the redirect address of the settings', async () => {
  const redirectUri = 'https://valley.example.com/slack/oauth_redirect'
  const settings = `locale: es\nslack: { command: /clip, assistant: false, oauth: { enabled: true, redirectUri: "${redirectUri}" } }\n`
  const { status, stdout, stderr } = await manifest(['--json', '--name', 'Clips'], settings)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    display_information: { name: 'Clips', description: es.commands.ask },
    features: { bot_user: { display_name: 'Clips' }, slash_commands: [{ command: '/clip' }] },
    oauth_config: { redirect_urls: [redirectUri] },
    settings: { socket_mode_enabled: true },
  })
  expect(stdout).not.toContain('assistant')
})

it('names the addresses below --url for HTTP mode, and says on stderr when the settings have another mode', async () => {
  const { status, stdout, stderr } = await manifest(['--url', 'https://valley.example.com'])
  expect(status).toBe(0)
  const requestUrl = 'https://valley.example.com/slack/events'
  expect(parse(stdout)).toMatchObject({
    features: { slash_commands: [{ url: requestUrl }] },
    oauth_config: { redirect_urls: ['https://valley.example.com/slack/oauth_redirect'] },
    settings: {
      socket_mode_enabled: false,
      event_subscriptions: { request_url: requestUrl },
      interactivity: { request_url: requestUrl },
    },
  })
  expect(stderr).toMatch(/^The settings have slack\.mode socket[^\n]*Set slack\.mode to http\.\n$/)
  const agreed = await manifest(['--url', 'https://valley.example.com/'], 'slack: { mode: http }\n')
  expect(agreed).toEqual({ status: 0, stdout, stderr: '' })
})

it('keeps Socket Mode with an address when told so', async () => {
  const { stdout, stderr } = await manifest(['--mode', 'socket', '--url', 'https://valley.example.com:8443'])
  expect(stderr).toBe('')
  expect(stdout).not.toContain('request_url')
  expect(parse(stdout)).toMatchObject({
    oauth_config: { redirect_urls: ['https://valley.example.com:8443/slack/oauth_redirect'] },
    settings: { socket_mode_enabled: true },
  })
})

it.each([
  [[], 'slack: { mode: http }\n', /HTTP mode needs the public address .*--url https:\/\/host/],
  [['--url', 'http://valley.example.com'], '', /--url is "http:.*must be https:\/\/, a host and no path/],
  [['--url', 'https://valley.example.com/slack/events'], '', /must be https:\/\/, a host and no path/],
  [['--name', 'x'.repeat(36)], '', /--name has 36 characters; allowed are 1 to 35/],
  [['--mode', 'pigeon'], '', /Allowed choices are socket, http/],
])('says in one line what is wrong with %j %j', async (cliArguments, settings, said) => {
  const { status, stdout, stderr } = await manifest(cliArguments, settings)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^CONFIG_INVALID: [^\n]+\n$/)
  expect(stderr).toMatch(said)
})

it('has help with what to do next', async () => {
  const { status, stdout } = await manifest(['--help'])
  expect(status).toBe(0)
  for (const part of ['From a manifest', 'SLACK_BOT_TOKEN', 'connections:write', 'valley doctor']) {
    expect(stdout).toContain(part)
  }
})
