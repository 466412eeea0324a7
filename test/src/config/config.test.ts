import { writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Config, type ConfigSource, loadConfig, readConfig } from '../../../src/config/config.ts'
import type { Environment } from '../../../src/config/environment.ts'
import { settingsSchema } from '../../../src/config/settings-schema.ts'
import { AppError } from '../../../src/errors.ts'
import { DEFAULT_VIDEO_LIMITS } from '../../../src/video/limits.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** Settings by these variables and an empty file, so that nobody's own file is read. */
function load(environment: Environment, source: ConfigSource = {}): Config {
  return loadConfig({ environment: { VALLEY_CONFIG: devNull, ...environment }, ...source })
}

function fileOf(yaml: string): string {
  const file = join(temporaryFolder(), 'valley.yaml')
  writeFileSync(file, yaml)
  return file
}

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    const { code, message } = error as AppError
    expect(code).toBe('CONFIG_INVALID')
    expect(message).not.toContain('\n')
    return message
  }
  return expect.fail('it did not throw')
}

const NO_SECRETS = {
  DISCORD_TOKEN: null,
  SLACK_BOT_TOKEN: null,
  SLACK_APP_TOKEN: null,
  SLACK_SIGNING_SECRET: null,
  SLACK_CLIENT_ID: null,
  SLACK_CLIENT_SECRET: null,
  SLACK_STATE_SECRET: null,
  HF_TOKEN: null,
  VALLEY_GENERATOR_KEY: null,
  VALLEY_REDIS_URL: null,
  VALLEY_CLUSTER_KEY: null,
}

describe('settings', () => {
  it('have a default for everything', () => {
    const { discord, slack, ...others } = settingsSchema.parse({})
    expect(load({})).toEqual({
      ...others,
      configFile: devNull,
      modelsDirectory: resolve('models'),
      dataDirectory: resolve('data'),
      searchPath: null,
      hubEndpoint: 'https://huggingface.co',
      proxy: { https: null, http: null, none: null },
      discordShard: null,
      discord: { ...discord, enabled: false },
      slack: { ...slack, enabled: false },
      secrets: NO_SECRETS,
    })
  })

  it('have the limits for clips that the video room has', () => {
    const { maxClipBytes, maxDurationSeconds } = load({}).limits
    const { maxClipBytes: bytes, maxDurationSeconds: seconds } = DEFAULT_VIDEO_LIMITS
    expect({ maxClipBytes, maxDurationSeconds }).toEqual({ maxClipBytes: bytes, maxDurationSeconds: seconds })
  })

  it('take an empty variable as one that is not set', () => {
    expect(load({ VALLEY_THREADS: '', VALLEY_LOG_LEVEL: '', VALLEY_MODEL: '', DISCORD_TOKEN: '' })).toEqual(load({}))
  })

  it('take the proxies that the environment names, in lower case first', () => {
    const { proxy } = load({
      HTTPS_PROXY: 'http://a.test',
      https_proxy: 'http://b.test',
      no_proxy: 'c.test',
      HTTP_PROXY: '',
    })
    expect(proxy).toEqual({ https: 'http://b.test', http: null, none: 'c.test' })
  })

  it('read every variable, with paths made absolute', () => {
    const config = load({
      VALLEY_MODEL: './my-model',
      VALLEY_MODELS_DIR: 'elsewhere',
      VALLEY_DATA_DIR: 'kept',
      FFMPEG_PATH: process.execPath,
      FFPROBE_PATH: process.execPath,
      VALLEY_LOG_LEVEL: 'debug',
      PATH: '/usr/bin:.::bin:/bin',
      VALLEY_THREADS: '3',
    })
    expect(config).toMatchObject({
      modelDirectory: resolve('my-model'),
      modelsDirectory: resolve('elsewhere'),
      dataDirectory: resolve('kept'),
      ffmpegPath: process.execPath,
      ffprobePath: process.execPath,
      searchPath: '/usr/bin:/bin',
      logLevel: 'debug',
      threads: 3,
    })
  })

  it('come from the file that is named, with paths relative to the folder of Valley', () => {
    const file = fileOf('modelDirectory: packages/mine\ndataDirectory: kept\nlogLevel: info\nthreads: 5\n')
    const expected = {
      configFile: file,
      modelDirectory: resolve('packages/mine'),
      dataDirectory: resolve('kept'),
      logLevel: 'info',
      threads: 5,
    }
    expect(load({ VALLEY_CONFIG: file })).toMatchObject(expected)
    expect(load({}, { path: file })).toMatchObject(expected)
  })

  it('prefer variables to the file', () => {
    const environment = { VALLEY_THREADS: '2', VALLEY_LOG_LEVEL: 'error', VALLEY_MODEL: '/there' }
    const config = load(environment, { path: fileOf('threads: 5\nlogLevel: info\nmodelDirectory: /here\n') })
    expect(config).toMatchObject({ threads: 2, logLevel: 'error', modelDirectory: '/there' })
  })

  it('cannot be changed afterwards, however deep', () => {
    const config = load({}, { path: fileOf('channels: { "slack:C1": { frames: 2 } }') })
    for (const part of [
      config,
      config.limits,
      config.discord.users.allow,
      config.channels['slack:C1'],
      config.secrets,
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(() => Object.assign(config.limits, { maxClipBytes: 4 })).toThrow(TypeError)
  })

  it('that are wrong are all named at once, in one line, from file and environment', () => {
    const environment = { VALLEY_THREADS: '0', VALLEY_LOG_LEVEL: 'loud', FFMPEG_PATH: '/nowhere/ffmpeg' }
    const path = fileOf('limits:\n  maxClipBytes: many\nffprobePth: a\n')
    const message = messageOf(() => load(environment, { path }))
    for (const part of [
      'have 5 wrong values',
      'VALLEY_THREADS="0"',
      'VALLEY_LOG_LEVEL="loud": allowed are silent',
      'FFMPEG_PATH="/nowhere/ffmpeg"',
      'valley.yaml:2:17 limits.maxClipBytes: it is "many"',
      'did you mean ffprobePath?',
    ]) {
      expect(message).toContain(part)
    }
  })

  it('that are wrong do not hide what else is missing', () => {
    const path = fileOf('frmes: 3\nffmpegPath: /nowhere/ffmpeg\nslack: { mode: http }\n')
    const { problems } = readConfig({ path, environment: { SLACK_BOT_TOKEN: 'xoxb-1' }, withPlatforms: true })
    expect(problems.map(({ key }) => key)).toEqual(['frmes', 'ffmpegPath', 'SLACK_SIGNING_SECRET'])
  })

  it('of a platform that are wrong ask for no secret by guess', () => {
    const path = fileOf('slack: { mode: htp }\ndiscord: { enabled: true }\n')
    const { problems } = readConfig({ path, environment: { SLACK_BOT_TOKEN: 'xoxb-1' }, withPlatforms: true })
    expect(problems.map(({ key }) => key)).toEqual(['slack.mode', 'DISCORD_TOKEN'])
  })

  it('refuse programs that are not there and files that are not there', () => {
    expect(messageOf(() => load({}, { path: fileOf('ffmpegPath: /nowhere/ffmpeg') }))).toMatch(
      /ffmpegPath: .*no such file/,
    )
    expect(messageOf(() => load({ VALLEY_CONFIG: '/nowhere/valley.yaml' }))).toMatch(/cannot be read \(ENOENT\)/)
  })
})

describe('a platform', () => {
  const discord = { DISCORD_TOKEN: 'a.b.c' }
  const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }

  it.each([
    ['nothing is set', {}, '', { discord: false, slack: false }],
    ['its secret is set', discord, '', { discord: true, slack: false }],
    ['any of its secrets is set', { SLACK_SIGNING_SECRET: 'abc' }, '', { discord: false, slack: true }],
    ['both are set', { ...discord, ...slack }, '', { discord: true, slack: true }],
    ['the file says so', {}, 'discord: { enabled: true }', { discord: true, slack: false }],
    ['the file says no', discord, 'discord: { enabled: false }', { discord: false, slack: false }],
  ])('is decided when %s', (_, environment, yaml, expected) => {
    const config = load(environment, { path: fileOf(yaml) })
    expect({ discord: config.discord.enabled, slack: config.slack.enabled }).toEqual(expected)
  })

  it.each([
    ['discord: { enabled: true }', {}, ['DISCORD_TOKEN']],
    ['slack: { enabled: true }', {}, ['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN']],
    ['slack: { mode: http }', { SLACK_BOT_TOKEN: 'xoxb-1' }, ['SLACK_SIGNING_SECRET']],
    [
      'slack: { oauth: { enabled: true } }',
      { SLACK_APP_TOKEN: 'xapp-1' },
      ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET', 'SLACK_STATE_SECRET'],
    ],
    ['', { ...discord, ...slack }, []],
  ])('needs its secrets to start (%s), but other commands do without', (yaml, environment, missing) => {
    const source = { path: fileOf(yaml), environment }
    const { problems } = readConfig({ ...source, withPlatforms: true })
    expect(problems.map(({ key }) => key)).toEqual(missing)
    for (const { text } of problems) expect(text).toMatch(/^it is not set; .+/)
    expect(loadConfig(source)).toBeDefined()
  })

  it('tells secrets that were swapped, without showing them', () => {
    const swapped = { SLACK_BOT_TOKEN: 'xapp-hush', SLACK_APP_TOKEN: 'xoxb-hush', DISCORD_TOKEN: 'Bot hush' }
    const message = messageOf(() => load({ ...swapped, SLACK_STATE_SECRET: 'hush' }))
    expect(message).toMatch(/DISCORD_TOKEN: .*SLACK_BOT_TOKEN: .*xoxb-.*SLACK_APP_TOKEN: .*xapp-.*SLACK_STATE_SECRET: /)
    expect(message).not.toContain('hush')
  })
})

describe('the role', () => {
  const REDIS = { VALLEY_REDIS_URL: 'redis://127.0.0.1:6379', VALLEY_CLUSTER_KEY: 'x'.repeat(32) }

  it('is everything in one process unless the file, the environment or the command line say otherwise', () => {
    expect(load({}).role).toBe('all')
    expect(load({}, { path: fileOf('role: engine') }).role).toBe('engine')
    expect(load({ VALLEY_ROLE: 'bot' }, { path: fileOf('role: engine') }).role).toBe('bot')
    const environment = { ...REDIS, VALLEY_CONFIG: devNull, VALLEY_ROLE: 'bot' }
    expect(loadConfig({ environment, role: 'engine', withPlatforms: true }).role).toBe('engine')
  })

  it('of a bot or an engine needs Redis and a common secret to start', () => {
    const environment = { VALLEY_CONFIG: devNull, VALLEY_REDIS_URL: 'localhost', VALLEY_CLUSTER_KEY: 'short' }
    const start = () => loadConfig({ environment, role: 'engine', withPlatforms: true })
    expect(messageOf(start)).toMatch(/VALLEY_REDIS_URL: .*redis:.*VALLEY_CLUSTER_KEY: .*32 characters/)
    const bare = { VALLEY_CONFIG: devNull }
    expect(messageOf(() => loadConfig({ environment: bare, role: 'bot', withPlatforms: true }))).toMatch(
      /VALLEY_REDIS_URL: it is not set.*VALLEY_CLUSTER_KEY: it is not set/,
    )
  })

  it('of a bot reports on the platform that is watched, and only a bot has processes for shards', () => {
    const watch = '[{ channelId: "discord:1", reportTo: "slack:T1:C1" }]'
    const path = fileOf(`discord: { shards: auto }\nmoderation: { rulesFile: rules.yaml, watch: ${watch} }`)
    const start = (role: 'all' | 'bot') =>
      messageOf(() => loadConfig({ environment: REDIS, path, role, withPlatforms: true }))
    expect(start('all')).toMatch(/discord\.shards.*--role bot/)
    expect(start('bot')).toMatch(/moderation\.watch.*discord:1 would be reported to slack:T1:C1/)
  })

  it('of a shard serves Discord alone, on a monitoring port of its own', () => {
    const path = fileOf('role: bot\nmonitoring: { port: 9464 }')
    const tokens = { DISCORD_TOKEN: 'a.b.c', SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }
    const environment = { ...REDIS, ...tokens, SHARDING_MANAGER: 'true', SHARDS: '3', SHARD_COUNT: '4' }
    const { discord, slack, monitoring, discordShard } = loadConfig({ environment, path, withPlatforms: true })
    expect({ discord: discord.enabled, slack: slack.enabled, port: monitoring.port, discordShard }).toEqual({
      discord: true,
      slack: false,
      port: 9468,
      discordShard: 3,
    })
  })

  it('of an engine needs no secret of a platform', () => {
    const environment = { ...REDIS, VALLEY_CONFIG: devNull, SLACK_BOT_TOKEN: 'xoxb-1' }
    expect(loadConfig({ environment, role: 'engine', withPlatforms: true }).slack.enabled).toBe(true)
    expect(messageOf(() => loadConfig({ environment, role: 'bot', withPlatforms: true }))).toContain('SLACK_APP_TOKEN')
  })
})

it('secrets never print, but can be had', () => {
  const config = load({ DISCORD_TOKEN: 'plain-value', SLACK_CLIENT_SECRET: 'plain-value' })
  const { DISCORD_TOKEN: secret } = config.secrets
  expect(secret?.reveal()).toBe('plain-value')
  const printed = [
    `${secret}`,
    String(secret),
    `${[secret]}`,
    JSON.stringify(config),
    inspect(config, { depth: 9, showHidden: true, getters: true }),
    inspect(secret, { customInspect: false, showHidden: true }),
    JSON.stringify(Object.entries(secret!)),
    JSON.stringify(structuredClone({ ...secret })),
  ]
  for (const text of printed) expect(text).not.toContain('plain-value')
  expect(printed[0]).toBe('[secret]')
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
})
