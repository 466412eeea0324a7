// What the hub's double says of a repository, read by the real library.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { openHub } from '../../../src/model-hub/hub-access.ts'
import { readRepository, repositoryName } from '../../../src/model-hub/repository.ts'
import type { ListedEntry } from '../../doubles/hub/faults.ts'
import { commitOf, type HubRepository, startHub } from '../../doubles/hub/hub-double.ts'

const NAME = 'someone/a-model'
const FILES = ['config.json', 'tokenizer.json', 'onnx/a.onnx', 'README.md', 'LICENSE'].map((path) => ({
  path,
  content: Buffer.from(`this is ${path}`),
  large: path.endsWith('.onnx'),
}))
const REPOSITORY: HubRepository = { name: NAME, files: FILES, cardData: { license: 'apache-2.0' } }

it('has every file with size and hash, over all pages, at one commit', async () => {
  const hub = await startHub(REPOSITORY)
  const repository = await readRepository(openHub(hub.url, null), NAME, 'main')
  expect(repository).toMatchObject({ name: NAME, revision: commitOf(REPOSITORY), licence: 'apache-2.0' })
  expect(repository.files.map(({ path, bytes }) => [path, bytes])).toEqual(
    FILES.map(({ path, content }) => [path, content.length]),
  )
  const onnx = repository.files.find(({ path }) => path === 'onnx/a.onnx')!
  const sha256 = createHash('sha256').update('this is onnx/a.onnx').digest('hex')
  expect(onnx.hash).toEqual({ algorithm: 'sha256', value: sha256 })
  // `printf 'this is LICENSE' | git hash-object --stdin`
  const licence = repository.files.find(({ path }) => path === 'LICENSE')!
  expect(licence.hash).toEqual({ algorithm: 'git-blob-sha1', value: 'cf889b4caab802b1ed56be4a74f1c762d0eaa31e' })
  expect(hub.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(2)
})

it.each([
  ['other', { license: 'other', license_name: 'llama2', license_link: 'https://example.com/llama2' }, 'llama2'],
  ['several', { license: ['mit', 'llama2'] }, 'mit, llama2'],
  ['none', {}, null],
])('knows the licence of a card that states %s', async (_, cardData, licence) => {
  const hub = await startHub({ ...REPOSITORY, cardData })
  expect((await readRepository(openHub(hub.url, null), NAME, 'main')).licence).toBe(licence)
})

it.each(['../../etc/passwd', '/etc/passwd', 'onnx/../../x', 'C:\\x', 'a//b', './a', 'a\nb'])(
  'refuses a list with the name %j, before anything is downloaded',
  async (path) => {
    const hub = await startHub(REPOSITORY)
    const commit = commitOf(REPOSITORY)
    const listing = (entries: readonly ListedEntry[]) =>
      entries.map((one) => (one.path === 'LICENSE' ? { ...one, path } : one))
    hub.fail(`hub:tree/${commit}`, { listing }, 9)
    await expect(readRepository(openHub(hub.url, null), NAME, 'main')).rejects.toMatchObject({
      code: 'DOWNLOAD_CORRUPT',
      message: expect.stringMatching(/leads out of the folder.*Nothing was downloaded/),
    })
    expect(hub.requests.every((one) => one.path.startsWith('/api/models/'))).toBe(true)
  },
)

it.each([
  ['a size below nothing', { size: -1 }],
  ['no hash', { oid: undefined }],
  ['a hash that is none', { lfs: { oid: '../x', size: 3 } }],
])('refuses a list with %s', async (_, change) => {
  const hub = await startHub(REPOSITORY)
  const listing = (entries: readonly ListedEntry[]) =>
    entries.map((one) => (one.path === 'LICENSE' ? { ...one, ...change } : one))
  hub.fail(`hub:tree/${commitOf(REPOSITORY)}`, { listing }, 9)
  await expect(readRepository(openHub(hub.url, null), NAME, 'main')).rejects.toMatchObject({ code: 'DOWNLOAD_CORRUPT' })
})

it.each([
  [
    'a repository that is not there, to a stranger',
    null,
    'someone/else',
    'main',
    'HUB_REFUSED',
    /401 \(RepoNotFound\).*the same of names that do not exist/,
  ],
  ['a repository that is not there', 'hf_right', 'someone/else', 'main', 'HUB_NOT_FOUND', /404 \(RepoNotFound\)/],
  ['a revision that is not there', 'hf_right', NAME, 'v9', 'HUB_NOT_FOUND', /404 \(RevisionNotFound\)/],
  ['a wrong token', 'hf_wrong', NAME, 'main', 'HUB_REFUSED', /401.*HF_TOKEN is wrong/],
] as const)('says what is wrong with %s', async (_, token, name, revision, code, words) => {
  const hub = await startHub({ ...REPOSITORY, token: 'hf_right' })
  const failing = readRepository(openHub(hub.url, token), name, revision)
  await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(words) })
})

it('tries again when the hub is busy', async () => {
  const hub = await startHub(REPOSITORY)
  hub.fail('hub:revision/main', { status: 429, code: '', headers: { 'retry-after': '3' } })
  const waits: number[] = []
  const sleep = async (milliseconds: number) => void waits.push(milliseconds)
  await readRepository(openHub(hub.url, null), NAME, 'main', { sleep })
  expect(waits).toEqual([3000])
})

it.each([
  ['someone/a-model', 'someone/a-model'],
  ['https://huggingface.co/someone/a-model', 'someone/a-model'],
  ['https://huggingface.co/someone/a-model/tree/main', 'someone/a-model'],
])('understands %s', (given, name) => {
  expect(repositoryName(given)).toBe(name)
})

it.each(['a-model', '../a-model', 'someone/..', 'someone/a/b', 'some one/a', ''])(
  'does not take %j for a repository',
  (given) => {
    expect(() => repositoryName(given)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  },
)

it('keeps a token from being read on the way', () => {
  expect(() => openHub('http://mirror.example.com', 'hf_hush')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('hush') }),
  )
  expect(openHub('http://mirror.example.com/hub/', null).endpoint.href).toBe('http://mirror.example.com/hub')
})
