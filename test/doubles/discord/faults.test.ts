import { type Client, type DiscordAPIError, RESTJSONErrorCodes, type TextChannel } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { logIn } from './logged-in-client.ts'
import type { Channel } from './people/channel.ts'
import type { Person } from './people/person.ts'

const POST = 'POST /channels/:channel/messages'
const EDIT = 'PATCH /channels/:channel/messages/:message'
const CLIP = { name: 'cat.mp4', bytes: Buffer.from('0123456789') }

let discord: DiscordDouble
let client: Client<true>
let general: Channel
let channel: TextChannel
let ana: Person

beforeEach(async () => {
  discord = await openDiscordDouble()
  const guild = discord.guild()
  general = guild.channel()
  ana = guild.person('Ana')
  client = await logIn(discord)
  channel = client.channels.cache.get(general.id) as TextChannel
})

afterEach(async () => {
  await client.destroy()
  await discord.close()
})

function statuses(route: Parameters<DiscordDouble['requests']['to']>[0]): number[] {
  return discord.requests.to(route).map(({ status }) => status)
}

describe('a route', () => {
  it('that says 429 is waited for', async () => {
    const message = await channel.send('one')
    discord.faults.add(EDIT, { kind: 'rate-limited', retryAfterMs: 300 })
    const before = performance.now()
    await message.edit('two')
    expect(performance.now() - before).toBeGreaterThan(290)
    expect(statuses(EDIT)).toEqual([429, 200])
    expect(discord.botMessagesIn(general)[0]?.content).toBe('two')
  })

  it('has a bucket, whose end the client respects', async () => {
    discord.rateLimits.set(POST, { requests: 2, windowMs: 400 })
    for (const text of ['1', '2', '3']) await channel.send(text)
    expect(statuses(POST)).toEqual([200, 200, 200])
    const [first, , third] = discord.requests.to(POST)
    expect(third!.atMs - first!.atMs).toBeGreaterThan(390)
  })

  it('that breaks after it has done its work is asked again, and the nonce keeps it to one message', async () => {
    discord.faults.add(POST, { kind: 'broken', status: 502, afterwards: true })
    await channel.send({ content: 'once', nonce: '1', enforceNonce: true })
    discord.faults.add(POST, { kind: 'cut', afterwards: true })
    await channel.send({ content: 'again', nonce: '2', enforceNonce: true }).catch(() => {})
    expect(discord.botMessagesIn(general).map(({ content }) => content)).toEqual(['once', 'again'])
    expect(statuses(POST).slice(0, 2)).toEqual([502, 200])
  })

  it('that stays broken ends in an error', async () => {
    discord.faults.add(POST, { kind: 'broken', status: 500 }, Number.POSITIVE_INFINITY)
    await expect(channel.send('one')).rejects.toMatchObject({ status: 500 })
    discord.faults.clear()
    await channel.send('two')
    expect(discord.botMessagesIn(general).map(({ content }) => content)).toEqual(['two'])
  })

  it('refuses with the code that a test asks for', async () => {
    discord.faults.add(POST, { kind: 'refused', code: RESTJSONErrorCodes.MissingPermissions })
    const error = await channel.send('one').catch((refused: DiscordAPIError) => refused)
    expect(error).toMatchObject({ code: 50013, status: 403 })
  })

  it('answers late', async () => {
    discord.faults.add(POST, { kind: 'slow', delayMs: 200 })
    const before = performance.now()
    await channel.send('one')
    expect(performance.now() - before).toBeGreaterThan(190)
  })

  it('refuses uploads over 10 MiB', async () => {
    const files = [{ attachment: Buffer.alloc(10 * 1024 * 1024 + 1), name: 'big.png' }]
    await expect(channel.send({ files })).rejects.toMatchObject({ code: 40005, status: 413 })
  })
})

it('every request is in the log, with body and files and without the token', async () => {
  await channel.send({ content: 'hello', files: [{ attachment: Buffer.from('x'), name: 'a.txt' }] })
  const logged = discord.requests.to(POST)[0]!
  expect(logged).toMatchObject({
    path: `/channels/${general.id}/messages`,
    body: { content: 'hello' },
    files: [{ name: 'a.txt', bytes: 1 }],
    status: 200,
  })
  expect(JSON.stringify(discord.requests)).not.toContain(discord.token)
})

it('a route that the double does not know is answered and noted', async () => {
  await expect(client.rest.get('/voice/regions')).rejects.toMatchObject({ status: 404 })
  expect(discord.requests.unknown.map(({ path }) => path)).toEqual(['/voice/regions'])
})

describe('a download', () => {
  function address(): string {
    return ana.posts(general, 'look', { files: [CLIP] }).attachments[0]!.url
  }

  it('needs an address that is signed and fresh, which the message gives again', async () => {
    const post = ana.posts(general, 'look', { files: [CLIP] })
    const { url } = post.attachments[0]!
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url.replace('hm=', 'hm=0'))).status).toBe(404)
    discord.advance(25 * 60 * 60 * 1000)
    expect((await fetch(url)).status).toBe(404)
    const fresh = (await channel.messages.fetch({ message: post.id, force: true })).attachments.first()!.url
    expect((await fetch(fresh)).status).toBe(200)
  })

  it('may lie about its length', async () => {
    const url = address()
    discord.cdn.failNext({ kind: 'lying-length', claimedBytes: 1000 })
    const response = await fetch(url)
    expect(response.headers.get('content-length')).toBe('1000')
    await expect(response.arrayBuffer()).rejects.toThrow()
  })

  it('may be larger than its message says', async () => {
    const post = ana.posts(general, 'look', { files: [{ ...CLIP, claimedSize: 3 }] })
    expect(post.attachments[0]?.size).toBe(3)
    expect((await (await fetch(post.attachments[0]!.url)).arrayBuffer()).byteLength).toBe(10)
  })

  it('may stall, break off, or have no end', async () => {
    const url = address()
    discord.cdn.failNext({ kind: 'stalls', afterBytes: 4 })
    const patience = new AbortController()
    const stalled = (await fetch(url, { signal: patience.signal })).body!.getReader()
    expect((await stalled.read()).value).toHaveLength(4)
    const rest = stalled.read()
    expect(await Promise.race([rest, new Promise((resolve) => setTimeout(resolve, 200, 'nothing'))])).toBe('nothing')
    patience.abort()
    await expect(rest).rejects.toThrow(/abort/)
    discord.cdn.failNext({ kind: 'cut', afterBytes: 4 })
    await expect((await fetch(url)).arrayBuffer()).rejects.toThrow()
    discord.cdn.failNext({ kind: 'endless' })
    const endless = (await fetch(url)).body!.getReader()
    let read = 0
    while (read < 1_000_000) read += ((await endless.read()).value as Uint8Array).length
    await endless.cancel()
  })

  it('may lead elsewhere or bring something else', async () => {
    const url = address()
    discord.cdn.failNext({ kind: 'redirect', location: 'http://169.254.169.254/latest/meta-data' })
    const redirected = await fetch(url, { redirect: 'manual' })
    expect(redirected.headers.get('location')).toBe('http://169.254.169.254/latest/meta-data')
    discord.cdn.failNext({ kind: 'wrong-type', contentType: 'text/html', body: '<html>' })
    const other = await fetch(url)
    expect([other.headers.get('content-type'), await other.text()]).toEqual(['text/html', '<html>'])
    expect(statuses('cdn')).toEqual([302, 200])
  })
})
