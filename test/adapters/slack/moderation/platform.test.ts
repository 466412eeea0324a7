// What moderation asks of Slack as a platform: to post, to find a post again, to change it, to say what is still there.
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ModeratedPlatform } from '../../../../src/moderation/platform/platform.ts'
import type { User } from '../../../doubles/slack/people/user.ts'
import { apiError, rateLimited } from '../../../doubles/slack/web-api/faults.ts'
import type { Channel } from '../../../doubles/slack/world/channel.ts'
import { useValley } from '../slack-talk.ts'

const fixture = useValley()
let ann: User
let videos: Channel
let mods: Channel

it('a post for moderators whose answer was lost is found again instead of posted twice', async () => {
  let moderated: ModeratedPlatform | null = null
  mods = fixture.slack.team.addChannel('mods')
  await fixture.start({
    prepare: async (adapter) => {
      moderated = adapter.moderated
    },
  })
  const notice = { lines: [['Needs a look: knives']], restAttached: '', restName: '' }
  const told = []
  for (const key of ['alert-1-10', 'alert-1-10', 'alert-2-11']) {
    told.push(await moderated!.post(`slack:${fixture.slack.team.id}:${mods.id}`, notice, key))
  }
  const posts = fixture.slack.messagesIn(mods)
  expect(posts).toHaveLength(2)
  expect(told.map((one) => (one.kind === 'posted' ? one.reference : one))).toEqual([
    posts[0]!.ts,
    posts[0]!.ts,
    posts[1]!.ts,
  ])
})

it('a post for a person is found again and changed; what cannot be now is told from what never can', async () => {
  let moderated: ModeratedPlatform | null = null
  ann = fixture.slack.team.addUser('ann')
  await fixture.start({
    prepare: async (adapter) => {
      moderated = adapter.moderated
    },
  })
  const { post, replace } = { post: moderated!.post.bind(moderated), replace: moderated!.replace.bind(moderated) }
  const notice = { lines: [['Needs a look: knives']], restAttached: '', restName: '' }
  const to = `slack:${fixture.slack.team.id}:${ann.id}`
  const [told] = [await post(to, notice, 'alert-1-10'), await post(to, notice, 'alert-1-10')]
  const direct = () => fixture.slack.messagesIn(ann.directMessage)
  expect(direct()).toHaveLength(1)
  const reference = told!.kind === 'posted' ? told!.reference : ''
  const gone = { ...notice, lines: [['Gone']] }
  fixture.slack.plan('chat.update', apiError('internal_error'))
  expect(await replace(to, reference, gone)).toBe('unreachable')
  expect(await replace(to, reference, gone)).toBe('replaced')
  expect(direct().map(({ text }) => text)).toEqual(['Gone'])
  expect(await replace(to, '1.000001', gone)).toBe('gone')
  expect(await replace('slack:T0OTHER:C1', reference, gone), 'of a workspace without Valley').toBe('gone')
})

it('somebody on Slack is told of what happened on Discord, whose channels and people Slack does not know', async () => {
  let moderated: ModeratedPlatform | null = null
  mods = fixture.slack.team.addChannel('mods')
  await fixture.start({
    prepare: async (adapter) => {
      moderated = adapter.moderated
    },
  })
  const lines = [
    ['Author: ', { kind: 'user' as const, id: 'discord:1234567890' }],
    ['Channel: ', { kind: 'channel' as const, id: 'discord:2345678901' }],
    ['Here: ', { kind: 'channel' as const, id: `slack:${fixture.slack.team.id}:${mods.id}` }],
  ]
  const told = await moderated!.post(`slack:${mods.id}`, { lines, restAttached: '', restName: '' }, 'alert-1-10')
  expect(told.kind).toBe('posted')
  const [post] = fixture.slack.messagesIn(mods)
  expect(post!.text).toContain('Author: discord:1234567890\nChannel: discord:2345678901\n')
  const blocks = JSON.stringify(post!.blocks)
  expect(blocks).toContain('{"type":"text","text":"discord:1234567890"}')
  expect(blocks).toContain('{"type":"text","text":"discord:2345678901"}')
  expect(blocks).toContain(`{"type":"channel","channel_id":"${mods.id}"}`)
  expect(fixture.slack.requests('users.info').filter(({ args }) => args.user === '1234567890')).toEqual([])
})

it('what was deleted while nobody listened is found by asking', async () => {
  let moderated: ModeratedPlatform | null = null
  const { team } = fixture.slack
  ann = team.addUser('ann')
  videos = team.addChannel('videos')
  await fixture.start({
    prepare: async (adapter) => {
      moderated = adapter.moderated
    },
  })
  const first = ann.posts(videos, 'one')
  const [reply, single] = [ann.posts(videos, 'two', { thread: first }), ann.posts(videos, 'three')]
  const [groupId, channelId] = [`slack:${team.id}`, `slack:${team.id}:${videos.id}`]
  const posts = async () => {
    const found = []
    for (const { ts: messageId } of [first, reply, single])
      found.push(await moderated!.hasPost({ groupId, channelId, messageId, authorId: `${groupId}:${ann.id}` }))
    return found
  }
  expect(await posts()).toEqual(['there', 'there', 'there'])
  for (const post of [first, single]) ann.deletes(post)
  expect(await posts(), 'of the first its place stands above the reply').toEqual(['gone', 'there', 'gone'])
  ann.deletes(reply)
  fixture.slack.plan('conversations.replies', apiError('internal_error'))
  expect(await posts()).toEqual(['unknown', 'gone', 'gone'])
  const places = async () => [await moderated!.hasPlace(groupId, channelId), await moderated!.hasPlace(groupId)]
  expect(await places()).toEqual(['there', 'there'])
  team.deletesChannel(videos)
  fixture.slack.plan('auth.test', apiError('account_inactive'))
  expect(await places()).toEqual(['gone', 'gone'])
  fixture.slack.plan('auth.test', apiError('token_revoked'))
  expect(await places()).toEqual(['gone', 'unknown'])
})

it('whether a channel can be read is asked each ten minutes, also where Slack does not tell, and never while it wants a pause', async () => {
  let moderated: ModeratedPlatform | null = null
  const { team } = fixture.slack
  const channels = ['one', 'two', 'three'].map((name) => team.addChannel(name))
  const closed = team.addChannel('closed', { withBot: false })
  await fixture.start({
    prepare: async (adapter) => {
      moderated = adapter.moderated
    },
  })
  let nowMs = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  onTestFinished(() => clock.mockRestore())
  /** @returns what is said of each channel, and for how many of them Slack was asked */
  const ask = async (asked: readonly Channel[]) => {
    const before = fixture.slack.requests('conversations.info').length
    const said = []
    for (const { id } of asked) said.push(await moderated!.mayRead!(`slack:${team.id}:${id}`))
    return [...said, fixture.slack.requests('conversations.info').length - before]
  }
  team.scopes.delete('channels:read')
  expect(await ask(channels)).toEqual(['unknown', 'unknown', 'unknown', 3])
  team.scopes.add('channels:read')
  expect(await ask(channels)).toEqual(['unknown', 'unknown', 'unknown', 0])
  nowMs += 10 * 60_000
  fixture.slack.plan('conversations.info', rateLimited(30), { when: ({ channel }) => channel === channels[1]!.id })
  expect(await ask(channels), 'the second is refused').toEqual(['there', 'unknown', 'unknown', 2])
  nowMs += 20_000
  expect(await ask(channels)).toEqual(['there', 'unknown', 'unknown', 0])
  nowMs += 10_000
  expect(await ask(channels)).toEqual(['there', 'there', 'there', 2])
  expect(await ask([closed, closed]), 'somebody may let Valley in').toEqual(['gone', 'gone', 2])
})
