import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestFolder } from '../../helpers/make-clips.ts'
import { type CliEnd, runCli } from '../../helpers/run-cli.ts'
import { PROJECT_ROOT } from '../../helpers/source-files.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')

beforeAll(() => {
  mkdirSync(temporaryFolder)
})
afterAll(removeFolder)

function config(cliArguments: string[], environment: Record<string, string> = {}): Promise<CliEnd> {
  return runCli({ cliArguments: ['config', ...cliArguments], temporaryFolder, environment, workingFolder: folder })
}

function write(name: string, yaml: string): string {
  writeFileSync(join(folder, name), yaml)
  return name
}

describe('valley config check', () => {
  it('says what the settings come to', async () => {
    const file = write('right.yaml', 'dataDirectory: /kept\nslack: { mode: http }\n')
    const environment = { SLACK_BOT_TOKEN: 'xoxb-hush', SLACK_SIGNING_SECRET: 'hush-hush', VALLEY_DATA_DIR: '' }
    const { status, stdout, stderr } = await config(['check', file], environment)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `${join(folder, file)} is in order.`,
      'Discord is off, Slack is on (http).',
      'Secrets in the environment: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET.',
      'What outlives the program is kept in /kept.',
      '',
    ])
  })

  it('reads the moderation rules too, and says what is to be calibrated again', async () => {
    const file = write('moderated.yaml', `moderation: { rulesFile: ${join(folder, 'rules.yaml')} }`)
    write(
      'rules.yaml',
      'rules:\n  - { name: arms, category: weapons, calibration: { model: m, slope: 1, offset: 0, measuredWith: "0123456789ab" } }\n',
    )
    const { status, stdout } = await config(['check', file])
    expect(status).toBe(0)
    expect(stdout).toMatch(/\nCalibration of the moderation rules: not used for arms: .*\. Calibrate again: [^\n]+\n$/)
    write('rules.yaml', 'rules: []\n')
    const wrong = await config(['check', file])
    expect(wrong.status).toBe(2)
    expect(wrong.stdout).toContain('The rules have 1 wrong value.')
  })

  it('tells every problem in a line of its own and ends with status 2', async () => {
    const file = write('wrong.yaml', 'frmes: 3\nlocale: xx\nslack: { enabled: true, signingSecret: hush }\n')
    const { status, stdout, stderr } = await config(['check', file], { VALLEY_THREADS: 'many' })
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/^wrong\.yaml:1:8 frmes: .*did you mean frames\?$/),
      expect.stringMatching(/^wrong\.yaml:2:9 locale: it is "xx"; allowed is one of auto, en/),
      expect.stringMatching(/^wrong\.yaml:3:\d+ slack\.signingSecret: secrets do not belong/),
      expect.stringMatching(/^VALLEY_THREADS="many": allowed are whole numbers/),
    ])
    expect(stdout).not.toContain('hush')
  })

  it('names the secrets that what is switched on still needs', async () => {
    const { status, stdout } = await config(['check', write('on.yaml', 'discord: { enabled: true }')])
    expect(status).toBe(2)
    expect(stdout).toMatch(/^DISCORD_TOKEN: it is not set; [^\n]+\n$/)
  })

  it('reads the file that VALLEY_CONFIG names, and says when it is not there', async () => {
    const { stdout } = await config(['check'], { VALLEY_CONFIG: write('named.yaml', '') })
    expect(stdout).toContain('named.yaml is in order.')
    const absent = await config(['check'], { VALLEY_CONFIG: 'absent.yaml' })
    expect(absent.status).toBe(2)
    expect(absent.stdout).toMatch(/^absent\.yaml: it cannot be read \(ENOENT\)[^\n]+\n$/)
  })
})

it('other commands stop at wrong settings with one line', async () => {
  const environment = { VALLEY_CONFIG: write('other.yaml', 'threads: 0\nnothing: 1\n') }
  const { status, stdout, stderr } = await runCli({
    cliArguments: ['model', 'list'],
    temporaryFolder,
    environment,
    workingFolder: folder,
  })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^CONFIG_INVALID: The settings have 2 wrong values\. other\.yaml:1:10 threads: [^\n]+\n$/)
})

it.each([
  ['example', 'config/valley.example.yaml'],
  ['schema', 'config/valley.schema.json'],
])('valley config %s prints the committed file', async (command, path) => {
  const { status, stdout } = await config([command])
  expect(status).toBe(0)
  expect(stdout).toBe(readFileSync(join(PROJECT_ROOT, path), 'utf8'))
})
