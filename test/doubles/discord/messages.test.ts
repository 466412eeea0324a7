import type { Client, Message } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { logIn, nextMessage } from './logged-in-client.ts'
import type { Channel } from './people/channel.ts'
import type { Guild } from './people/guild.ts'
import type { Person } from './people/person.ts'

/** The eight bytes that every png begins with, and some more. */
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3, 4])
const CLIP = { name: 'cat.mp4', bytes: Buffer.from('not really a clip') }

let discord: DiscordDouble
let client: Client<true>
let guild: Guild
let general: Channel
let ana: Person

beforeEach(async () => {
  discord = await openDiscordDouble()
  guild = discord.guild('Clips')
  general = guild.channel('general')
  ana = guild.person('Ana')
  client = await logIn(discord)
})

afterEach(async () => {
  await client.destroy()
  await discord.close()
})

async function hear(text: string, options: Parameters<Person['posts']>[2] = {}): Promise<Message<true>> {
  const heard = nextMessage(client, ({ content }) => content === text)
  ana.posts(general, text, options)
  const message = await heard
  if (!message.inGuild()) throw new Error('The message is in no guild.')
  return message
}

describe('a message of a person', () => {
  it('reaches the client with its clip, which can be downloaded', async () => {
    const message = await hear(`${discord.bot.mention} what is this?`, { files: [CLIP] })
    const attachment = message.attachments.first()!
    const downloaded = await fetch(attachment.url)

    expect(message.content).toBe(`${discord.bot.mention} what is this?`)
    expect(message.mentions.has(client.user)).toBe(true)
    expect(message.member?.user.username).toBe('ana')
    expect(attachment).toMatchObject({ name: 'cat.mp4', contentType: 'video/mp4', size: CLIP.bytes.length })
    expect(new URL(attachment.url).searchParams.has('ex')).toBe(true)
    expect(Buffer.from(await downloaded.arrayBuffer())).toEqual(CLIP.bytes)
  })

  it('brings the message that it replies to', async () => {
    const first = ana.posts(general, 'look', { files: [CLIP] })
    const reply = await hear(`${discord.bot.mention} and this?`, { replyTo: first })
    const referenced = await reply.fetchReference()

    expect(referenced.id).toBe(first.id)
    expect(referenced.attachments.first()?.name).toBe('cat.mp4')
  })

  it('shows what a forward shows', async () => {
    const first = ana.posts(general, 'look', { files: [CLIP] })
    const other = guild.channel('other')
    const heard = nextMessage(client, ({ channelId }) => channelId === other.id)
    ana.forwards(first, other)
    const snapshot = (await heard).messageSnapshots.first()

    expect(snapshot?.content).toBe('look')
    expect(snapshot?.attachments.first()?.name).toBe('cat.mp4')
  })

  it('in a DM reaches the client as well, and is answered there', async () => {
    const heard = nextMessage(client)
    ana.posts(ana.dm, 'hello', { files: [CLIP] })
    const message = await heard
    await message.reply('hello Ana')

    expect(message.guild).toBeNull()
    expect(discord.botMessagesIn(ana.dm).map(({ content }) => content)).toEqual(['hello Ana'])
  })

  it('can be edited and deleted, which the client hears', async () => {
    const message = await hear('helo')
    const edited = new Promise<string>((resolve) => client.once('messageUpdate', (_, now) => resolve(now.content)))
    ana.edits({ id: message.id, channel_id: general.id }, 'hello')
    const deleted = new Promise<string>((resolve) => client.once('messageDelete', ({ id }) => resolve(id)))
    ana.deletes({ id: message.id, channel_id: general.id })

    expect(await edited).toBe('hello')
    expect(await deleted).toBe(message.id)
  })
})

describe('the bot', () => {
  it('replies, edits, reacts and deletes', async () => {
    const message = await hear('hi')
    const reply = await message.reply('thinking')
    await reply.edit('an answer')
    await message.react('👀')

    const [shown] = discord.botMessagesIn(general)
    expect(shown).toMatchObject({ content: 'an answer', message_reference: { message_id: message.id } })
    expect(shown?.edited_timestamp).not.toBeNull()
    expect(discord.messagesIn(general)[0]?.reactions?.[0]).toMatchObject({ me: true, emoji: { name: '👀' } })

    await reply.delete()
    expect(discord.botMessagesIn(general)).toEqual([])
  })

  it('uploads a picture that can be read back', async () => {
    const message = await hear('hi')
    await message.reply({ content: 'seen', files: [{ attachment: PNG, name: 'strip.png', description: 'frames' }] })

    const attachment = discord.botMessagesIn(general)[0]!.attachments[0]!
    expect(attachment).toMatchObject({ filename: 'strip.png', content_type: 'image/png', description: 'frames' })
    expect(Buffer.from(await (await fetch(attachment.url)).arrayBuffer())).toEqual(PNG)
  })

  it('shows a picture within an embed, where it is not listed once more', async () => {
    const message = await hear('hi')
    await message.reply({
      embeds: [{ image: { url: 'attachment://strip.png' } }],
      files: [{ attachment: PNG, name: 'strip.png' }],
    })

    const [shown] = discord.botMessagesIn(general)
    expect(shown?.attachments).toEqual([])
    expect(Buffer.from(await (await fetch(shown!.embeds[0]!.image!.url)).arrayBuffer())).toEqual(PNG)
  })

  it('keeps or drops its pictures when it edits', async () => {
    const message = await hear('hi')
    const reply = await message.reply({ content: 'one', files: [{ attachment: PNG, name: 'one.png' }] })
    await reply.edit({ attachments: [...reply.attachments.values()], files: [{ attachment: PNG, name: 'two.png' }] })
    expect(discord.botMessagesIn(general)[0]?.attachments.map(({ filename }) => filename)).toEqual([
      'one.png',
      'two.png',
    ])
    await reply.edit({ attachments: [] })
    expect(discord.botMessagesIn(general)[0]?.attachments).toEqual([])
  })

  it('posts once under one nonce that is enforced', async () => {
    const channel = (await hear('hi')).channel
    const first = await channel.send({ content: 'once', nonce: '42', enforceNonce: true })
    const second = await channel.send({ content: 'once', nonce: '42', enforceNonce: true })

    expect(second.id).toBe(first.id)
    expect(discord.botMessagesIn(general)).toHaveLength(1)
  })

  it('lists what was posted after a message, oldest missed first', async () => {
    const posts = ['a', 'b', 'c', 'd'].map((text) => ana.posts(general, text))
    const channel = (await hear('e')).channel
    const after = await channel.messages.fetch({ after: posts[0]!.id, limit: 2 })
    const before = await channel.messages.fetch({ before: posts[2]!.id })

    expect(after.map(({ content }) => content)).toEqual(['c', 'b'])
    expect(before.map(({ content }) => content)).toEqual(['b', 'a'])
  })

  it('is refused what is too long, empty or contradictory', async () => {
    const channel = (await hear('hi')).channel
    await expect(channel.send('x'.repeat(2001))).rejects.toMatchObject({ code: 50035, status: 400 })
    await expect(channel.send({ content: ' ' })).rejects.toMatchObject({ code: 50006 })
    await expect(
      channel.send({ content: 'x', allowedMentions: { parse: ['users'], users: [ana.id] } }),
    ).rejects.toMatchObject({ code: 50035 })
    await expect(channel.messages.fetch('1')).rejects.toMatchObject({ code: 10008, status: 404 })
  })

  it('may post only where it is permitted', async () => {
    const message = await hear('hi')
    general.denies(discord.bot, 'SendMessages')
    await expect(message.reply('no')).rejects.toMatchObject({ code: 50013, status: 403 })
    general.denies(discord.bot, 'ViewChannel')
    await expect(message.reply('no')).rejects.toMatchObject({ code: 50001, status: 403 })
    general.allows(discord.bot, 'ViewChannel', 'SendMessages')
    await message.reply('yes')
    guild.removesBot()
    await expect(message.reply('no')).rejects.toMatchObject({ code: 50001 })
  })

  it('is seen typing', async () => {
    const message = await hear('hi')
    await message.channel.sendTyping()
    expect(discord.typing.map(({ channelId }) => channelId)).toEqual([general.id])
  })

  it('cannot write to a person who refuses DMs', async () => {
    ana.refusesDms()
    const user = await client.users.fetch(ana.id)
    await expect(user.send('hello')).rejects.toMatchObject({ code: 50007 })
  })
})
