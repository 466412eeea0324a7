import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { downloadClip } from '../../../src/video/download-clip.ts'
import type { DownloadOptions, DownloadSource } from '../../../src/video/request-clip.ts'
import { clipServer } from '../../helpers/clip-server.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const LIMITS = { maxClipBytes: 1000, totalTimeoutMs: 5000, stallTimeoutMs: 5000, maxRedirects: 3 }
const BYTES = Buffer.from('the bytes of a clip')

function serve(response: ServerResponse, body: Buffer | string = BYTES, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'video/mp4', ...headers }).end(body)
}

/** Downloads from a server of the test, which is allowed and trusted unless told otherwise. */
function download(url: string, source: Partial<DownloadSource> = {}, options: DownloadOptions = {}) {
  const { host } = new URL(url)
  return downloadClip({ url, allowedHosts: [host], ...source }, { limits: LIMITS, trustedHosts: [host], ...options })
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof AppError)) throw error
  return error
}

describe('a clip that may be had', () => {
  it('is a file that only its owner can read, until it is removed', async () => {
    const server = await clipServer((_, response) => serve(response))
    const folder = temporaryFolder()
    const clip = await download(`http://${server.host}/x`, {}, { temporaryFolder: folder })
    expect(readFileSync(clip.path)).toEqual(BYTES)
    expect(clip.bytes).toBe(BYTES.length)
    expect(statSync(clip.path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(clip.path)).mode & 0o777).toBe(0o700)
    await clip.remove()
    expect(existsSync(clip.path)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
    await clip.remove()
  })

  it('may be as large as the limit, whether the server states its size or not', async () => {
    const server = await clipServer((request, response) => {
      if (request.url === '/stated') serve(response, Buffer.alloc(1000), { 'content-length': '1000' })
      else serve(response, Buffer.alloc(1000))
    })
    for (const path of ['stated', 'not-stated']) {
      const clip = await download(`http://${server.host}/${path}`)
      expect(clip.bytes).toBe(1000)
      await clip.remove()
    }
  })

  it('tells how much came', async () => {
    const size = 3 * 1024 * 1024
    const server = await clipServer((_, response) =>
      serve(response, Buffer.alloc(size), { 'content-length': `${size}` }),
    )
    const told: [number, number | undefined][] = []
    const options = {
      limits: { ...LIMITS, maxClipBytes: size },
      onBytes: (...bytes: [number, number | undefined]) => told.push(bytes),
    }
    await (await download(`http://${server.host}/x`, {}, options)).remove()
    expect(told[0]).toEqual([0, size])
    expect(told.length).toBeGreaterThan(1)
    expect(told.map(([received]) => received)).toEqual(told.map(([received]) => received).toSorted((a, b) => a - b))
    expect(told.every(([received, total]) => received <= size && total === size)).toBe(true)
  })

  it('follows three redirects and no more', async () => {
    const server = await clipServer((request, response) => {
      const left = Number(request.url!.slice(1))
      if (left === 0) serve(response)
      else response.writeHead(302, { location: `/${left - 1}` }).end('elsewhere')
    })
    await (await download(`http://${server.host}/3`)).remove()
    const error = await failure(download(`http://${server.host}/4`))
    expect(error).toMatchObject({ code: 'CLIP_UNREACHABLE' })
    expect(error.message).toContain('3 are allowed')
  })
})

describe('a token', () => {
  it('goes to the first host and comes along on redirects within it', async () => {
    const server = await clipServer((request, response) => {
      if (request.url === '/x') response.writeHead(302, { location: '/y' }).end()
      else serve(response)
    })
    await (await download(`http://${server.host}/x`, { headers: { authorization: 'Bearer secret' } })).remove()
    expect(server.requests.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer secret'])
  })

  it('never goes to another host, nor back to the first from there', async () => {
    const first = await clipServer((request, response) => {
      if (request.url === '/x') response.writeHead(302, { location: `http://${second.host}/y` }).end()
      else serve(response)
    })
    const second = await clipServer((_, response) =>
      response.writeHead(302, { location: `http://${first.host}/z` }).end(),
    )
    const hosts = [first.host, second.host]
    const source = { headers: { authorization: 'Bearer secret' }, allowedHosts: hosts }
    await (await download(`http://${first.host}/x`, source, { trustedHosts: hosts })).remove()
    expect(second.requests.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(first.requests.map(({ authorization }) => authorization)).toEqual(['Bearer secret', undefined])
  })
})

describe('an address that is not allowed', () => {
  const cases: [string, string, Partial<DownloadSource>, DownloadOptions, RegExp][] = [
    [
      'another host',
      'https://example.com/x',
      { allowedHosts: ['cdn.example.com'] },
      {},
      /only cdn\.example\.com may serve it/,
    ],
    [
      'plain http',
      'http://cdn.example.com/x',
      { allowedHosts: ['cdn.example.com'] },
      { trustedHosts: [] },
      /only https/,
    ],
    ['a file', 'file:///etc/passwd', { allowedHosts: [''] }, {}, /only https/],
    ['loopback', 'https://127.0.0.1:9/x', {}, { trustedHosts: [] }, /not a public address/],
    ['the secrets of a cloud', 'https://169.254.169.254/latest', {}, { trustedHosts: [] }, /not a public address/],
    ['an address in IPv6 clothes', 'https://[::ffff:127.0.0.1]:9/x', {}, { trustedHosts: [] }, /not a public address/],
    [
      'an address in other numbers',
      'https://2130706433:9/x',
      { allowedHosts: ['127.0.0.1'] },
      { trustedHosts: [] },
      /not a public/,
    ],
    ['a name with a password', 'https://me:secret@cdn.example.com/x', {}, { trustedHosts: [] }, /a name or a password/],
    ['nonsense', 'no address', { allowedHosts: [] }, {}, /cannot be understood/],
  ]
  it.each(cases)('is refused: %s', async (_, url, source, options, message) => {
    const error = await failure(
      downloadClip({ url, allowedHosts: hostOf(url), ...source }, { limits: LIMITS, ...options }),
    )
    expect(error).toMatchObject({ code: 'CLIP_UNREACHABLE', message: expect.stringMatching(message) })
    expect(error.message).not.toMatch(/secret|passwd|latest|no address/)
  })

  function hostOf(url: string): string[] {
    return URL.canParse(url) ? [new URL(url).host] : []
  }

  it.each([[['127.0.0.1']], [['93.184.216.34', '10.0.0.1']], [['fe80::1']], [['::ffff:127.0.0.1']], [['100.64.1.1']]])(
    'is refused when its name leads to %s',
    async (addresses) => {
      const lookup = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const source = { url: 'https://cdn.example.com:9/x', allowedHosts: ['cdn.example.com'] }
      const error = await failure(downloadClip(source, { limits: LIMITS, lookup }))
      expect(error).toMatchObject({ code: 'CLIP_UNREACHABLE' })
      expect(error.message).toContain('not public')
    },
  )

  it('is refused after a redirect too', async () => {
    const inner = await clipServer((_, response) => serve(response))
    const outer = await clipServer((_, response) =>
      response.writeHead(307, { location: `http://${inner.host}/` }).end(),
    )
    const allowedHosts = [outer.host, inner.host]
    const error = await failure(download(`http://${outer.host}/x`, { allowedHosts }))
    expect(error).toMatchObject({ code: 'CLIP_UNREACHABLE', details: { host: inner.host } })
    expect(inner.requests).toEqual([])
  })

  it('looks a name up once and connects to what it was told then', async () => {
    const server = await clipServer((_, response) => serve(response))
    let lookups = 0
    const lookup = async () => {
      lookups += 1
      return [{ address: lookups === 1 ? '127.0.0.1' : '0.0.0.0', family: 4 }]
    }
    const name = `cdn.example.test:${server.port}`
    await (await download(`http://${name}/x`, {}, { trustedHosts: [name], lookup })).remove()
    expect([lookups, server.requests[0]?.host]).toEqual([1, name])
  })
})

describe('a clip that is too large', () => {
  it('is not even asked for when the platform states its size', async () => {
    const server = await clipServer((_, response) => serve(response))
    const error = await failure(download(`http://${server.host}/x`, { statedBytes: 1001 }))
    expect(error).toMatchObject({ code: 'CLIP_TOO_LARGE', details: { bytes: 1001, maxClipBytes: 1000 } })
    expect(server.requests).toEqual([])
  })

  it('is refused by what the server states, and by what comes when it states less or nothing', async () => {
    const server = await clipServer((request, response) => {
      if (request.url === '/stated') serve(response, Buffer.alloc(2000), { 'content-length': '2000' })
      else {
        response.writeHead(200, { 'content-type': 'video/mp4' })
        for (let part = 0; part < 20; part++) response.write(Buffer.alloc(100))
        response.end()
      }
    })
    const folder = temporaryFolder()
    for (const path of ['stated', 'streamed']) {
      const error = await failure(
        download(`http://${server.host}/${path}`, { statedBytes: 10 }, { temporaryFolder: folder }),
      )
      expect(error.code).toBe('CLIP_TOO_LARGE')
    }
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a server that does not give the clip', () => {
  it.each([
    [401, 'CLIP_ACCESS_DENIED', false],
    [403, 'CLIP_ACCESS_DENIED', false],
    [404, 'CLIP_MISSING', false],
    [410, 'CLIP_MISSING', false],
    [429, 'CLIP_UNREACHABLE', true],
    [503, 'CLIP_UNREACHABLE', true],
    [206, 'CLIP_UNREACHABLE', false],
  ])('but %s is told apart as %s', async (status, code, retryable) => {
    const server = await clipServer((_, response) => response.writeHead(status).end('no'))
    expect(await failure(download(`http://${server.host}/x`))).toMatchObject({ code, retryable })
  })

  it('but a page to log in is told by its own code, with what to do', async () => {
    const server = await clipServer((_, response) =>
      serve(response, '<html>', { 'content-type': 'text/html; charset=utf-8' }),
    )
    const error = await failure(download(`http://${server.host}/x`))
    expect(error.code).toBe('CLIP_ACCESS_DENIED')
    expect(error.message).toContain('files:read')
  })

  it('but breaks off leaves nothing behind', async () => {
    const server = await clipServer((_, response) => {
      response.writeHead(200, { 'content-length': '500', 'content-type': 'video/mp4' })
      response.write(Buffer.alloc(100), () => response.destroy())
    })
    const folder = temporaryFolder()
    const error = await failure(download(`http://${server.host}/x`, {}, { temporaryFolder: folder }))
    expect(error).toMatchObject({ code: 'CLIP_UNREACHABLE', retryable: true })
    expect(readdirSync(folder)).toEqual([])
  })

  it('is not there', async () => {
    const error = await failure(download('http://127.0.0.1:9/x'))
    expect(error).toMatchObject({ code: 'CLIP_UNREACHABLE', details: { reason: 'ECONNREFUSED' } })
  })

  it.each([
    ['says nothing at all', 'stallTimeoutMs', () => {}],
    [
      'stops in the middle',
      'stallTimeoutMs',
      (response: ServerResponse) => void response.writeHead(200).write(Buffer.alloc(10)),
    ],
    [
      'sends a byte now and then',
      'totalTimeoutMs',
      (response: ServerResponse) => {
        const timer = setInterval(() => response.write('x'), 10)
        response.on('close', () => clearInterval(timer))
      },
    ],
  ])('%s and is left after the limit of %s', async (_, limit, answer) => {
    const server = await clipServer((_request, response) => answer(response))
    const limits = { ...LIMITS, [limit]: 100 }
    const folder = temporaryFolder()
    const error = await failure(download(`http://${server.host}/x`, {}, { limits, temporaryFolder: folder }))
    expect(error).toMatchObject({ code: 'TIMED_OUT', retryable: true })
    expect(error.message).toContain(limit)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('stopping', () => {
  it('throws the reason and leaves nothing, before, while waiting and in the middle', async () => {
    const reason = new Error('enough')
    const server = await clipServer((request, response) => {
      if (request.url === '/middle') response.writeHead(200).write(Buffer.alloc(10))
      stop.abort(reason)
    })
    const folder = temporaryFolder()
    let stop = new AbortController()
    for (const path of ['waiting', 'middle']) {
      stop = new AbortController()
      const options = { signal: stop.signal, temporaryFolder: folder }
      await expect(download(`http://${server.host}/${path}`, {}, options)).rejects.toBe(reason)
    }
    const options = { signal: AbortSignal.abort(reason), temporaryFolder: folder }
    await expect(download(`http://${server.host}/before`, {}, options)).rejects.toBe(reason)
    expect(server.requests.map(({ path }) => path)).toEqual(['/waiting', '/middle'])
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends a name that is being looked up for ever', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const lookup = () => {
      setImmediate(() => stop.abort(reason))
      return new Promise<never>(() => {})
    }
    const source = { url: 'https://cdn.example.com/x', allowedHosts: ['cdn.example.com'] }
    await expect(downloadClip(source, { limits: LIMITS, lookup, signal: stop.signal })).rejects.toBe(reason)
  })
})
