import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeStatus } from '../../../src/commands/status.ts'
import { Metrics } from '../../../src/monitoring/metrics.ts'
import { openMonitoring } from '../../../src/monitoring/monitoring-server.ts'
import { ProgramState } from '../../../src/monitoring/program-state.ts'
import { runCli } from '../../helpers/run-cli.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function status(settings: object, ...options: string[]) {
  const folder = temporaryFolder()
  const file = join(folder, 'valley.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
  return runCli({
    cliArguments: ['status', ...options],
    temporaryFolder: folder,
    environment: { VALLEY_CONFIG: file },
  })
}

async function openPort() {
  const platforms = [{ platform: 'discord', isConnected: () => true }]
  const state = new ProgramState({ version: '1.2.3', model: 'stickers', platforms })
  const server = await openMonitoring({ host: '127.0.0.1', port: 0, state, metrics: new Metrics(state) })
  onTestFinished(() => server.close())
  return { state, port: server.port }
}

describe('valley status', () => {
  it('tells how the Valley that runs stands', async () => {
    const { state, port } = await openPort()
    state.serving(
      () => ({ running: 1, waiting: 3 }),
      () => 'webgpu',
    )
    const { status: exit, stdout, stderr } = await status({ monitoring: { port } })
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(/^Valley 1\.2\.3 takes questions; up for \d+ s\.$/m)
    expect(stdout).toContain('Platforms: discord connected.')
    expect(stdout).toContain('Questions: 1 running, 3 waiting.')
    expect(stdout).toMatch(/^Model stickers on webgpu; [\d.]+ [MG]B of memory\.$/m)
  })

  it('prints the same as JSON and ends with 1 while no questions are taken', async () => {
    const { port } = await openPort()
    const { status: exit, stdout } = await status({ monitoring: { port } }, '--json')
    expect(exit).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ phase: 'starting', platforms: { discord: true } })
  })

  it('says that nobody answers', async () => {
    // Taken on one address of this machine, so that nobody else takes it on the other.
    const { port } = await openPort()
    const { status: exit, stdout } = await status({ monitoring: { host: '127.0.0.2', port } })
    expect(exit).toBe(1)
    expect(stdout).toMatch(/^Nobody answers at http:\/\/127\.0\.0\.2:\d+\/status/)
  })

  it('says which setting is missing', async () => {
    const { status: exit, stderr } = await status({})
    expect(exit).toBe(2)
    expect(stderr).toMatch(/^CONFIG_INVALID: monitoring\.port is null[^\n]*9464[^\n]*\n$/)
  })

  it('names a platform that is not connected', () => {
    const lines = describeStatus({
      version: '1',
      model: 'm',
      device: null,
      phase: 'unconnected',
      uptimeSeconds: 7,
      platforms: { discord: true, slack: false },
      questions: { running: 0, waiting: 0 },
      cluster: { engines: 3, running: 4, waiting: 12, takenOver: 0 },
      residentBytes: 1024,
    })
    expect(lines).toContain('Engines: 3; of all bots 4 questions running, 12 waiting.')
    expect(lines[0]).toBe('Valley 1 runs, but a platform is not connected; up for 7 s.')
    expect(lines[1]).toBe('Platforms: discord connected, slack not connected.')
  })
})
