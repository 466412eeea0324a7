import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepDownload } from '../../../src/video/keep-download.ts'
import type { DownloadOptions } from '../../../src/video/request-clip.ts'
import { breakOnceArrived, clipServer } from '../../helpers/clip-server.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const LIMITS = { maxClipBytes: 10_000, totalTimeoutMs: 5000, stallTimeoutMs: 5000, maxRedirects: 3 }
const BYTES = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251))
const CUT_AT = 2_000

/** Where the clip goes, and a server that knows ranges, as those of clips do; the first answers break off after CUT_AT bytes. */
async function breakingServer(cuts: number, { version = (): string => '"v1"', bytes = () => BYTES } = {}) {
  const path = join(temporaryFolder(), 'clip.mp4')
  const ranges: (string | undefined)[] = []
  const server = await clipServer((request, response) => {
    const number = ranges.push(request.headers.range)
    answer(request, response, { bytes: bytes(), version: version(), cutPath: number <= cuts ? path : null })
  })
  return { path, url: `http://${server.host}/clip.mp4?signature=secret`, host: server.host, ranges }
}

function answer(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { bytes, version, cutPath }: { bytes: Buffer; version: string; cutPath: string | null },
): void {
  const first = headers['if-range'] === version ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0) : 0
  const rest = bytes.subarray(first)
  const head = { 'content-type': 'video/mp4', 'content-length': rest.length, etag: version }
  if (first === 0) response.writeHead(200, head)
  else response.writeHead(206, { ...head, 'content-range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` })
  if (cutPath === null) response.end(rest)
  else {
    response.write(rest.subarray(0, CUT_AT))
    breakOnceArrived(response, first + CUT_AT, () => statSync(`${cutPath}.part`, { throwIfNoEntry: false })?.size ?? 0)
  }
}

function keep({ url, host, path }: { url: string; host: string; path: string }, options: DownloadOptions = {}) {
  return keepDownload({ url, allowedHosts: [host] }, path, { limits: LIMITS, trustedHosts: [host], ...options })
}

describe('a download that stays', () => {
  it('goes on where it was cut off, and has its name once it is whole', async () => {
    const server = await breakingServer(2)
    const { path } = server
    for (let cut = 0; cut < 2; cut++) {
      await expect(keep(server)).rejects.toMatchObject({ code: 'CLIP_UNREACHABLE', retryable: true })
      expect(existsSync(path)).toBe(false)
    }
    expect(await keep(server)).toBe(BYTES.length)
    expect(readFileSync(path)).toEqual(BYTES)
    expect(server.ranges).toEqual([undefined, `bytes=${CUT_AT}-`, `bytes=${2 * CUT_AT}-`])
    expect(readdirSync(join(path, '..'))).toEqual(['clip.mp4'])
  })

  it('begins anew when the server has another version by now', async () => {
    const other = Buffer.from(BYTES).reverse()
    let version = '"v1"'
    const server = await breakingServer(1, {
      version: () => version,
      bytes: () => (version === '"v1"' ? BYTES : other),
    })
    const { path } = server
    await expect(keep(server)).rejects.toMatchObject({ retryable: true })
    version = '"v2"'
    expect(await keep(server)).toBe(other.length)
    expect(readFileSync(path)).toEqual(other)
  })

  it.each([
    ['names no version', ''],
    ['promises only the same sense', 'W/"v1"'],
  ])('begins anew where the server %s', async (_, version) => {
    const server = await breakingServer(1, { version: () => version })
    await expect(keep(server)).rejects.toMatchObject({ retryable: true })
    await keep(server)
    expect(server.ranges).toEqual([undefined, undefined])
    expect(readFileSync(server.path)).toEqual(BYTES)
  })

  it('never mixes what came from another address', async () => {
    const server = await breakingServer(1)
    await expect(keep(server)).rejects.toMatchObject({ retryable: true })
    await keep({ ...server, url: `${server.url}2` })
    expect(server.ranges).toEqual([undefined, undefined])
  })

  it('does not believe a server that goes on somewhere else', async () => {
    let isFirst = true
    const path = join(temporaryFolder(), 'clip.mp4')
    const server = await clipServer((request, response) => {
      if (isFirst) answer(request, response, { bytes: BYTES, version: '"v1"', cutPath: path })
      else response.writeHead(206, { 'content-range': 'bytes 10-4999/5000', etag: '"v1"' }).end(BYTES.subarray(10))
      isFirst = false
    })
    const one = { url: `http://${server.host}/x`, host: server.host, path }
    await expect(keep(one)).rejects.toMatchObject({ retryable: true })
    await expect(keep(one)).rejects.toThrow(/sends bytes 10-4999\/5000 of the clip, which was not asked for/)
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it('counts what came before towards the largest size', async () => {
    const server = await breakingServer(1)
    const { path } = server
    await expect(keep(server)).rejects.toMatchObject({ retryable: true })
    const limits = { ...LIMITS, maxClipBytes: BYTES.length - 1 }
    await expect(keep(server, { limits })).rejects.toMatchObject({
      code: 'CLIP_TOO_LARGE',
      details: { bytes: BYTES.length },
    })
    // More will not help, so nothing of it stays.
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it('keeps no secret of the address beside the clip, and stops when it is told to', async () => {
    const stop = new AbortController()
    const server = await breakingServer(1)
    const { path } = server
    await expect(keep(server)).rejects.toMatchObject({ retryable: true })
    expect(readFileSync(`${path}.part.json`, 'utf8')).not.toContain('secret')
    const onBytes = () => stop.abort(new Error('enough'))
    await expect(keep(server, { signal: stop.signal, onBytes })).rejects.toThrow('enough')
    expect(existsSync(`${path}.part`)).toBe(true)
  })

  it('keeps to the rules of every download', async () => {
    const path = join(temporaryFolder(), 'clip.mp4')
    writeFileSync(`${path}.part`, 'x')
    const source = { url: 'https://127.0.0.1:9/x', allowedHosts: ['127.0.0.1'] }
    await expect(keepDownload(source, path, { limits: LIMITS })).rejects.toThrow(/not a public address/)
  })
})
