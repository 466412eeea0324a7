import { type Client, Events, type TextChannel, type ThreadChannel } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { logIn, nextMessage } from './logged-in-client.ts'
import type { Channel } from './people/channel.ts'
import type { Person } from './people/person.ts'

let discord: DiscordDouble
let client: Client<true>
let general: Channel
let ana: Person

beforeEach(async () => {
  discord = await openDiscordDouble()
  const guild = discord.guild()
  general = guild.channel()
  ana = guild.person('Ana')
  client = await logIn(discord)
})

afterEach(async () => {
  await client.destroy()
  await discord.close()
})

async function openThread(): Promise<{ ours: ThreadChannel; theirs: Channel }> {
  const heard = nextMessage(client)
  ana.posts(general, `${discord.bot.mention} what is this?`)
  const ours = await (await heard).startThread({ name: 'The clip' })
  return { ours, theirs: await discord.waitForThread(general) }
}

describe('a thread of the bot', () => {
  it('has the id of the message that it starts from', async () => {
    const { ours, theirs } = await openThread()
    const [start] = discord.messagesIn(general)
    expect(ours.id).toBe(start?.id)
    expect(theirs).toMatchObject({ name: 'The clip', parentId: general.id, memberIds: [discord.bot.id] })
    await expect(client.channels.fetch(ours.id, { force: true })).resolves.toMatchObject({ ownerId: discord.bot.id })
  })

  it('is followed: the bot hears what is written in it and answers there', async () => {
    const { ours, theirs } = await openThread()
    const heard = nextMessage(client)
    ana.posts(theirs, 'and now?')
    const message = await heard
    await message.reply('the same')

    expect(message.channelId).toBe(ours.id)
    expect(discord.botMessagesIn(theirs).at(-1)?.content).toBe('the same')
    expect(theirs.memberIds).toContain(ana.id)
  })

  it('cannot be opened twice from one message', async () => {
    const { ours } = await openThread()
    const message = await ours.fetchStarterMessage()
    const again = client.rest.post(`/channels/${general.id}/messages/${message?.id}/threads`, { body: { name: 'x' } })
    await expect(again).rejects.toMatchObject({ code: 160004 })
  })

  it('wakes when somebody writes in it, unless it is locked', async () => {
    const { ours, theirs } = await openThread()
    theirs.archive()
    expect(theirs.isArchived).toBe(true)
    await ours.send('awake')
    expect(theirs.isArchived).toBe(false)
    theirs.archive({ locked: true })
    await expect(ours.send('asleep')).rejects.toMatchObject({ code: 50083 })
    theirs.lock()
    await expect(ours.send('asleep')).rejects.toMatchObject({ code: 160005 })
  })

  it('needs permissions of its own', async () => {
    const { ours } = await openThread()
    general.denies(discord.bot, 'SendMessagesInThreads', 'CreatePublicThreads')
    await expect(ours.send('no')).rejects.toMatchObject({ code: 50013 })
    const post = ana.posts(general, 'another')
    const message = await (client.channels.cache.get(general.id) as TextChannel).messages.fetch(post.id)
    await expect(message.startThread({ name: 'x' })).rejects.toMatchObject({ code: 50013 })
  })

  it('can be named, archived and left', async () => {
    const { ours, theirs } = await openThread()
    await ours.setName('A cat')
    await ours.leave()
    await ours.setArchived(true)
    expect(theirs).toMatchObject({ name: 'A cat', isArchived: true, memberIds: [] })
  })
})

it('A thread of a person is heard of, and can be joined', async () => {
  const opened = new Promise<ThreadChannel>((resolve) => client.once(Events.ThreadCreate, resolve))
  const theirs = ana.startsThread(ana.posts(general, 'look'), 'Mine')
  const thread = await opened
  await thread.join()
  expect(theirs.memberIds).toEqual([ana.id, discord.bot.id])
})
