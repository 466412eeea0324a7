import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Problem, problemText } from '../../../src/config/problem.ts'
import { parseSettings, readSettingsFile } from '../../../src/config/read-settings-file.ts'
import { settingsSchema } from '../../../src/config/settings-schema.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function problemsOf(yaml: string): readonly Problem[] {
  const { settings, problems } = parseSettings(yaml, 'valley.yaml')
  expect(settings === null).toBe(problems.length > 0)
  for (const problem of problems) expect(problemText(problem)).not.toContain('\n')
  return problems
}

function settingsOf(yaml: string) {
  expect(problemsOf(yaml)).toEqual([])
  return parseSettings(yaml, 'valley.yaml').settings!
}

describe('the settings file', () => {
  it.each(['', '# only a comment', '---\n', 'limits:\ndiscord:\n  channels:\nchannels:\n  "slack:C1":\n'])(
    'that says nothing (%j) gives the defaults',
    (yaml) => {
      expect({ ...settingsOf(yaml), channels: {} }).toEqual(settingsSchema.parse({}))
    },
  )

  it('keeps every digit of an id, with and without quotes', () => {
    const { discord } = settingsOf('discord: { users: { allow: [1234567890123456789, "1234567890123456788", 7] } }')
    expect(discord.users.allow).toEqual(['1234567890123456789', '1234567890123456788', '7'])
    const { admins } = settingsOf('discord: { admins: { roles: [1234567890123456789] } }').discord
    expect(admins).toEqual({ users: [], roles: ['1234567890123456789'] })
  })

  it('holds settings of single channels', () => {
    const { channels } = settingsOf('channels:\n  "discord:12": { systemPrompt: Be brief., frames: 4 }\n  slack:C1: {}')
    expect(channels).toEqual({ 'discord:12': { systemPrompt: 'Be brief.', frames: 4 }, 'slack:C1': {} })
  })
})

describe('a problem in the settings file', () => {
  it('is told with its line, the value seen and what is allowed', () => {
    const [problem] = problemsOf('threads: 2\nlimits:\n  maxClipBytes: -5\n')
    expect(problem).toEqual({
      place: 'valley.yaml:3:17',
      key: 'limits.maxClipBytes',
      text: 'it is -5; allowed is a whole number from 1 to 1099511627776',
    })
  })

  it('is told together with all others, in the order of the file', () => {
    const problems = problemsOf('slack: 5\nthreads: 1.5\nlimits: { maxClipByte: 3 }\nlocale: xx\n')
    expect(problems.map(({ place, key }) => `${place} ${key}`)).toEqual([
      'valley.yaml:1:8 slack',
      'valley.yaml:2:10 threads',
      'valley.yaml:3:24 limits.maxClipByte',
      'valley.yaml:4:9 locale',
    ])
  })

  it.each([
    ['modelDirectry: a', 'did you mean modelDirectory?'],
    ['limits: { maxclipbytes: 1 }', 'did you mean limits.maxClipBytes?'],
    ['maxClipBytes: 1', 'did you mean limits.maxClipBytes?'],
    ['channels: { "slack:C1": { sistemPrompt: a } }', 'did you mean channels.slack:C1.systemPrompt?'],
    ['slack: { oauth: { whatever: 1 } }', 'known here are enabled, redirectUri'],
  ])('that is an unknown key (%s) names the nearest one that is known', (yaml, expected) => {
    expect(problemsOf(yaml).map(({ text }) => text)).toEqual([expect.stringContaining(expected)])
  })

  it.each([
    ['locale: fr', 'allowed is one of auto, en, es, zh'],
    ['discord: { enabled: perhaps }', 'allowed is true or false or auto'],
    ['slack: { port: 70000 }', 'allowed is a whole number from 0 to 65535'],
    ['slack: { command: valley }', 'allowed is a path that begins with /'],
    [
      'slack: { oauth: { redirectUri: "ftp://a" } }',
      'allowed is an address that begins with https:// or http:// or null',
    ],
    ['limits: { threadIdleHours: 0 }', 'allowed is a number above 0 up to 87600'],
    ['systemPrompt: ""', 'allowed is a text of 1 to 4000 characters or null'],
    ['discord: { roles: { allow: 5 } }', 'allowed is a list, each entry a text or a whole number'],
    ['- a list', 'allowed is a group of keys'],
    ['channels: { general: {} }', 'write e.g. "discord:1234567890"'],
  ])('in a value (%s) says what is allowed', (yaml, expected) => {
    expect(problemsOf(yaml).map(({ text }) => text)).toEqual([expect.stringContaining(expected)])
  })

  it.each(['discord: { token: abc }', 'slack: { signingSecret: abc }', 'password: abc'])(
    'that is a secret (%s) says where secrets belong, without showing it',
    (yaml) => {
      const [problem, ...others] = problemsOf(yaml).map(problemText)
      expect(others).toEqual([])
      expect(problem).toMatch(/secrets do not belong in this file; set DISCORD_TOKEN/)
      expect(problem).not.toContain('abc')
    },
  )

  it('never shows a token that stands in the wrong place', () => {
    const [problem] = problemsOf('logLevel: xoxb-1234-secretpart')
    expect(problem!.text).toMatch(/^it is "\[secret\]"; allowed is/)
  })

  it.each([
    ['a: [1\nb: 2', 2],
    ['threads: 1\nthreads: 2', 2],
    ['limits:\n\tthreads: 1', 2],
  ])('of the YAML itself (%j) is told with its line', (yaml, line) => {
    const [problem] = problemsOf(yaml)
    expect(problem!.place).toMatch(new RegExp(`^valley\\.yaml:${line}:\\d+$`))
    expect(problem!.text).toMatch(/^it is not YAML: .+; correct that line$/)
  })

  it('is a document that unfolds to more than was written', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [...pair])) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`)
    }
    expect(problemsOf(bomb.join('\n')).map(({ text }) => text)).toEqual([expect.stringContaining('without aliases')])
  })

  it('is a file that is too large, missing or a folder', () => {
    expect(problemsOf('#'.repeat(2_000_000))[0]!.text).toContain('at most 1048576')
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'valley.yaml'))
    for (const [name, seen] of [
      ['valley.yaml', 'EISDIR'],
      ['absent.yaml', 'ENOENT'],
    ]) {
      const { settings, problems } = readSettingsFile(join(folder, name!))
      expect(settings).toBeNull()
      expect(problems.map(({ text }) => text)).toEqual([expect.stringContaining(`cannot be read (${seen})`)])
    }
    writeFileSync(join(folder, 'right.yaml'), 'threads: 3')
    expect(readSettingsFile(join(folder, 'right.yaml')).settings).toMatchObject({ threads: 3 })
  })
})
