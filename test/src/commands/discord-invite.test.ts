import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { registerDiscord } from '../../../src/commands/discord.ts'
import { makeTestFolder } from '../../helpers/make-clips.ts'
import type { CliEnd } from '../../helpers/run-cli.ts'
import { runCommand } from '../../helpers/run-command.ts'

const { folder, removeFolder } = makeTestFolder()
const ID = '123456789012345678'
const TOKEN = `${Buffer.from(ID).toString('base64url')}.Gabcde.this-is-the-signature-of-nobody`

// https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
const VIEW_CHANNEL = 1n << 10n
const SEND_MESSAGES = 1n << 11n
const ATTACH_FILES = 1n << 15n
const READ_MESSAGE_HISTORY = 1n << 16n
const CREATE_PUBLIC_THREADS = 1n << 35n
const SEND_MESSAGES_IN_THREADS = 1n << 38n
const ALWAYS = VIEW_CHANNEL | SEND_MESSAGES | READ_MESSAGE_HISTORY | SEND_MESSAGES_IN_THREADS

afterAll(removeFolder)

function invite(cliArguments: string[] = [], settings = '', environment: Record<string, string> = {}): Promise<CliEnd> {
  const file = join(folder, 'valley.yaml')
  writeFileSync(file, settings)
  return runCommand(registerDiscord, ['discord', 'invite', ...cliArguments], {
    VALLEY_CONFIG: file,
    DISCORD_TOKEN: '',
    ...environment,
  })
}

/** The query of the link for guilds and of the one for a person. */
function linksIn({ stdout }: CliEnd): Record<string, string>[] {
  const links = stdout.split('\n').filter((line) => line.startsWith('https://discord.com/oauth2/authorize?'))
  return links.map((link) => Object.fromEntries(new URL(link).searchParams))
}

it('prints a link with the permissions that the settings need, and one for a person', async () => {
  const end = await invite([], '', { DISCORD_TOKEN: TOKEN })
  expect(end).toMatchObject({ status: 0, stderr: '' })
  expect(linksIn(end)).toEqual([
    {
      client_id: ID,
      integration_type: '0',
      scope: 'bot applications.commands',
      permissions: String(ALWAYS | CREATE_PUBLIC_THREADS | ATTACH_FILES),
    },
    { client_id: ID, integration_type: '1', scope: 'applications.commands' },
  ])
  expect(end.stdout).toMatch(/^ {2}CreatePublicThreads +opens a thread/m)
  expect(end.stdout).not.toContain(TOKEN)
})

it('asks for no permission of what is switched off', async () => {
  const off = 'storyboard: false\ndiscord: { openThreads: false }\n'
  const end = await invite(['--application-id', ID], off)
  expect(linksIn(end)[0]!.permissions).toBe(String(ALWAYS))
  expect(end.stdout).not.toMatch(/AttachFiles|CreatePublicThreads/)
  const inOneChannel = `${off}channels: { "discord:1234567890": { storyboard: true }, "slack:C1": { storyboard: true } }\n`
  expect(linksIn(await invite(['--application-id', ID], inOneChannel))[0]!.permissions).toBe(
    String(ALWAYS | ATTACH_FILES),
  )
})

it.each([
  [[], {}, /not known; set DISCORD_TOKEN, or give --application-id/],
  [[], { DISCORD_TOKEN: 'aGVsbG8.b.c' }, /DISCORD_TOKEN does not begin with the id of a bot/],
  [['--application-id', '12'], {}, /--application-id is "12"; an id has 17 to 20 digits/],
])('says in one line what is missing with %j %j', async (cliArguments, environment, said) => {
  const { status, stdout, stderr } = await invite(cliArguments, '', environment)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^CONFIG_INVALID: [^\n]+\n$/)
  expect(stderr).toMatch(said)
  expect(stderr).not.toContain('aGVsbG8')
})
