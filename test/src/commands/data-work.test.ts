// A dataset that several machines work for: here one process that gives and one that does, on a real Redis.
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ClusterKeys } from '../../../src/cluster/keys.ts'
import { RedisConnection } from '../../../src/cluster/redis-connection.ts'
import { doSharedWork, WorkGiver } from '../../../src/cluster/shared-work.ts'
import { registerData } from '../../../src/commands/data.ts'
import { clipFetcher } from '../../../src/data/fetch/clip-fetcher.ts'
import type { CameClip } from '../../../src/data/fetch/clip-shelf.ts'
import { fetchClips } from '../../../src/data/fetch/fetch-clips.ts'
import { LeftOut } from '../../../src/data/left-out.ts'
import { createLogger } from '../../../src/logger.ts'
import { keepDownload } from '../../../src/video/keep-download.ts'
import { startChat } from '../../doubles/chat-completions/chat-double.ts'
import { clipServer } from '../../helpers/clip-server.ts'
import { readClips, readRecords, writeData } from '../../helpers/data-rows.ts'
import { LOSSLESS_H264, markedPicture, writeClip } from '../../helpers/make-clips.ts'
import { RedisServer } from '../../helpers/redis-server.ts'
import { runCli } from '../../helpers/run-cli.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { PROJECT_ROOT } from '../../helpers/source-files.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const EMBEDDED_MODEL = join(PROJECT_ROOT, 'models/valley-sticker-world')
let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server?.stop())

/** Also a test that fails ends what it started. */
function endWithTest(child: ChildProcess): void {
  onTestFinished(() => void child.kill('SIGKILL'))
}

const RECIPE = {
  rules: 'Answer with JSON.',
  giveaways: {},
  tasks: {
    conversation: { weight: 1, prompt: 'Ask.', minTurns: 1, minWords: 2, maxWords: 30, minGrounded: 0 },
  },
}

describe('valley data generate --spread', () => {
  it('has its questions asked where `valley data work` runs, and writes the set as ever', async () => {
    let busy = true
    const chat = await startChat((asked) => {
      if (busy) {
        busy = false
        return { fault: { status: 429, retryAfterSeconds: 1 } }
      }
      const caption = /Caption: (.*)/.exec(asked.body.messages[1]!.content)![1]
      return JSON.stringify({
        turns: [{ question: `What is in the clip of ${caption}?`, answer: `It is ${caption}.` }],
      })
    })
    const environment = { VALLEY_REDIS_URL: server.url, VALLEY_GENERATOR_KEY: 'key-of-the-worker' }
    let worker: ChildProcess | null = null
    const ended = runCli({
      cliArguments: ['data', 'work', '--endpoint', chat.url, '--model', 'its-own-name', '--concurrency', '3'],
      temporaryFolder: temporaryFolder(),
      environment,
      onStart: (child) => {
        worker = child
        endWithTest(child)
      },
    })
    const captions = ['an ox', 'a cow', 'a hen', 'a pig', 'a cat', 'a bee']
    const rows = captions.map((caption, index) => JSON.stringify({ clip: `${index}.mp4`, caption }))
    const out = join(temporaryFolder(), 'rows.jsonl')
    const recipe = writeData('recipe.yaml', JSON.stringify(RECIPE))
    const { status, stdout, stderr } = await runCommand(
      registerData,
      [
        'data',
        'generate',
        writeData('clips.jsonl', rows.join('\n')),
        out,
        '--spread',
        '--model',
        'm',
        '--recipe',
        recipe,
      ],
      { VALLEY_REDIS_URL: server.url },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('written: 6 of 6 rows\n')
    expect(stdout).toContain('answers: 6 asked, 0 remembered, 1 tries again\n6000 tokens read, 1200 written')
    expect((await readRecords(out)).items.map(({ turns }) => turns[0]!.answer)).toEqual(
      captions.map((caption) => `It is ${caption}.`),
    )
    const { authorization, body } = chat.seen[0]!
    expect([authorization, body.model]).toEqual(['Bearer key-of-the-worker', 'its-own-name'])
    expect(body.response_format?.type).toBe('json_schema')
    worker!.kill('SIGINT')
    expect((await ended).status).toBe(130)
  })

  it.each([
    [['--spread'], {}, /VALLEY_REDIS_URL is not set/],
    [['--spread', '--endpoint', 'http://x/v1'], {}, /--endpoint http:\/\/x\/v1 --spread.*do not fit/],
    [[], {}, /no --endpoint.*do not fit; an http address or --spread/],
  ])('refuses %j in one line', async (options, environment, said) => {
    const cliArguments = ['data', 'generate', 'a.csv', join(temporaryFolder(), 'b.jsonl'), '--model', 'm', ...options]
    const { status, stderr } = await runCommand(registerData, cliArguments, environment)
    expect(status).toBe(2)
    expect(stderr).toMatch(said)
    expect(stderr.split('\n')).toHaveLength(2)
  })
})

/** Every file of a folder with what it holds, and which names are the same file. */
function treeOf(folder: string): Record<string, string> {
  const nodes = new Map<number, number>()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    files.map((name) => {
      const { ino } = statSync(join(folder, name))
      if (!nodes.has(ino)) nodes.set(ino, nodes.size)
      return [name, `file ${nodes.get(ino)}: ${readFileSync(join(folder, name)).toString('base64')}`]
    }),
  )
}

describe('clips that several machines fetch and look at', () => {
  it('end as the same files and the same set that one machine makes', async () => {
    const made = temporaryFolder()
    const make = (name: string, width: number, height: number, codec: readonly string[]) => {
      const pictures = Array(8).fill(markedPicture(width, height))
      return readFileSync(writeClip({ path: join(made, name), width, height, pictures, options: codec }))
    }
    const long = make('long.mp4', 64, 48, LOSSLESS_H264)
    const bodies: Readonly<Record<string, Buffer>> = {
      ...{ '/long': long, '/copy': long, '/cut': long.subarray(0, 200) },
      '/turned': make('turned.mp4', 64, 48, [...LOSSLESS_H264, '-vf', 'rotate=1']),
      '/anew': make('anew.mp4', 64, 48, ['-c:v', 'libx264', '-qp', '12', '-pix_fmt', 'yuv420p']),
    }
    const clips = await clipServer((request, response) => {
      const body = bodies[request.url!]
      if (body === undefined) response.writeHead(404).end()
      else response.end(body)
    })
    const addresses = ['/long', '/copy', '/turned', '/anew', '/cut', '/gone']
    const rows = addresses.map((path, id) =>
      JSON.stringify({ id: `${id}`, url: `http://${clips.host}${path}`, caption: `thing${id} on a table` }),
    )
    const table = writeData('clips.jsonl', rows.join('\n'))
    const settings = writeData('valley.yaml', `trustedHosts: ["${clips.host}"]\n`)
    const environment = { VALLEY_REDIS_URL: server.url, VALLEY_CONFIG: settings }
    const [one, many] = [temporaryFolder(), temporaryFolder()]
    let worker: ChildProcess | null = null
    const ended = runCli({
      cliArguments: ['data', 'work', '--clips', many, '--hosts', clips.host, '--draft', EMBEDDED_MODEL],
      temporaryFolder: temporaryFolder(),
      environment,
      onStart: (child) => {
        worker = child
        endWithTest(child)
      },
    })
    const run = (...words: string[]) => runCommand(registerData, ['data', ...words], environment)
    const fetchedHere = await run('fetch', table, one, '--hosts', clips.host, '--concurrency', '1')
    expect(await run('fetch', table, many, '--spread', '--concurrency', '1')).toEqual(fetchedHere)
    expect(fetchedHere).toMatchObject({ status: 0, stdout: expect.stringContaining('left out: 1\n  not-fetched: 1') })
    expect(treeOf(many)).toEqual(treeOf(one))

    const align = (folder: string, ...more: string[]) =>
      run('align', table, join(folder, 'set.jsonl'), '--clips', folder, '--alike', '--min', '1', ...more)
    const alignedHere = await align(one)
    expect(await align(many, '--spread', '--concurrency', '3')).toEqual(alignedHere)
    expect(alignedHere.stdout).toContain('same clip: 1\n')
    expect(alignedHere.stdout).toContain('alike clip: 1\n')
    expect(alignedHere.stdout).toContain('  missing-clip: 1\n  unreadable-clip: 1\n')
    expect(readFileSync(join(many, 'set.jsonl'))).toEqual(readFileSync(join(one, 'set.jsonl')))

    const drafted = await run('draft', many, join(many, 'captions.jsonl'), '--spread', '--concurrency', '3')
    // The one that was cut off cannot be described.
    expect(drafted).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^left out: .*4\.mp4 row 5: bad-clip, seen "CLIP_UNREADABLE".*\n$/),
      stdout: 'written: 4\nthere before: 0\nleft out: 1\n  bad-clip: 1\n',
    })
    const captions = (await readClips(join(many, 'captions.jsonl'))).items
    expect(captions.map(({ clip }) => clip)).toEqual(['0.mp4', '1.mp4', '2.mp4', '3.mp4'])
    // The same bytes have the same description.
    expect(captions[1]!.caption).toBe(captions[0]!.caption)
    worker!.kill('SIGINT')
    expect((await ended).status).toBe(130)
  })

  it('are there once and whole when a machine is taken for lost and comes to its end after all', async () => {
    const held: ServerResponse[] = []
    const ranges: (string | undefined)[] = []
    const clips = await clipServer(({ headers: { range } }, response) => {
      ranges.push(range)
      if (ranges.length === 1) {
        held.push(response)
        response.writeHead(200, { 'content-length': '8', etag: '"1"' }).write('half')
      } else if (range === undefined) response.writeHead(200, { 'content-length': '8', etag: '"1"' }).end('halfrest')
      else response.writeHead(206, { 'content-range': 'bytes 4-7/8', etag: '"1"' }).end('rest')
    })
    const logger = createLogger('silent')
    const redis = await RedisConnection.open({ url: server.url, logger })
    const place = { redis, keys: new ClusterKeys('lost'), name: 'fetch', logger }
    const [one, many] = [temporaryFolder(), temporaryFolder()]
    const fetcherFor = (folder: string) =>
      clipFetcher(folder, (url, path) =>
        keepDownload({ url, allowedHosts: [clips.host] }, path, { trustedHosts: [clips.host] }),
      )
    const here = fetcherFor(many)
    const ends: Promise<CameClip>[] = []
    const work = ({ url }: { url: string }) => {
      const end = here(url)
      ends.push(end)
      return end
    }
    const times = { lockMs: 400, lookMs: 100 }
    const doers = [0, 1].map(() => doSharedWork({ ...place }, { concurrency: 1, work, times }))
    const giver = await WorkGiver.open<{ url: string }, CameClip>(place)
    onTestFinished(async () => {
      await giver.close()
      for (const doer of doers) await doer.close()
      await redis.close()
    })
    const table = writeData('clips.jsonl', JSON.stringify({ id: '1', url: `http://${clips.host}/a`, caption: 'a dog' }))
    const fetchInto = (folder: string, fetch: (url: string) => Promise<CameClip>) =>
      fetchClips({ table, folder, concurrency: 2 }, fetch, new LeftOut())
    const fetching = fetchInto(many, (url) => giver.give({ url }))
    const incoming = join(many, '.content/incoming')
    await expect
      .poll(() => (held.length === 0 ? [] : readdirSync(incoming).map((name) => statSync(join(incoming, name)).size)))
      .toContain(4)
    // Whoever has a job renews its lock; without one, the job goes to another.
    for (const lock of await redis.client.keys('lost:queue:fetch:*:lock')) await redis.client.del(lock)
    expect(await fetching).toEqual({ rows: 1, fetched: 1, bytes: 8, there: 0, shared: 0 })
    expect(ranges).toEqual([undefined, 'bytes=4-'])
    held[0]!.end('rest')
    await Promise.allSettled(ends)

    // What the lost one left is swept up.
    expect(await fetchInto(many, fetcherFor(many))).toMatchObject({ fetched: 0, there: 1 })
    await fetchInto(one, fetcherFor(one))
    expect(treeOf(many)).toEqual(treeOf(one))
    expect(readFileSync(join(many, '1.mp4'), 'utf8')).toBe('halfrest')
  })

  it.each([
    [['work'], /no --endpoint, no --clips, .* do not fit; /],
    [['work', '--clips', 'none-there'], /--clips none-there is no folder \(ENOENT\)/],
    [['work', '--endpoint', 'http://x/v1', '--hosts', 'x'], /--hosts x has no folder/],
    [['draft', 'clips', 'b.jsonl', '--spread', '--model', 'm'], /--spread, --model m, --concurrency 1 do not fit/],
    [['align', 'a.csv', 'b.jsonl', '--spread'], /--spread looks at clips; a folder of them is needed/],
    [['fetch', 'a.csv', 'clips', '--spread', '--max-bytes', '3'], /--spread, --max-bytes 3, .* do not fit/],
    [['fetch', 'a.csv', 'clips', '--spread'], /VALLEY_REDIS_URL is not set/],
  ])('refuse %j in one line', async (words, said) => {
    const { status, stderr } = await runCommand(registerData, ['data', ...words], {})
    expect(status).toBe(2)
    expect(stderr).toMatch(said)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
