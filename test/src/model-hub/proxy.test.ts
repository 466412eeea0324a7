// Which hosts are asked through which proxy, as the manual of curl has it (HTTPS_PROXY, NO_PROXY), and what the proxy sees.
import { expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { openHub } from '../../../src/model-hub/hub-access.ts'
import { proxyFor, readProxies } from '../../../src/model-hub/proxy.ts'
import { readRepository } from '../../../src/model-hub/repository.ts'
import { startHubAs } from '../../doubles/hub/hub-double.ts'
import { startProxy } from '../../doubles/proxy/proxy-double.ts'

const NOTHING = { https: null, http: null, none: null }
const REPOSITORY = { name: 'someone/a-model', files: [{ path: 'config.json', content: Buffer.from('{}') }] }

function chosen(variables: Partial<typeof NOTHING> | Record<string, string>, address: string): string | null {
  return proxyFor(readProxies({ ...NOTHING, ...variables }), new URL(address))?.href ?? null
}

it('takes the proxy of the scheme, and none where that one is not set', () => {
  const both = { https: 'http://secure.test:3128', http: 'plain.test:8080' }
  expect(chosen(both, 'https://huggingface.co/x')).toBe('http://secure.test:3128/')
  expect(chosen(both, 'http://mirror.test/x')).toBe('http://plain.test:8080/')
  expect(chosen({ http: 'http://plain.test' }, 'https://huggingface.co/x')).toBeNull()
})

it.each([
  ['huggingface.co', 'https://huggingface.co/', true],
  ['huggingface.co', 'https://cdn.huggingface.co/', true],
  ['.huggingface.co', 'https://huggingface.co/', true],
  ['*.huggingface.co', 'https://cdn.huggingface.co/', true],
  ['face.co', 'https://huggingface.co/', false],
  ['other.test, HuggingFace.co', 'https://huggingface.co/', true],
  ['huggingface.co:8443', 'https://huggingface.co/', false],
  ['huggingface.co:443', 'https://huggingface.co/', true],
  ['10.0.0.7', 'https://10.0.0.7/', true],
  ['fd00::7', 'https://[fd00::7]/', true],
  ['*', 'https://huggingface.co/', true],
  ['', 'https://127.0.0.1:4000/', true],
  ['', 'https://localhost/', true],
])('with NO_PROXY %j asks %s directly: %s', (none, address, direct) => {
  expect(chosen({ https: 'http://proxy.test:3128', none }, address) === null).toBe(direct)
})

it('refuses a proxy that it cannot speak to, and shows no password', () => {
  const read = () => readProxies({ ...NOTHING, https: 'socks5://me:secret@proxy.test:1080' })
  expect(read).toThrow(/^HTTPS_PROXY is "socks5:\/\/proxy\.test:1080"; a proxy of http or https is allowed/)
  expect(read).toThrow(AppError)
})

it('asks for plain addresses at the proxy, by name and password', async () => {
  const names = { hub: 'http://hub.test', storage: 'http://storage.test' }
  const hub = await startHubAs(names, REPOSITORY)
  const proxy = await startProxy({ 'hub.test': hub.url }, { wants: 'me:a secret' })
  const proxies = readProxies({ ...NOTHING, http: `http://me:a%20secret@${proxy.place}` })
  const { files } = await readRepository(openHub(names.hub, null, proxies), REPOSITORY.name, 'main')
  expect(files.map(({ path }) => path)).toEqual(['config.json'])
  expect(proxy.seen.map(({ method }) => method)).toEqual(['GET', 'GET'])
  expect(proxy.seen[0]!.target).toMatch(/^http:\/\/hub\.test\/api\/models\/someone\/a-model\/revision\/main/)
})

it.each([
  ['a tunnel', 'https://hub.test'],
  ['a forwarded request', 'http://hub.test'],
])('says of %s without the password that the proxy wants one', async (_, endpoint) => {
  const proxy = await startProxy({}, { wants: 'me:secret' })
  const proxies = readProxies({ ...NOTHING, https: proxy.place, http: proxy.place })
  const asking = readRepository(openHub(endpoint, null, proxies), REPOSITORY.name, 'main')
  await expect(asking).rejects.toThrow(/^The proxy "127[^\n]* answered 407; 200 is needed\. Put a name and a password/)
})

it('says that a proxy opens no tunnel', async () => {
  const proxy = await startProxy({}, { refusal: 403 })
  const proxies = readProxies({ ...NOTHING, https: proxy.place })
  const asking = readRepository(openHub('https://hub.test', null, proxies), REPOSITORY.name, 'main')
  await expect(asking).rejects.toMatchObject({
    code: 'HUB_UNREACHABLE',
    message: expect.stringMatching(/403.*NO_PROXY/),
  })
})
