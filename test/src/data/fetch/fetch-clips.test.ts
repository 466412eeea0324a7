import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { registerData } from '../../../../src/commands/data.ts'
import { type ClipDownload, clipFetcher } from '../../../../src/data/fetch/clip-fetcher.ts'
import { fetchClips } from '../../../../src/data/fetch/fetch-clips.ts'
import { LeftOut, type Problem } from '../../../../src/data/left-out.ts'
import { AppError } from '../../../../src/errors.ts'
import { keepDownload } from '../../../../src/video/keep-download.ts'
import { breakOnceArrived, clipServer } from '../../../helpers/clip-server.ts'
import { writeData } from '../../../helpers/data-rows.ts'
import { runCommand } from '../../../helpers/run-command.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** A table of ids, of which each has the address that is named after a colon, or none. */
function tableOf(server: { host: string }, ...rows: readonly string[]): string {
  const lines = rows.map((row) => {
    const [id, path] = row.split(':')
    return JSON.stringify({
      id,
      caption: 'a dog',
      url: path && `http://${server.host}/${path}`,
      clip: path ? null : id,
    })
  })
  return writeData('clips.jsonl', lines.join('\n'))
}

async function fetchAll(
  table: string,
  { host }: { host: string },
  { folder = temporaryFolder(), concurrency = 3, download }: Partial<Options> = {},
) {
  const problems: Problem[] = []
  const waits: number[] = []
  const limits = { maxClipBytes: 1000, totalTimeoutMs: 5000, stallTimeoutMs: 5000, maxRedirects: 3 }
  const fetch = clipFetcher(
    folder,
    download ?? ((url, path) => keepDownload({ url, allowedHosts: [host] }, path, { limits, trustedHosts: [host] })),
    { sleep: async (ms) => waits.push(ms) },
  )
  const leftOut = new LeftOut((problem) => problems.push(problem))
  const counts = await fetchClips({ table, folder, concurrency }, fetch, leftOut)
  return { counts, problems, waits, folder }
}

interface Options {
  readonly folder: string
  readonly concurrency: number
  readonly download: ClipDownload
}

describe('the clips of a table', () => {
  it('come from their addresses, and are asked for once', async () => {
    const server = await clipServer((request, response) => response.end(`clip ${request.url}`))
    const table = tableOf(server, '1:a', '2:b')
    const { counts, problems, folder } = await fetchAll(table, server)
    expect(readFileSync(join(folder, '1.mp4'), 'utf8')).toBe('clip /a')
    expect(readFileSync(join(folder, '2.mp4'), 'utf8')).toBe('clip /b')
    expect(counts).toEqual({ rows: 2, fetched: 2, bytes: 14, there: 0, shared: 0 })
    expect(problems).toEqual([])
    const again = await fetchAll(table, server, { folder })
    expect(again.counts).toMatchObject({ fetched: 0, there: 2 })
    expect(server.requests).toHaveLength(2)
  })

  it('that are the same take room once: by their address, and by their bytes', async () => {
    const server = await clipServer((request, response) => response.end(request.url === '/c' ? 'other' : 'same'))
    const { counts, folder } = await fetchAll(tableOf(server, '1:a', '2:a', '3:b', '4:c'), server)
    expect(counts).toMatchObject({ fetched: 2, shared: 2 })
    expect(server.requests).toHaveLength(3)
    const places = [1, 2, 3, 4].map((id) => statSync(join(folder, `${id}.mp4`)).ino)
    expect(new Set(places.slice(0, 3)).size).toBe(1)
    expect(places[3]).not.toBe(places[0])
    // A further table may name a clip otherwise: what its address gave is known.
    const later = await fetchAll(tableOf(server, '5:a'), server, { folder })
    expect(later.counts).toMatchObject({ fetched: 0, shared: 1 })
    expect(server.requests).toHaveLength(3)
  })

  it('that cannot be had are told with their rows, and the rest comes', async () => {
    const server = await clipServer((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end()
      else if (request.url === '/large') response.end(Buffer.alloc(1001))
      else if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      else response.end('clip')
    })
    const elsewhere = JSON.stringify({ id: '6', caption: 'a dog', url: 'https://example.org/x.mp4' })
    const table = tableOf(server, '1:gone', '2:large', '3:page', '4:', '5:good')
    const { counts, problems, folder } = await fetchAll(
      writeData('all.jsonl', `${readFileSync(table, 'utf8')}\n${elsewhere}\nno JSON\n`),
      server,
      { concurrency: 1 },
    )
    expect(problems.map(({ row, reason, seen }) => [row, reason, seen.split(':')[0]])).toEqual([
      [1, 'not-fetched', 'CLIP_MISSING'],
      [2, 'not-fetched', 'CLIP_TOO_LARGE'],
      [3, 'not-fetched', 'CLIP_ACCESS_DENIED'],
      [4, 'missing-clip', '4, and no address'],
      [6, 'not-fetched', 'CLIP_UNREACHABLE'],
      [7, 'not-json', 'no JSON'],
    ])
    expect(counts).toMatchObject({ rows: 6, fetched: 1 })
    expect(existsSync(join(folder, '5.mp4'))).toBe(true)
  })

  it('whose server breaks off or is busy are asked for again, from where they stood', async () => {
    const ranges: (string | undefined)[] = []
    const folder = temporaryFolder()
    const incoming = join(folder, '.content/incoming')
    const server = await clipServer((request, response) => {
      const number = ranges.push(request.headers.range)
      if (number === 1) {
        response.writeHead(200, { 'content-length': '8', etag: '"1"' }).write('half')
        breakOnceArrived(response, 4, () =>
          Math.max(
            0,
            ...readdirSync(incoming).map((name) => (name.endsWith('.part') ? statSync(join(incoming, name)).size : 0)),
          ),
        )
      } else if (number === 2) response.writeHead(503).end()
      else response.writeHead(206, { 'content-range': 'bytes 4-7/8', etag: '"1"' }).end('rest')
    })
    const { waits } = await fetchAll(tableOf(server, '1:a'), server, { folder })
    expect(readFileSync(join(folder, '1.mp4'), 'utf8')).toBe('halfrest')
    expect(ranges).toEqual([undefined, 'bytes=4-', 'bytes=4-'])
    expect(waits).toEqual([1000, 2000])
  })

  it('go on at the next start where the last one was left, which leaves no more than that', async () => {
    const folder = temporaryFolder()
    const incoming = join(folder, '.content/incoming')
    const ranges: (string | undefined)[] = []
    let isBusy = true
    const server = await clipServer((request, response) => {
      const number = ranges.push(request.headers.range)
      if (number === 1) {
        response.writeHead(200, { 'content-length': '8', etag: '"1"' }).write('half')
        const sizes = () => readdirSync(incoming).map((name) => statSync(join(incoming, name)).size)
        breakOnceArrived(response, 4, () => (sizes().includes(4) ? 4 : 0))
      } else if (isBusy) response.writeHead(503).end()
      else response.writeHead(206, { 'content-range': 'bytes 4-7/8', etag: '"1"' }).end('rest')
    })
    const table = tableOf(server, '1:a')
    for (let start = 0; start < 3; start++) {
      expect((await fetchAll(table, server, { folder })).problems).toMatchObject([{ reason: 'not-fetched' }])
      expect(readdirSync(incoming)).toHaveLength(2)
    }
    isBusy = false
    expect((await fetchAll(table, server, { folder })).counts).toMatchObject({ fetched: 1, bytes: 8 })
    expect(readFileSync(join(folder, '1.mp4'), 'utf8')).toBe('halfrest')
    expect(new Set(ranges.slice(1))).toEqual(new Set(['bytes=4-']))
    expect(readdirSync(incoming)).toEqual([])
  })

  it('come so many at once as is allowed', async () => {
    let [atOnce, most] = [0, 0]
    const server = await clipServer((request, response) => {
      most = Math.max(most, ++atOnce)
      setTimeout(() => {
        atOnce -= 1
        response.end(`clip ${request.url}`)
      }, 20)
    })
    await fetchAll(tableOf(server, '1:a', '2:b', '3:c', '4:d', '5:e', '6:f'), server, { concurrency: 2 })
    expect(most).toBe(2)
  })

  it('end the run where no clip is at fault', async () => {
    const full = new AppError('DATASET_INVALID', 'No room.')
    const download = async () => {
      throw full
    }
    await expect(fetchAll(tableOf({ host: 'x' }, '1:a', '2:b'), { host: 'x' }, { download })).rejects.toBe(full)
  })
})

describe('valley data fetch', () => {
  it('fetches from the hosts that it is told, looks whether clips came, and says what became of the rows', async () => {
    // The smallest GIF.
    const clip = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64')
    const server = await clipServer((request, response) => response.end(request.url === '/a' ? clip : 'no clip at all'))
    const folder = temporaryFolder()
    const settings = writeData('valley.yaml', `trustedHosts: ["${server.host}"]\n`)
    const { status, stdout, stderr } = await runCommand(
      registerData,
      ['data', 'fetch', tableOf(server, '1:a', '2:b'), folder, '--hosts', server.host],
      { VALLEY_CONFIG: settings },
    )
    expect(status).toBe(0)
    expect(stderr).toMatch(/^left out: .*clips\.jsonl row 2: not-fetched, seen "CLIP_NOT_VIDEO: .*\n$/)
    const size = (clip.length / 2 ** 20).toFixed(1)
    expect(stdout.split('\n')).toEqual([
      `fetched: 1, ${size} MiB`,
      'there before: 0, shared with other rows: 0',
      'left out: 1',
      '  not-fetched: 1',
      '',
    ])
    expect(readFileSync(join(folder, '1.mp4'))).toEqual(clip)
    expect(existsSync(join(folder, '2.mp4'))).toBe(false)
  })

  it('refuses options that do not fit, in one line', async () => {
    const cliArguments = ['data', 'fetch', 'a.csv', 'clips', '--hosts', ' , ', '--concurrency', '0']
    const { status, stderr } = await runCommand(registerData, cliArguments, {})
    expect(status).toBe(2)
    expect(stderr).toMatch(/^DATASET_INVALID: no --spread, --hosts {2},.*do not fit; .*\n$/)
  })
})
