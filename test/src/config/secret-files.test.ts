// Secrets in files of their own.
import { chmodSync, writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config/config.ts'
import { forgetSecrets } from '../../../src/config/secret-files.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function read(environment: Record<string, string>) {
  const { config, problems } = readConfig({ environment: { VALLEY_CONFIG: devNull, ...environment } })
  return {
    token: config?.secrets.DISCORD_TOKEN?.reveal(),
    problems: problems.map(({ key, text }) => `${key}: ${text}`),
  }
}

/** A file with a token, for its owner alone unless a mode is given. */
function fileOf(content: string, mode = 0o600): string {
  const file = join(temporaryFolder(), 'token')
  writeFileSync(file, content)
  chmodSync(file, mode)
  return file
}

describe('a secret in a file', () => {
  it.each(['hush-hush', 'hush-hush\n', 'hush-hush\r\n'])('is read without the line end after it (%j)', (content) => {
    expect(read({ DISCORD_TOKEN_FILE: fileOf(content) })).toEqual({ token: 'hush-hush', problems: [] })
  })

  it.each([0o640, 0o604, 0o644, 0o620])('is refused where others may touch it (%o)', (mode) => {
    const { token, problems } = read({ DISCORD_TOKEN_FILE: fileOf('hush-hush', mode) })
    expect(token).toBeUndefined()
    expect(problems).toEqual([expect.stringMatching(/^DISCORD_TOKEN_FILE: .*mode 6\d\d; .*chmod 600 /)])
    expect(problems.join()).not.toContain('hush')
  })

  it.each([
    ['is not there', { DISCORD_TOKEN_FILE: '/nowhere/token' }, /DISCORD_TOKEN_FILE: .*ENOENT/],
    ['is empty', { DISCORD_TOKEN_FILE: 'empty' }, /DISCORD_TOKEN_FILE: .*is empty/],
    ['is huge', { DISCORD_TOKEN_FILE: 'huge' }, /DISCORD_TOKEN_FILE: .*has 70000 bytes; allowed are 65536/],
    ['stands in its variable too', { DISCORD_TOKEN_FILE: 'good', DISCORD_TOKEN: 'x' }, /DISCORD_TOKEN is set as well/],
    ['does not look like one', { DISCORD_TOKEN_FILE: 'blank' }, /^DISCORD_TOKEN: it holds a blank/],
  ])('that %s is named', (_, environment, problem) => {
    const contents: Record<string, string> = { empty: '\n', huge: 'x'.repeat(70_000), good: 'hush', blank: 'Bot hush' }
    const content = contents[environment.DISCORD_TOKEN_FILE]
    const file = content === undefined ? environment.DISCORD_TOKEN_FILE : fileOf(content)
    const { problems } = read({ ...environment, DISCORD_TOKEN_FILE: file })
    expect(problems).toEqual([expect.stringMatching(problem)])
    expect(problems.join()).not.toContain('hush')
  })

  it('switches its platform on, as its variable does', () => {
    const { config } = readConfig({ environment: { VALLEY_CONFIG: devNull, DISCORD_TOKEN_FILE: fileOf('hush') } })
    expect(config?.discord.enabled).toBe(true)
  })
})

it('secrets leave the environment once they are read', () => {
  const environment = { DISCORD_TOKEN: 'hush', PATH: '/bin' }
  forgetSecrets(['DISCORD_TOKEN', 'HF_TOKEN'], environment)
  expect(environment).toEqual({ PATH: '/bin' })
})
