// One file from the hub's double, whatever happens on the way. Expected bytes are those that the double was given.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { downloadFile, partName } from '../../../src/model-hub/download-file.ts'
import { openHub } from '../../../src/model-hub/hub-access.ts'
import { type Repository, readRepository } from '../../../src/model-hub/repository.ts'
import { type HubDouble, type HubRepository, startHub } from '../../doubles/hub/hub-double.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** Bytes without a pattern that a shift would leave as it is. */
const CONTENT = Buffer.concat(
  Array.from({ length: 4000 }, (_, index) => createHash('sha256').update(`${index}`).digest()),
)
const SHARD = 'model-00001-of-00002.safetensors'

interface Stage {
  readonly hub: HubDouble
  readonly repository: Repository
  readonly folder: string
  readonly target: string
  /** Milliseconds that were waited between tries. */
  readonly waits: number[]
  /** Downloads the shard. */
  download(options?: { token?: string; stallTimeoutMs?: number }): Promise<void>
  /** Downloads the shard, which must fail. */
  failure(options?: { token?: string; stallTimeoutMs?: number }): Promise<AppError>
}

async function stage(more: Partial<HubRepository> = {}, token: string | null = null): Promise<Stage> {
  const files = [
    { path: SHARD, content: CONTENT, large: true },
    { path: 'config.json', content: Buffer.from('{"a": 1}') },
  ]
  const hub = await startHub({ name: 'someone/a-model', files, ...more })
  const repository = await readRepository(openHub(hub.url, token), 'someone/a-model', 'main')
  const folder = temporaryFolder()
  const target = join(folder, SHARD)
  const waits: number[] = []
  const download: Stage['download'] = async ({ stallTimeoutMs } = {}) => {
    const file = repository.files.find(({ path }) => path === SHARD)!
    const sleep = async (milliseconds: number) => void waits.push(milliseconds)
    await downloadFile(openHub(hub.url, token), repository, file, target, { sleep, stallTimeoutMs })
  }
  const failure: Stage['failure'] = async (options) => {
    const error: unknown = await download(options).then(
      () => expect.fail('it did not fail'),
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof AppError)) throw error
    expect(error.message).not.toContain('\n')
    return error
  }
  return { hub, repository, folder, target, waits, download, failure }
}

it('brings a large file from the storage host and a small one from the hub', async () => {
  const { hub, repository, folder, target, download } = await stage()
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
  const config = repository.files.find(({ path }) => path === 'config.json')!
  expect(config.hash.algorithm).toBe('git-blob-sha1')
  await downloadFile(openHub(hub.url, null), repository, config, join(folder, 'config.json'))
  expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('{"a": 1}')
  expect(existsSync(partName(target))).toBe(false)
})

it('goes on in the middle of a shard when the connection breaks, with nothing fetched twice', async () => {
  const { hub, target, waits, download } = await stage()
  hub.fail(`storage:${SHARD}`, { cutAfterBytes: 50_000 })
  hub.fail(`storage:${SHARD}`, { cutAfterBytes: 20_000 })
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
  expect(hub.storageRequests(SHARD).map(({ range }) => range)).toEqual([undefined, 'bytes=50000-', 'bytes=70000-'])
  // Bytes came between the two, so the second wait begins anew.
  expect(waits).toEqual([1000, 1000])
})

it('gives up after five tries without a byte, keeps what came, and a second run asks for the rest only', async () => {
  const { hub, target, waits, download, failure } = await stage()
  hub.fail(`storage:${SHARD}`, { cutAfterBytes: 60_000 })
  hub.fail(`storage:${SHARD}`, { status: 503, code: '' }, 5)
  const { code, message } = await failure()
  expect(code).toBe('HUB_UNREACHABLE')
  expect(message).toMatch(/127\.0\.0\.1.* 503 .*goes on where it stopped/)
  expect(waits).toEqual([1000, 2000, 4000, 8000])
  expect(statSync(partName(target)).size).toBe(60_000)

  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
  expect(hub.storageRequests(SHARD).at(-1)!.range).toBe('bytes=60000-')
})

it('begins anew where a server knows no ranges', async () => {
  const { hub, target, download } = await stage()
  hub.fail(`storage:${SHARD}`, { cutAfterBytes: 50_000 })
  hub.fail(`storage:${SHARD}`, { ignoresRange: true })
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
})

it('begins anew over a part that is longer than the file', async () => {
  const { target, download } = await stage()
  writeFileSync(partName(target), Buffer.alloc(CONTENT.length + 1))
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
})

it('refuses a file with a wrong hash, removes it, and a second run brings the right one', async () => {
  const { hub, target, download, failure } = await stage()
  const wrong = Buffer.from(CONTENT)
  wrong[70_000] = wrong[70_000]! ^ 1
  hub.fail(`storage:${SHARD}`, { content: wrong })
  const { code, message } = await failure()
  expect(code).toBe('DOWNLOAD_CORRUPT')
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  expect(message).toContain(sha256(wrong))
  expect(message).toContain(sha256(CONTENT))
  expect([existsSync(target), existsSync(partName(target))]).toEqual([false, false])
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
})

it('finds the damage also in a part that an earlier run left', async () => {
  const { target, download, failure } = await stage()
  writeFileSync(partName(target), Buffer.alloc(1000, 7))
  expect((await failure()).code).toBe('DOWNLOAD_CORRUPT')
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
})

it('refuses a file that goes on after its listed size', async () => {
  const { hub, failure } = await stage()
  hub.fail(`storage:${SHARD}`, { content: Buffer.concat([CONTENT, Buffer.alloc(9)]) })
  const { code, message } = await failure()
  expect(code).toBe('DOWNLOAD_CORRUPT')
  expect(message).toContain(`goes on after its ${CONTENT.length} bytes`)
})

it('sends the token to the hub and never to the host that a redirect names', async () => {
  const { hub, download } = await stage({ token: 'hf_hushhushhush' }, 'hf_hushhushhush')
  await download()
  const sent = (host: string) => hub.requests.filter((one) => one.host === host).map((one) => one.authorization)
  expect(new Set(sent('hub'))).toEqual(new Set(['Bearer hf_hushhushhush']))
  expect(sent('storage')).toEqual([undefined])
})

it.each([
  [
    'a gated model nobody may have yet',
    { gated: true },
    'hf_hushhushhush',
    'HUB_REFUSED',
    /403 \(GatedRepo\).*agree to its terms/,
  ],
  ['a gated model and no token', { gated: true }, null, 'HUB_REFUSED', /401 \(GatedRepo\).*HF_TOKEN/],
] as const)('says what to do about %s', async (_, more, token, code, words) => {
  const { failure } = await stage(more, token)
  const error = await failure()
  expect(error.code).toBe(code)
  expect(error.message).toMatch(words)
  expect(error.message).not.toContain('hush')
})

it('says that a file is not there', async () => {
  const { hub, repository, failure } = await stage()
  hub.fail(`hub:resolve/${repository.revision}/${SHARD}`, { status: 404, code: 'EntryNotFound' })
  const { code, message } = await failure()
  expect(code).toBe('HUB_NOT_FOUND')
  expect(message).toMatch(/404 \(EntryNotFound\)/)
})

it('waits as long as a busy hub asks, and tells a wait that is too long', async () => {
  const { hub, repository, waits, target, download, failure } = await stage()
  const path = `hub:resolve/${repository.revision}/${SHARD}`
  hub.fail(path, { status: 429, code: '', headers: { 'retry-after': '7' } })
  hub.fail(path, { status: 429, code: '', headers: { ratelimit: '"api";r=0;t=33' } })
  await download()
  expect(waits).toEqual([7000, 33_000])

  rmSync(target)
  hub.fail(path, { status: 429, code: '', headers: { 'retry-after': '900' } })
  const { code, message } = await failure()
  expect(code).toBe('HUB_BUSY')
  expect(message).toMatch(/429 .* in 900 s; it goes on where it stopped\. A token in HF_TOKEN raises/)
})

it.each([
  [
    'a redirect from place to place',
    '/someone/a-model/resolve/REVISION/FILE',
    /redirects once more after 5; 5 are allowed/,
  ],
  ['a redirect to another protocol', 'ftp://127.0.0.1/x', /redirects to ftp, and only https is allowed/],
  ['a redirect to nowhere', 'http://', /redirects to an address that cannot be understood/],
])('refuses %s', async (_, location, words) => {
  const { hub, repository, failure } = await stage()
  const redirect = location.replace('REVISION', repository.revision).replace('FILE', SHARD)
  hub.fail(`hub:resolve/${repository.revision}/${SHARD}`, { redirect }, 9)
  const { code, message } = await failure()
  expect(code).toBe('HUB_UNREACHABLE')
  expect(message).toMatch(words)
})

it('does not wait for ever for a server that falls silent', async () => {
  const { hub, target, download } = await stage()
  hub.fail(`storage:${SHARD}`, { silentAfterBytes: 10_000 })
  await download({ stallTimeoutMs: 200 })
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
  expect(hub.storageRequests(SHARD).at(-1)!.range).toBe('bytes=10000-')
})

it('says that the disk is full, and goes on once there is room', async () => {
  const { target, folder, download, failure } = await stage()
  // The one file of Linux that every write finds full.
  mkdirSync(folder, { recursive: true })
  symlinkSync('/dev/full', partName(target))
  const { code, message } = await failure()
  expect(code).toBe('DISK_FULL')
  expect(message).toMatch(/ENOSPC.*VALLEY_MODELS_DIR.*goes on where it stopped/)
  rmSync(partName(target))
  await download()
  expect(readFileSync(target).equals(CONTENT)).toBe(true)
})

it('says that nobody listens at the address', async () => {
  const { repository, target } = await stage()
  const file = repository.files[0]!
  const nobody = openHub('http://127.0.0.1:1', null)
  const failing = downloadFile(nobody, repository, file, target, { sleep: async () => {} })
  await expect(failing).rejects.toMatchObject({
    code: 'HUB_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

it('stops at once when it is told to, and keeps what came', async () => {
  const { hub, repository, target } = await stage()
  hub.fail(`storage:${SHARD}`, { silentAfterBytes: 30_000 })
  const stop = new AbortController()
  const reason = new Error('enough')
  const options = {
    signal: stop.signal,
    onBytes: (bytes: number) => {
      if (bytes === 30_000) stop.abort(reason)
    },
  }
  const file = repository.files.find(({ path }) => path === SHARD)!
  await expect(downloadFile(openHub(hub.url, null), repository, file, target, options)).rejects.toBe(reason)
  expect(statSync(partName(target)).size).toBe(30_000)
})
