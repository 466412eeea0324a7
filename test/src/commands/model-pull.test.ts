// `valley model pull` from the hub's double to a package that answers as transformers does.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs'
import { devNull, hostname } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { agreeToLicence } from '../../../src/commands/agree-to-licence.ts'
import { registerModel } from '../../../src/commands/model.ts'
import { readPackage } from '../../../src/model-package/open-package.ts'
import { checkpointRepository, filesOf } from '../../doubles/hub/checkpoint-repository.ts'
import type { ListedEntry } from '../../doubles/hub/faults.ts'
import {
  commitOf,
  type HubDouble,
  type HubRepository,
  type Origins,
  startHub,
  startHubAs,
} from '../../doubles/hub/hub-double.ts'
import { splitWeights } from '../../doubles/hub/split-weights.ts'
import { CERTIFICATE_FILE, startProxy } from '../../doubles/proxy/proxy-double.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { type CliEnd, runCli } from '../../helpers/run-cli.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { makeTransformersJsCheckpoint } from '../../helpers/transformers-js-checkpoint.ts'

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url))
const SECOND_SHARD = 'model-00002-of-00002.safetensors'

interface Stage {
  readonly hub: HubDouble
  readonly models: string
  readonly environment: Readonly<Record<string, string>>
  /** Folder of what was downloaded. */
  readonly downloads: string
  pull(...options: string[]): Promise<CliEnd>
}

async function stage(more: Parameters<typeof checkpointRepository>[1] = {}): Promise<Stage> {
  const whole = checkpointRepository(familyCheckpoint('llava-interleave'), more)
  const repository: HubRepository = { ...whole, files: splitWeights(whole.files) }
  const hub = await startHub(repository)
  const models = join(temporaryFolder(), 'models')
  const environment = { VALLEY_MODELS_DIR: models, HF_ENDPOINT: hub.url, VALLEY_CONFIG: devNull }
  return {
    hub,
    models,
    environment,
    downloads: join(models, '.downloads', 'someone--a-model', commitOf(repository), 'a-model'),
    pull: (...options) => runCommand(registerModel, ['model', 'pull', 'someone/a-model', ...options], environment),
  }
}

it('downloads a model, builds and verifies its package, and says how to use it', async () => {
  const { hub, models, pull } = await stage()
  const { status, stdout, stderr } = await pull('--precision', 'fp32')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^someone\/a-model at [0-9a-f]{7}: \d+ files, \d+ kB to download, licence apache-2\.0$/)
  expect(lines[1]).toMatch(/^Against the checkpoint in fp32: .*cosine/)
  expect(lines[2]).toMatch(/^Built a-model \(fp32\) in .*a-model$/)
  expect(lines[3]).toMatch(/^a-model is in order: \d+ files, \d+ kB, hashes right, 4 graphs run$/)
  expect(stdout).toContain('VALLEY_MODEL=a-model npm start')
  expect(stdout).toContain('modelDirectory: a-model')

  const { manifest } = await readPackage(join(models, 'a-model'))
  expect(manifest).toMatchObject({ name: 'a-model', precision: 'fp32', licence: 'apache-2.0' })
  expect(manifest.source.repository).toBe('someone/a-model')
  expect(manifest.source.revision).toMatch(/^[0-9a-f]{40}$/)
  // What was downloaded is gone; the package is all that is left.
  expect(readdirSync(models).filter((name) => name !== '.downloads')).toEqual(['a-model'])
  expect(existsSync(join(models, '.downloads', 'someone--a-model'))).toBe(false)

  const before = hub.storageRequests(SECOND_SHARD).length
  const again = await pull('--precision', 'fp32')
  expect(again.status).toBe(0)
  expect(again.stdout).toMatch(/^a-model \(fp32\) is in .*a-model already, from the same commit\.\n/)
  expect(hub.storageRequests(SECOND_SHARD)).toHaveLength(before)

  // As a pull leaves it that was killed just as its package was to take this one's place.
  const owner = `${hostname().replaceAll(/[^a-z0-9]/gi, '_')}-999999999-0123456789ab`
  renameSync(join(models, 'a-model'), join(models, `.a-model.replaced-${owner}`))
  mkdirSync(join(models, `.a-model.building-${owner}`))
  expect((await pull('--precision', 'fp32')).stdout).toBe(again.stdout)
  expect(readdirSync(models).filter((name) => name !== '.downloads')).toEqual(['a-model'])
})

/** Pulls over https through a proxy, from a hub and a storage of these names. */
async function pullBehindProxy(names: Origins, scheme: 'http' | 'https') {
  const hub = await startHubAs(names, checkpointRepository(familyCheckpoint('llava-interleave')))
  const proxy = await startProxy(
    { 'hub.test': hub.url, 'storage.test': hub.storageUrl },
    {
      wants: 'me:secret',
      isSecure: scheme === 'https',
    },
  )
  const address = `${scheme}://me:secret@${proxy.place}`
  const end = await runCli({
    cliArguments: ['model', 'pull', 'someone/a-model', '--precision', 'fp32', '--no-measure'],
    temporaryFolder: temporaryFolder(),
    environment: {
      VALLEY_MODELS_DIR: join(temporaryFolder(), 'models'),
      HF_ENDPOINT: names.hub,
      HF_TOKEN: 'hf_hushhushhush',
      HTTPS_PROXY: address,
      HTTP_PROXY: address,
      NODE_EXTRA_CA_CERTS: CERTIFICATE_FILE,
    },
  })
  return { hub, proxy, end }
}

it('pulls through the proxy that the environment names, which sees hosts and nothing else', async () => {
  const { hub, proxy, end } = await pullBehindProxy(
    { hub: 'https://hub.test', storage: 'https://storage.test' },
    'http',
  )
  expect(end).toMatchObject({ status: 0, stderr: '' })
  expect(end.stdout).toContain('a-model is in order')
  expect(new Set(proxy.seen.map(({ method, target }) => `${method} ${target}`))).toEqual(
    new Set(['CONNECT hub.test:443', 'CONNECT storage.test:443']),
  )
  expect(JSON.stringify(proxy.seen)).not.toContain('hush')
  const sent = (host: string) => hub.requests.filter((one) => one.host === host).map((one) => one.authorization)
  expect(new Set(sent('hub'))).toEqual(new Set(['Bearer hf_hushhushhush']))
  expect(new Set(sent('storage'))).toEqual(new Set([undefined]))
})

it('does not follow a redirect that leaves https, through a proxy that is spoken to over https', async () => {
  const { hub, end } = await pullBehindProxy({ hub: 'https://hub.test', storage: 'http://storage.test' }, 'https')
  expect(end.status).toBe(1)
  expect(end.stderr).toMatch(/HUB_UNREACHABLE: "hub\.test" redirects to http, and only https is allowed/)
  expect(hub.requests.some(({ host }) => host === 'storage')).toBe(false)
})

it('keeps what was downloaded where that is wanted, and builds another precision from it', async () => {
  const { hub, models, pull } = await stage()
  expect((await pull('--keep-checkpoint', '--no-measure')).stdout).toContain('a-model (int8)')
  const before = hub.storageRequests(SECOND_SHARD).length
  expect((await pull('--precision', 'int4', '--allow-loss')).stdout).toMatch(/, 0 B to download, /)
  expect(hub.storageRequests(SECOND_SHARD)).toHaveLength(before)
  expect((await readPackage(join(models, 'a-model'))).manifest.precision).toBe('int4')
})

it('goes on in the middle of a shard after the program was killed there', async () => {
  const { hub, environment, downloads, pull } = await stage()
  hub.fail(`storage:${SECOND_SHARD}`, { silentAfterBytes: 20_000 })
  const home = temporaryFolder()
  const first = await runCli({
    cliArguments: ['model', 'pull', 'someone/a-model', '--precision', 'fp32'],
    temporaryFolder: home,
    environment,
    onStart: (child) => {
      // As soon as the bytes that will ever come are on the disk.
      const look = setInterval(() => {
        const part = statSync(join(downloads, `${SECOND_SHARD}.part`), { throwIfNoEntry: false })
        if (part?.size === 20_000) child.kill('SIGKILL')
      }, 20)
      child.once('close', () => clearInterval(look))
    },
  })
  expect(first.status).toBeNull()

  const second = await pull('--precision', 'fp32')
  expect(second).toMatchObject({ status: 0, stderr: '' })
  expect(hub.storageRequests(SECOND_SHARD).map(({ range }) => range)).toEqual([undefined, 'bytes=20000-'])
})

it('says at Ctrl-C that it can go on', async () => {
  const { hub, environment, downloads } = await stage()
  hub.fail(`storage:${SECOND_SHARD}`, { silentAfterBytes: 20_000 })
  const home = temporaryFolder()
  const end = await runCli({
    cliArguments: ['model', 'pull', 'someone/a-model'],
    temporaryFolder: home,
    environment,
    onStart: (child) => {
      const look = setInterval(() => {
        if (!existsSync(join(downloads, `${SECOND_SHARD}.part`))) return
        clearInterval(look)
        child.kill('SIGINT')
      }, 20)
      child.once('close', () => clearInterval(look))
    },
  })
  expect(end).toMatchObject({ status: 130, stderr: 'Stopped. The same command goes on where it stopped.\n' })
})

it('says that a file came wrong, and a second run finishes what the first began', async () => {
  const { hub, models, pull } = await stage()
  const wrong = Buffer.alloc(statSync(join(familyCheckpoint('llava-interleave'), 'model.safetensors')).size)
  hub.fail(`storage:${SECOND_SHARD}`, { content: wrong })
  const first = await pull('--precision', 'fp32')
  expect(first).toMatchObject({ status: 1 })
  expect(first.stderr).toMatch(/^DOWNLOAD_CORRUPT: [^\n]*model-00002-of-00002\.safetensors[^\n]*\n$/)
  expect(existsSync(join(models, 'a-model'))).toBe(false)
  expect((await pull('--precision', 'fp32')).status).toBe(0)
  // The first shard was right the first time.
  expect(hub.storageRequests('model-00001-of-00002.safetensors')).toHaveLength(1)
})

it('says that a disk filled up, keeps what came, and a second run goes on', async () => {
  const { hub, environment, downloads, pull } = await stage()
  // No file of this process may grow beyond 32 blocks of 512 bytes: a real failure of a real write.
  const script = 'trap "" XFSZ; ulimit -f 32; exec "$@"'
  const tsx = import.meta.resolve('tsx')
  const command = [process.execPath, '--import', tsx, CLI, 'model', 'pull', 'someone/a-model', '--precision', 'fp32']
  const home = temporaryFolder()
  const child = spawn('sh', ['-c', script, 'sh', ...command], {
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, TSX_DISABLE_CACHE: '1', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
  expect(stderr).toMatch(/^DISK_FULL: [^\n]*\(EFBIG\)[^\n]*VALLEY_MODELS_DIR[^\n]*goes on where it stopped\.\n$/)
  const part = join(downloads, 'model-00001-of-00002.safetensors.part')
  expect(statSync(part).size).toBe(32 * 512)
  expect((await pull('--precision', 'fp32')).status).toBe(0)
  expect(hub.storageRequests('model-00001-of-00002.safetensors').at(-1)!.range).toBe(`bytes=${32 * 512}-`)
})

it('asks for room on the disk before it asks for weights', async () => {
  const { hub, pull } = await stage()
  const huge = (entries: readonly ListedEntry[]) =>
    entries.map((one) => (one.lfs === undefined ? one : { ...one, lfs: { ...one.lfs, size: 10 ** 15 } }))
  const commit = commitOf({
    ...checkpointRepository(familyCheckpoint('llava-interleave')),
    files: splitWeights(filesOf(familyCheckpoint('llava-interleave'))),
  })
  hub.fail(`hub:tree/${commit}`, { listing: huge }, 9)
  const { status, stderr } = await pull()
  expect(status).toBe(1)
  expect(stderr).toMatch(/^DISK_FULL: The download \(\d+ TB\) and the int4 package of someone\/a-model need [^\n]+\n$/)
  expect(hub.requests.filter(({ host }) => host === 'storage')).toEqual([])
})

it('takes the graphs of a repository without weights, and those of one with both where that is asked for', async () => {
  const source = makeTransformersJsCheckpoint('llava-interleave', join(temporaryFolder(), 'source'))
  const hub = await startHub(checkpointRepository(source))
  const models = temporaryFolder()
  const environment = { VALLEY_MODELS_DIR: models, HF_ENDPOINT: hub.url, VALLEY_CONFIG: devNull }
  const end = await runCommand(registerModel, ['model', 'pull', 'someone/a-model', '--precision', 'fp32'], environment)
  expect(end).toMatchObject({ status: 0, stderr: '' })
  expect(end.stdout).toContain('a-model is in order')
  expect(hub.storageRequests('onnx/decoder_model_merged.onnx_data')).toHaveLength(1)
  const { manifest } = await readPackage(join(models, 'a-model'))
  expect(manifest.source.repository).toBe('someone/a-model')

  const both = await stage({ extraFiles: filesOf(source).filter(({ path }) => path.startsWith('onnx/')) })
  expect((await both.pull('--onnx', '--precision', 'fp32')).status).toBe(0)
  expect(both.hub.storageRequests(SECOND_SHARD)).toEqual([])
  const neither = await stage()
  expect((await neither.pull('--onnx')).stderr).toMatch(/^CHECKPOINT_UNSUPPORTED: [^\n]*no graphs[^\n]*\n$/)
})

it('tells by config.json alone that a model cannot be built', async () => {
  const content = Buffer.from(JSON.stringify({ architectures: ['Qwen3VLForConditionalGeneration'] }))
  const hub = await startHub({
    name: 'someone/a-model',
    cardData: { license: 'mit' },
    files: [{ path: 'config.json', content }],
  })
  const environment = { VALLEY_MODELS_DIR: temporaryFolder(), HF_ENDPOINT: hub.url, VALLEY_CONFIG: devNull }
  const end = await runCommand(registerModel, ['model', 'pull', 'someone/a-model'], environment)
  expect(end.status).toBe(1)
  expect(end.stderr).toMatch(/^CHECKPOINT_UNSUPPORTED: [^\n]*Qwen3VLForConditionalGeneration[^\n]*\n$/)
})

it('tells by its name that a model is a delta, before the weights come', async () => {
  const content = Buffer.from(JSON.stringify({ architectures: ['ValleyLlamaForCausalLM'] }))
  const files = [{ path: 'config.json', content }]
  const hub = await startHub({ name: 'someone/valley-13b-v1-delta', cardData: { license: 'mit' }, files })
  const environment = { VALLEY_MODELS_DIR: temporaryFolder(), HF_ENDPOINT: hub.url, VALLEY_CONFIG: devNull }
  const end = await runCommand(registerModel, ['model', 'pull', 'someone/valley-13b-v1-delta'], environment)
  expect(end.stderr).toMatch(/^CHECKPOINT_UNSUPPORTED: [^\n]*valley-13b-v1-delta[^\n]*--base[^\n]*\n$/)
})

it('does not replace the package of another model unasked', async () => {
  const { environment, pull } = await stage()
  const other = checkpointRepository(familyCheckpoint('llava-interleave'), { name: 'somebody-else/a-model' })
  const hub = await startHub(other)
  await runCommand(registerModel, ['model', 'pull', 'somebody-else/a-model', '--no-measure'], {
    ...environment,
    HF_ENDPOINT: hub.url,
  })
  const { status, stderr } = await pull()
  expect(status).toBe(2)
  expect(stderr).toMatch(/^CONFIG_INVALID: [^\n]*holds the package of somebody-else\/a-model[^\n]*--out\.\n$/)
})

it('builds a broken package anew', async () => {
  const { models, pull } = await stage()
  await pull('--no-measure')
  truncateSync(join(models, 'a-model', 'weights.data'), 100)
  expect((await pull('--no-measure')).stdout).toContain('a-model is in order')
})

it('asks nobody about an open licence, and lets no restricted one pass where nobody can be asked', async () => {
  const licence = { path: 'LICENSE', content: Buffer.from('Be good.') }
  const { hub, pull } = await stage({ cardData: { license: 'llama2' }, extraFiles: [licence] })
  const { status, stderr } = await pull()
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^LICENCE_NOT_ACCEPTED: someone\/a-model is under the licence "llama2"[^\n]*--accept-license[^\n]*\n$/,
  )
  expect(hub.requests.filter(({ host }) => host === 'storage')).toEqual([])

  const agreed = await pull('--accept-license', '--no-measure')
  expect(agreed.status).toBe(0)
  expect(agreed.stderr).toBe(
    `someone/a-model is under the licence "llama2", which may restrict what you do with it: ${hub.url}/someone/a-model\n` +
      'Agreed to with --accept-license.\n',
  )
})

it.each([
  ['y', true],
  ['Yes', true],
  ['', false],
  ['n', false],
  ['what?', false],
])('shows a restricted licence at a terminal and takes %j for an agreement: %s', async (typed, agrees) => {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const output = new PassThrough()
  const licence = { summary: 'a/b is under the licence "x"', text: 'Be \u001b[31mgood.', isAccepted: false }
  input.write(`${typed}\n`)
  const asked = agreeToLicence(licence, { input, output })
  await (agrees ? asked : expect(asked).rejects.toMatchObject({ code: 'LICENCE_NOT_ACCEPTED' }))
  const shown = String(output.read())
  expect(shown).toContain('Be [31mgood.\n\na/b is under the licence "x"\nDo you agree to it? [y/N] ')
  onTestFinished(() => void input.end())
})

it('lists what can be pulled', async () => {
  const { status, stdout } = await runCommand(registerModel, ['model', 'list', '--available'], {
    VALLEY_CONFIG: devNull,
  })
  expect(status).toBe(0)
  const catalogue = JSON.parse(readFileSync('models/catalogue.json', 'utf8')) as { models: { repository: string }[] }
  for (const { repository } of catalogue.models) expect(stdout).toContain(repository)
  expect(stdout.split('\n')[0]).toMatch(/^model +download +memory +speed +licence$/)
  expect(stdout).toMatch(/^llava-hf\/llava-1\.5-7b-hf +14 GB +5\.2 GB at int4 +slow +llama2 \(to be agreed to\)$/m)
})
