import { describe, expect, it } from 'vitest'
import { isAdmin, isWelcome, type Visitor } from '../../../adapters/discord/access.ts'
import { actionButtons, parseButton, stopButton } from '../../../adapters/discord/buttons.ts'
import { takeMessageLinks } from '../../../adapters/discord/message-links.ts'
import { findClips, type PostContent } from '../../../adapters/discord/parse-clips.ts'
import { parseThreadId, personalPlace, sharedPlace } from '../../../adapters/discord/places.ts'
import { RecentEvents } from '../../../adapters/discord/recent-events.ts'
import { RememberedAddresses } from '../../../adapters/discord/remembered-addresses.ts'
import { DEFAULT_DISCORD_SETTINGS, type DiscordSettings } from '../../../adapters/discord/settings.ts'
import { threadName } from '../../../adapters/discord/threads.ts'
import { en } from '../../../src/conversation/texts/en.ts'

const ID = '112233445566778899'

describe('links to posts', () => {
  it('are taken out of the words, each once', () => {
    const link = `https://discord.com/channels/${ID}/${ID}/223344556677889900`
    const { links, text } = takeMessageLinks(`what is <${link}> and ${link.replace('discord', 'ptb.discord')} here?`)
    expect(links).toEqual([{ channelId: ID, messageId: '223344556677889900' }])
    expect(text).toBe('what is and here?')
  })

  it('to other places are left', () => {
    const text = `see https://discord.com.evil.example/channels/${ID}/${ID}/${ID} and https://example.com/`
    expect(takeMessageLinks(text)).toEqual({ links: [], text })
  })
})

describe('clips of a post', () => {
  const post: PostContent = { channelId: '1', id: '2', files: [], embeds: [] }

  it('of an embed have a handle that does not change with the signature', () => {
    const handles = ['?ex=1&hm=a', '?ex=2&hm=b'].map((query) => {
      const url = `https://cdn.discordapp.com/attachments/1/3/cat.mp4${query}`
      const embeds = [{ type: 'video', video: { url } }] as unknown as PostContent['embeds']
      return findClips({ ...post, embeds }, ['cdn.discordapp.com'])[0]?.clip.handle
    })
    expect(handles[0]).toMatch(/^1\/2\/embed-[0-9a-f]{24}$/)
    expect(handles[1]).toBe(handles[0])
  })

  it.each([
    ['another host', { type: 'video', video: { url: 'https://cdn.discordapp.com.evil.example/a.mp4' } }],
    ['a host within credentials', { type: 'video', video: { url: 'https://cdn.discordapp.com@evil.example/a.mp4' } }],
    ['no web address', { type: 'video', video: { url: 'attachment://cdn.discordapp.com/a.mp4' } }],
    ['a card with a picture', { type: 'rich', image: { url: 'https://cdn.discordapp.com/a.png' } }],
  ])('are not found in an embed of %s', (_, embed) => {
    const embeds = [embed] as unknown as PostContent['embeds']
    expect(findClips({ ...post, embeds }, ['cdn.discordapp.com'])).toEqual([])
  })

  it('from other sites come by the copy that Discord keeps', () => {
    const copy = 'https://images-ext-1.discordapp.net/external/x/https/media.example/a.mp4'
    const embed = { type: 'gifv', video: { url: 'https://media.example/a.mp4', proxy_url: copy } }
    const embeds = [embed] as unknown as PostContent['embeds']
    expect(findClips({ ...post, embeds }, ['images-ext-1.discordapp.net'])[0]?.url).toBe(copy)
  })

  it.each([
    ['cat.MP4', null, true],
    ['cat.bin', 'video/mp4', true],
    ['cat.gif', 'image/gif', true],
    ['notes.txt', 'text/plain', false],
    ['song.mp3', 'audio/mpeg', false],
    ['unknown', null, false],
  ])('beside a clip, %s of type %s counts: %s', (name, contentType, counts) => {
    const file = { id: '3', name, size: 1, contentType, url: 'https://cdn.discordapp.com/a' }
    const clip = { ...file, id: '4', name: 'a.mp4', contentType: 'video/mp4' }
    const found = findClips({ ...post, files: [clip, file] }, [])
    expect(found.map((one) => one.clip.name)).toEqual(counts ? ['a.mp4', name] : ['a.mp4'])
  })
})

describe('the name of a thread', () => {
  it('is the question on one line', () => {
    expect(threadName('  what\n is   this? ')).toBe('what is this?')
    expect(threadName(' \n')).toBe('Valley')
  })

  it('has at most 100 characters, whole ones', () => {
    expect(threadName('🐈'.repeat(100))).toBe('🐈'.repeat(100))
    expect(threadName('🐈'.repeat(101))).toBe(`${'🐈'.repeat(99)}…`)
  })
})

describe('a button', () => {
  it('carries what its press needs', () => {
    const { threadId } = personalPlace(ID, ID)
    const questionId = `discord:${ID}`
    const [row] = actionButtons({ actions: ['more-detail', 'try-again', 'forget'], questionId }, threadId, en)
    const ids = [...(row?.components ?? []), ...stopButton(ID, en).components].flatMap((one) =>
      'custom_id' in one ? [one.custom_id] : [],
    )
    expect(ids.map(parseButton)).toEqual([
      { action: 'more-detail', threadId, questionId },
      { action: 'try-again', threadId, questionId },
      { action: 'forget', threadId, questionId },
      { action: 'stop', requestId: ID },
    ])
    expect(Math.max(...ids.map(({ length }) => length))).toBeLessThanOrEqual(100)
    expect(parseButton(`forget ${threadId}`)).toEqual({ action: 'forget', threadId })
  })

  it.each(['', 'more-detail', 'explode discord:1', 'toString x'])('with the id %j is none of ours', (id) => {
    expect(parseButton(id)).toBeNull()
  })
})

describe('a place', () => {
  it('is read from the id of its conversation', () => {
    expect(parseThreadId(sharedPlace('7', '6').threadId)).toEqual({ channelId: '7' })
    expect(parseThreadId(personalPlace('7', '8').threadId)).toEqual({ channelId: '7', userId: '8' })
    expect(parseThreadId('slack:7')).toBeNull()
  })
})

describe('who is let in', () => {
  const visitor: Visitor = { userId: 'u', roleIds: ['r1', 'r2'], guildId: 'g', channelIds: ['thread', 'channel'] }
  const list = (allow: string[], deny: string[] = []) => ({ allow, deny })

  it.each([
    ['everybody by default', {}, true],
    ['a person on the list', { users: list(['u']) }, true],
    ['a person not on the list', { users: list(['v']) }, false],
    ['a person with one of the roles', { roles: list(['r2']) }, true],
    ['a person with a role that is kept out', { roles: list(['r1'], ['r2']) }, false],
    ['a thread of a channel on the list', { channels: list(['channel']) }, true],
    ['a thread of a channel that is kept out', { channels: list([], ['channel']) }, false],
    ['a guild that is kept out', { guilds: list([], ['g']) }, false],
  ])('%s', (_, settings, expected) => {
    expect(isWelcome({ ...DEFAULT_DISCORD_SETTINGS, ...settings }, visitor)).toBe(expected)
  })

  it('by channels and roles says nothing of direct messages', () => {
    const settings = { ...DEFAULT_DISCORD_SETTINGS, channels: list(['channel']), roles: list(['r1']) }
    const direct = { userId: 'u', roleIds: [], guildId: null, channelIds: ['dm'] }
    expect(isWelcome(settings, direct)).toBe(true)
    expect(isWelcome({ ...settings, directMessages: false }, direct)).toBe(false)
  })
})

describe('an admin of the settings', () => {
  const visitor: Visitor = { userId: 'u', roleIds: ['r1', 'r2'], guildId: 'g', channelIds: ['channel'] }
  const never = (...deny: string[]) => ({ allow: [], deny })

  it.each<[string, Partial<DiscordSettings>, boolean]>([
    ['nobody by default', {}, false],
    ['a person by id', { admins: { users: ['u'], roles: [] } }, true],
    ['a person by a role', { admins: { users: [], roles: ['r2'] } }, true],
    ['nobody else', { admins: { users: ['v'], roles: ['r3'] } }, false],
    ['nobody who is denied', { admins: { users: ['u'], roles: ['r1'] }, users: never('u') }, false],
    ['nobody whose role is denied', { admins: { users: ['u'], roles: [] }, roles: never('r1') }, false],
  ])('is %s', (_, settings, expected) => {
    expect(isAdmin({ ...DEFAULT_DISCORD_SETTINGS, ...settings }, visitor)).toBe(expected)
  })
})

describe('events', () => {
  it('are taken once, until they are too old to come again', async () => {
    let nowMs = 0
    const events = new RecentEvents(() => nowMs)
    expect(await events.claim('a')).toBe(true)
    expect(await events.claim('a')).toBe(false)
    nowMs += 61 * 60 * 1000
    expect(await events.claim('b')).toBe(true)
    expect(await events.claim('a')).toBe(true)
  })
})

describe('remembered addresses', () => {
  it('are given until they expire, the oldest going first when there are too many', () => {
    let nowMs = 0
    const remembered = new RememberedAddresses(2, () => nowMs)
    const found = (id: string) => ({
      clip: { platform: 'discord', handle: `c/m${id}/a` },
      url: `https://cdn.discordapp.com/${id}?ex=${(60).toString(16)}&is=0&hm=0`,
    })
    for (const id of ['1', '2', '3']) remembered.add(found(id))
    expect([1, 2, 3].map((id) => remembered.get(`c/m${id}/a`) !== null)).toEqual([false, true, true])
    remembered.forget('c/m2')
    expect(remembered.get('c/m2/a')).toBeNull()
    nowMs = 60_000
    expect(remembered.get('c/m3/a')).toBeNull()
  })
})
