// What moderators and a moderating bot do: roles, time-outs, bans.
import { type Client, Events, RESTJSONErrorCodes } from 'discord.js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { logIn } from './logged-in-client.ts'
import type { Guild } from './people/guild.ts'
import type { Person } from './people/person.ts'

let discord: DiscordDouble
let client: Client<true>
let guild: Guild
let ana: Person

beforeEach(async () => {
  discord = await openDiscordDouble()
  guild = discord.guild()
  ana = guild.person('Ana')
  client = await logIn(discord)
})

afterEach(async () => {
  await client.destroy()
  await discord.close()
})

const theGuild = () => client.guilds.cache.get(guild.id)!

it('a role that is made while the bot is connected is known to it', async () => {
  const created = new Promise((resolve) => client.once(Events.GuildRoleCreate, resolve))
  const { id } = guild.role('judges', { permissions: ['ManageMessages'], people: [ana] })
  await created
  const member = await theGuild().members.fetch({ user: ana.id, force: true })
  expect(theGuild().roles.cache.get(id)?.name).toBe('judges')
  expect(member.permissions.has('ManageMessages')).toBe(true)
})

it('a member is timed out by a bot that may, and by no other', async () => {
  const member = await theGuild().members.fetch(ana.id)
  await expect(member.timeout(60_000)).rejects.toMatchObject({ code: RESTJSONErrorCodes.MissingPermissions })
  guild.role('bots', { permissions: ['ModerateMembers'], people: [discord.bot as Person] })
  await member.timeout(60_000)
  const again = await theGuild().members.fetch({ user: ana.id, force: true })
  expect(again.communicationDisabledUntil).toBeInstanceOf(Date)
})

it('a ban takes the messages of the member along, those of each channel in one event', async () => {
  const general = guild.channel()
  const [one, two] = [ana.posts(general, 'one'), ana.posts(general, 'two')]
  const deleted = new Promise<string[]>((resolve) => {
    client.once(Events.MessageBulkDelete, (messages) => resolve([...messages.keys()]))
  })
  guild.bans(ana)
  expect((await deleted).toSorted()).toEqual([one.id, two.id].toSorted())
  expect(discord.messagesIn(general)).toEqual([])
  await expect(theGuild().members.fetch({ user: ana.id, force: true })).rejects.toMatchObject({
    code: RESTJSONErrorCodes.UnknownMember,
  })
})
