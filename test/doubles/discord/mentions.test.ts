import type { Client, TextChannel } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { logIn } from './logged-in-client.ts'
import type { Guild, Role } from './people/guild.ts'
import type { Person } from './people/person.ts'

let discord: DiscordDouble
let client: Client<true>
let guild: Guild
let ana: Person
let team: Role
let channel: TextChannel
let everything: string

beforeEach(async () => {
  discord = await openDiscordDouble()
  guild = discord.guild()
  const general = guild.channel()
  ana = guild.person('Ana')
  team = guild.role('team', { mentionable: true, people: [ana] })
  everything = `@everyone @here ${ana.mention} ${team.mention}`
  client = await logIn(discord)
  channel = client.channels.cache.get(general.id) as TextChannel
})

afterEach(async () => {
  await client.destroy()
  await discord.close()
})

function pinged(): string[] {
  return discord.pings().map(({ kind, id }) => `${kind} ${id}`)
}

describe('mentions in a message of the bot', () => {
  it('notify all of them when nothing is said', async () => {
    await channel.send(everything)
    expect(pinged()).toEqual([`user ${ana.id}`, `role ${team.id}`, `everyone ${guild.id}`])
  })

  it('notify nobody when nothing is parsed', async () => {
    const sent = await channel.send({ content: everything, allowedMentions: { parse: [] } })
    expect(pinged()).toEqual([])
    expect(sent.mentions.users.size).toBe(0)
    expect(sent.mentions.everyone).toBe(false)
  })

  it('notify again when an edit says nothing of them', async () => {
    const sent = await channel.send('hello')
    await sent.edit({ content: everything, allowedMentions: { parse: [] } })
    expect(pinged()).toEqual([])
    await sent.edit({ content: everything })
    expect(discord.pings().map(({ kind, fromEdit }) => [kind, fromEdit])).toEqual([
      ['user', true],
      ['role', true],
      ['everyone', true],
    ])
  })

  it('notify only those who are listed and named', async () => {
    const bo = guild.person('Bo')
    await channel.send({ content: ana.mention, allowedMentions: { users: [ana.id, bo.id] } })
    expect(pinged()).toEqual([`user ${ana.id}`])
  })

  it('notify everyone and unmentionable roles only by permission', async () => {
    const quiet = guild.role('quiet')
    guild.channel().denies(guild.everyone, 'MentionEveryone')
    discord.channel(channel.id).denies(guild.everyone, 'MentionEveryone')
    await channel.send(`@everyone ${quiet.mention} ${team.mention}`)
    expect(pinged()).toEqual([`role ${team.id}`])
  })

  it('notify the author of the message that is replied to, unless that is switched off', async () => {
    const post = ana.posts(discord.channel(channel.id), 'hi')
    const message = await channel.messages.fetch(post.id)
    await message.reply({ content: 'quiet', allowedMentions: { repliedUser: false } })
    expect(pinged()).toEqual([])
    await message.reply({ content: 'loud', allowedMentions: { parse: [], repliedUser: true } })
    expect(pinged()).toEqual([`user ${ana.id}`])
  })

  it('count in text displays and not in embeds', async () => {
    await channel.send({ embeds: [{ description: everything }] })
    expect(pinged()).toEqual([])
    await channel.send({ flags: ['IsComponentsV2'], components: [{ type: 10, content: ana.mention }] })
    expect(pinged()).toEqual([`user ${ana.id}`])
  })
})
