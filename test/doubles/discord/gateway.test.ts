import { Client, Events, GatewayCloseCodes, GatewayIntentBits } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { INTENTS, logIn, nextMessage } from './logged-in-client.ts'
import type { Channel } from './people/channel.ts'
import type { Person } from './people/person.ts'

let discord: DiscordDouble
let client: Client<true> | undefined
let general: Channel
let ana: Person

async function open(options: Parameters<typeof openDiscordDouble>[0] = {}): Promise<void> {
  discord = await openDiscordDouble(options)
  const guild = discord.guild()
  general = guild.channel()
  ana = guild.person('Ana')
}

beforeEach(() => {
  client = undefined
})

afterEach(async () => {
  await client?.destroy()
  await discord.close()
})

/** What the client hears from now on, in the order it hears it. */
function listen(): string[] {
  const heard: string[] = []
  client!.on(Events.MessageCreate, ({ content }) => heard.push(content))
  return heard
}

describe('a client', () => {
  it('logs in with its intents and finds its guilds and channels', async () => {
    await open()
    client = await logIn(discord)
    expect(client.user.id).toBe(discord.bot.id)
    expect(client.guilds.cache.map(({ name }) => name)).toEqual(['Clips'])
    expect(client.channels.cache.has(general.id)).toBe(true)
    expect(discord.gateway.identified[0]?.intents).toBe(INTENTS.reduce((bits, one) => bits | one, 0))
    expect((await client.application.fetch()).flags.has('GatewayMessageContentLimited')).toBe(true)
    expect(discord.requests.unknown).toEqual([])
  })

  it('with a wrong token is refused', async () => {
    await open()
    const stranger = new Client({ intents: INTENTS, rest: discord.rest })
    await expect(stranger.login('someone.else.entirely')).rejects.toMatchObject({ code: 'TokenInvalid' })
    await stranger.destroy()
  })

  it('with a privileged intent that is switched off is refused', async () => {
    await open({ privileged: { messageContent: false } })
    const stranger = new Client({ intents: INTENTS, rest: discord.rest })
    const closed = new Promise<number>((resolve) => {
      stranger.once(Events.ShardDisconnect, ({ code }) => resolve(code))
    })
    const errors: Error[] = []
    stranger.on(Events.ShardError, (error) => errors.push(error))
    void stranger.login(discord.token).catch(() => {})
    expect(await closed).toBe(GatewayCloseCodes.DisallowedIntents)
    await stranger.destroy()
  })

  it('sends its heartbeats in time', async () => {
    // Late is what comes half an interval late, so that a busy machine does not look like a busy client.
    await open({ heartbeatIntervalMs: 2000 })
    client = await logIn(discord)
    await discord.waitUntil(() => discord.gateway.heartbeats.count === 2)
    expect(discord.gateway.heartbeats.missed).toBe(0)
  })

  it('that computes in its event loop misses heartbeats, which is seen', async () => {
    await open({ heartbeatIntervalMs: 200 })
    client = await logIn(discord)
    await discord.waitUntil(() => discord.gateway.heartbeats.count > 0)
    const until = performance.now() + 1000
    while (performance.now() < until);
    const before = discord.gateway.heartbeats.count
    await discord.waitUntil(() => discord.gateway.heartbeats.count > before)
    expect(discord.gateway.heartbeats.missed).toBeGreaterThan(0)
    expect(discord.gateway.heartbeats.longestGapMs).toBeGreaterThan(900)
  })
})

describe('after a connection is lost', () => {
  it('the client resumes and hears what it missed', async () => {
    await open()
    client = await logIn(discord)
    const heard = listen()
    const first = nextMessage(client)
    ana.posts(general, 'before')
    await first
    discord.gateway.drop()
    ana.posts(general, 'missed 1')
    ana.posts(general, 'missed 2')
    await discord.waitUntil(() => discord.gateway.resumed.length === 1)
    const last = nextMessage(client, ({ content }) => content === 'after')
    ana.posts(general, 'after')
    await last

    expect(heard).toEqual(['before', 'missed 1', 'missed 2', 'after'])
    expect(discord.gateway.resumed[0]?.replayed).toBe(2)
    expect(discord.gateway.identified).toHaveLength(1)
  })

  it('a replay may bring events that the client has seen, of which it hides what it remembers', async () => {
    await open()
    client = await logIn(discord)
    const heard = listen()
    const raw: string[] = []
    client.on(Events.Raw, ({ t, d }: { t: string; d: { content: string } }) => {
      if (t === 'MESSAGE_CREATE') raw.push(d.content)
    })
    const first = nextMessage(client)
    ana.posts(general, 'twice')
    await first
    discord.gateway.repeatAtNextResume(1)
    discord.gateway.drop()
    const last = nextMessage(client, ({ content }) => content === 'once')
    ana.posts(general, 'once')
    await last

    expect(raw).toEqual(['twice', 'twice', 'once'])
    expect(heard).toEqual(['twice', 'once'])
  })

  it('on request (op 7) the client resumes too', async () => {
    await open()
    client = await logIn(discord)
    const heard = nextMessage(client)
    discord.gateway.requestReconnect()
    await discord.waitUntil(() => discord.gateway.resumed.length === 1)
    ana.posts(general, 'afterwards')
    expect((await heard).content).toBe('afterwards')
    expect(discord.gateway.identified).toHaveLength(1)
  })

  it('a session that may go on (op 9 with true) is resumed at once', async () => {
    await open()
    client = await logIn(discord)
    discord.gateway.invalidateSessions({ resumable: true })
    await discord.waitUntil(() => discord.gateway.resumed.length === 1)
    expect(discord.gateway.identified).toHaveLength(1)
  })

  it('a session that is over (op 9 with false) begins anew', async () => {
    await open()
    client = await logIn(discord)
    discord.gateway.invalidateSessions({ resumable: false })
    ana.posts(general, 'nobody hears this')
    await discord.waitUntil(() => discord.gateway.identified.length === 2)
    const heard = nextMessage(client)
    ana.posts(general, 'hello')
    expect((await heard).content).toBe('hello')
    expect(discord.gateway.resumed).toEqual([])
  })

  it('a client whose token was revoked stays away', async () => {
    await open()
    client = await logIn(discord)
    const gone = new Promise<number>((resolve) => client!.once(Events.ShardDisconnect, ({ code }) => resolve(code)))
    client.on(Events.ShardError, () => {})
    discord.revokeToken()
    expect(await gone).toBe(GatewayCloseCodes.AuthenticationFailed)
    await expect(client.channels.fetch(general.id, { force: true })).rejects.toMatchObject({ status: 401 })
  })
})

describe('events', () => {
  it('of intents that were not asked for stay away', async () => {
    await open()
    client = await logIn(discord, [GatewayIntentBits.Guilds, GatewayIntentBits.DirectMessages])
    const heard = listen()
    ana.posts(general, 'in the guild')
    const dm = nextMessage(client)
    ana.posts(ana.dm, 'in private')
    await dm
    expect(heard).toEqual(['in private'])
  })

  it('of channels that the bot cannot view stay away', async () => {
    await open()
    client = await logIn(discord)
    const heard = listen()
    general.denies(discord.bot, 'ViewChannel')
    ana.posts(general, 'hidden')
    general.allows(discord.bot, 'ViewChannel')
    const shown = nextMessage(client)
    ana.posts(general, 'shown')
    await shown
    expect(heard).toEqual(['shown'])
  })

  it('tell when the bot is removed and invited again', async () => {
    await open()
    client = await logIn(discord)
    const left = new Promise<string>((resolve) => client!.once(Events.GuildDelete, ({ name }) => resolve(name)))
    const other = discord.guild('Second')
    other.removesBot()
    expect(await left).toBe('Second')
    const joined = new Promise<string>((resolve) => client!.once(Events.GuildCreate, ({ name }) => resolve(name)))
    other.invitesBot()
    expect(await joined).toBe('Second')
  })
})

describe('without the message content intent', () => {
  const CLIP = { name: 'cat.mp4', bytes: Buffer.from('clip') }

  it('messages of others are empty unless they mention the bot or are DMs', async () => {
    await open()
    client = await logIn(
      discord,
      INTENTS.filter((intent) => intent !== GatewayIntentBits.MessageContent),
    )
    const plain = nextMessage(client)
    ana.posts(general, 'not for you', { files: [CLIP] })
    expect(await plain).toMatchObject({ content: '', attachments: { size: 0 } })
    const mention = nextMessage(client)
    ana.posts(general, `${discord.bot.mention} for you`, { files: [CLIP] })
    expect(await mention).toMatchObject({ content: `${discord.bot.mention} for you`, attachments: { size: 1 } })
    const dm = nextMessage(client)
    ana.posts(ana.dm, 'for you', { files: [CLIP] })
    expect(await dm).toMatchObject({ content: 'for you', attachments: { size: 1 } })
  })

  it('REST shows no more, while a reply that notifies the bot is shown', async () => {
    await open({ privileged: { messageContent: false } })
    client = await logIn(
      discord,
      INTENTS.filter((intent) => intent !== GatewayIntentBits.MessageContent),
    )
    const post = ana.posts(general, 'not for you', { files: [CLIP] })
    const channel = await client.channels.fetch(general.id)
    if (!channel?.isTextBased() || !channel.isSendable()) throw new Error('It is no text channel.')
    expect(await channel.messages.fetch(post.id)).toMatchObject({ content: '', attachments: { size: 0 } })
    const ours = await channel.send('mine')
    const heard = nextMessage(client, ({ reference }) => reference !== null)
    ana.posts(general, 'thanks', { replyTo: { id: ours.id, channel_id: general.id } })
    expect((await heard).content).toBe('thanks')
  })
})

it('shards hear of the guilds that are theirs', async () => {
  await open({ shards: 2 })
  client = await logIn(discord, INTENTS, { shards: 'auto' })
  expect(discord.gateway.identified.map(({ shard }) => shard)).toEqual([
    [0, 2],
    [1, 2],
  ])
  const heard = nextMessage(client)
  ana.posts(general, 'hello')
  const message = await heard
  expect(message.guild?.shardId).toBe(Number((BigInt(message.guildId!) >> 22n) % 2n))
})
