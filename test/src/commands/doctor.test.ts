import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canAsk } from '../../../src/commands/doctor.ts'
import { checkNode, type Finding } from '../../../src/commands/doctor-checks.ts'
import { newThread } from '../../../src/conversation/thread.ts'
import { createLogger } from '../../../src/logger.ts'
import { openStorage } from '../../../src/storage/storage.ts'
import { openDiscordDouble } from '../../doubles/discord/discord-double.ts'
import { makeTestFolder } from '../../helpers/make-clips.ts'
import { type CliEnd, leftBehind, runCli } from '../../helpers/run-cli.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const temporaryFolder = join(folder, 'tmp')
const models = join(folder, 'models')

beforeAll(async () => {
  mkdirSync(temporaryFolder)
  cpSync(await buildTinyPackage('mean'), join(models, 'right'), { recursive: true })
})
afterAll(removeFolder)

function doctor(environment: Record<string, string> = {}): Promise<CliEnd> {
  return runCli({
    cliArguments: ['doctor'],
    temporaryFolder,
    environment: { VALLEY_MODELS_DIR: models, ...environment },
  })
}

/** The line about a matter. */
function lineAbout(matter: string, { stdout }: CliEnd): string {
  return stdout.split('\n').find((line) => line.slice(9).startsWith(`${matter}:`)) ?? ''
}

describe('valley doctor', () => {
  it('finds everything in order where everything is there', async () => {
    const end = await doctor()
    expect(end).toMatchObject({ status: 0, stderr: '' })
    for (const matter of ['Node', 'settings', 'ffmpeg', 'provider cpu', 'model right', 'memory for model right']) {
      expect(lineAbout(matter, end)).toMatch(/^ok /)
    }
    expect(leftBehind(temporaryFolder)).toEqual([])
  })

  it('names what is missing and what to do, and ends with status 1', async () => {
    const end = await doctor({ PATH: folder, VALLEY_MODELS_DIR: join(folder, 'nothing') })
    expect(end.status).toBe(1)
    expect(lineAbout('ffmpeg', end)).toMatch(/^problem {2}ffmpeg: TOOL_MISSING: .+ -> .*Install it/)
    expect(lineAbout('model packages', end)).toMatch(/^problem .+ -> Get one with "valley model pull"/)
  })

  it('reads the moderation rules where there are any, and needs none', async () => {
    const [rules, settings] = [join(folder, 'rules.yaml'), join(folder, 'moderated.yaml')]
    writeFileSync(settings, JSON.stringify({ moderation: { rulesFile: rules } }))
    const missing = await doctor({ VALLEY_CONFIG: settings })
    expect(missing.status).toBe(0)
    expect(lineAbout('moderation', missing)).toMatch(/^problem {2}moderation: POLICY_INVALID: .*ENOENT.* -> /)
    writeFileSync(rules, 'rules:\n  - { name: flashes, category: flashing-light }\n')
    expect(lineAbout('moderation', await doctor({ VALLEY_CONFIG: settings }))).toMatch(
      /^ok .*1 rule, version [0-9a-f]{12}$/,
    )
    const calibrated = (key: string) =>
      writeFileSync(
        rules,
        `rules:\n  - { name: arms, category: weapons, calibration: { model: m, slope: 1, offset: 0${key} } }\n`,
      )
    calibrated(', measuredWith: "0123456789ab"')
    const stale = await doctor({ VALLEY_CONFIG: settings })
    expect(lineAbout('calibration', stale)).toMatch(
      /^problem {2}calibration: not used for arms: .* -> Calibrate again: /,
    )
    expect(stale.status).toBe(0)
    calibrated('')
    expect(lineAbout('calibration', await doctor({ VALLEY_CONFIG: settings }))).toMatch(
      /^off {6}calibration: used for arms without being known to fit: .* -> Calibrate again: /,
    )
  })

  it('needs only one model to be in order, but names the one that is not', async () => {
    cpSync(join(models, 'right'), join(models, 'wrong'), { recursive: true })
    appendFileSync(join(models, 'wrong', 'weights.data'), 'more')
    const end = await doctor()
    expect(end.status).toBe(0)
    expect(lineAbout('model wrong', end)).toMatch(/^problem {2}model wrong: PACKAGE_CORRUPT: .+ -> .+/)
    expect(lineAbout('default model', end)).toMatch(/^off .+ -> Set VALLEY_MODEL\.$/)
    const chosen = await doctor({ VALLEY_MODEL: 'wrong' })
    expect(chosen.status).toBe(1)
  })

  it('looks at what "npm start" needs without asking for it', async () => {
    const data = join(folder, 'data')
    const empty = await doctor({ VALLEY_DATA_DIR: data })
    expect(lineAbout('data directory', empty)).toMatch(/^ok .*nothing kept yet/)
    expect(lineAbout('platform discord', empty)).toMatch(/^off /)
    // Looking makes nothing.
    expect(existsSync(data)).toBe(false)

    const storage = await openStorage({
      dataDirectory: data,
      threadIdleMs: 1e9,
      maxThreads: 10,
      logger: createLogger('silent'),
    })
    await storage.threads.save(newThread('a', 'b'))
    await storage.close()
    const used = await doctor({ VALLEY_DATA_DIR: data })
    expect(used.status).toBe(0)
    expect(lineAbout('data directory', used)).toMatch(/^ok .*1 thread in .* sound/)

    chmodSync(join(data, 'valley.db'), 0o644)
    expect(lineAbout('data directory', await doctor({ VALLEY_DATA_DIR: data }))).toMatch(/^problem .* -> .*chmod 600/)
    chmodSync(join(data, 'valley.db'), 0o600)
    writeFileSync(join(data, 'valley.db'), 'no database'.repeat(500))
    const damaged = await doctor({ VALLEY_DATA_DIR: data })
    expect(damaged.status).toBe(0)
    expect(lineAbout('data directory', damaged)).toMatch(/^problem .*STORAGE_FAILED: .*not a database\. -> Restore it/)
  })

  it('asks the platforms that are on, and a problem there does not keep anybody from asking', async () => {
    const discord = await openDiscordDouble({ privileged: { messageContent: false } })
    try {
      const file = join(folder, 'valley.yaml')
      writeFileSync(file, JSON.stringify({ discord: { apiUrl: discord.rest.api, messageContent: true } }))
      const environment = { VALLEY_CONFIG: file, DISCORD_TOKEN: discord.token, SLACK_APP_TOKEN: 'xapp-hush' }
      const end = await doctor({ ...environment, VALLEY_DATA_DIR: join(folder, 'nothing'), VALLEY_MODEL: 'right' })
      expect(end).toMatchObject({ status: 0, stderr: '' })
      expect(lineAbout('discord token', end)).toMatch(/^ok .*is of the bot valley/)
      expect(lineAbout('discord message content', end)).toMatch(/^problem .* -> Switch on the message content intent/)
      expect(lineAbout('platform slack', end)).toMatch(/^problem .*SLACK_BOT_TOKEN is missing -> .*bot user token/)
      expect(end.stdout).not.toMatch(/hush|of-a-bot-token/)
    } finally {
      await discord.close()
    }
  })

  it('shows wrong settings as a finding', async () => {
    const end = await doctor({ VALLEY_THREADS: 'many' })
    expect(end).toMatchObject({ status: 1, stderr: '' })
    expect(lineAbout('settings', end)).toMatch(/^problem .*VALLEY_THREADS="many".* -> Correct or unset/)
  })
})

it('knows which versions of Node are old', () => {
  const states = ['18.20.4', '20.17.9', '20.18.0', '22.0.0'].map((version) => checkNode(version).state)
  expect(states).toEqual(['problem', 'problem', 'ok', 'ok'])
})

it('can ask when nothing that is needed is a problem', () => {
  const fine: Finding = { state: 'ok', matter: 'ffmpeg', seen: '', needed: true }
  const full: Finding = { state: 'problem', matter: 'memory for model a', seen: '', remedy: '', needed: false }
  expect(canAsk([fine, full])).toBe(true)
  expect(canAsk([fine, { ...full, needed: true }])).toBe(false)
})
