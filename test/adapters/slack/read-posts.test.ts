// Reading posts page by page over Slack's wire.
import { expect, it } from 'vitest'
import { PostReader } from '../../../adapters/slack/read-posts.ts'
import { Workspace } from '../../../adapters/slack/workspace.ts'
import { httpError } from '../../doubles/slack/web-api/faults.ts'
import { useValley } from './slack-talk.ts'

const fixture = useValley()

function openReader(): PostReader {
  const { team, apiUrl } = fixture.slack
  const identity = { teamId: team.id, botToken: team.botToken, botUserId: team.botUserId }
  return new PostReader(new Workspace(identity, { slackApiUrl: apiUrl }))
}

it('more posts than the requests bring are told from all of them, in a channel and in a thread', async () => {
  const ann = fixture.slack.team.addUser('ann')
  const [videos, threads] = [fixture.slack.team.addChannel('videos'), fixture.slack.team.addChannel('threads')]
  const root = ann.posts(threads, 'root')
  for (let number = 0; number < 201; number += 1) {
    ann.posts(videos, `post ${number}`)
    ann.posts(threads, `reply ${number}`, { thread: root })
  }
  const reader = openReader()
  const read = async (mostPages: number) =>
    [
      await reader.history(videos.id, { fromMs: 0, mostPages }),
      await reader.thread(threads.id, root.ts, { fromMs: 0, mostPages }),
    ].map(({ posts, isCut }) => [posts.length, isCut])
  expect(await read(1)).toEqual([
    [200, true],
    [200, true],
  ])
  expect(await read(2)).toEqual([
    [201, false],
    [202, false],
  ])
  const { posts } = await reader.history(videos.id, { fromMs: 0, mostPages: 2 })
  expect([posts[0]!.text, posts.at(-1)!.text], 'the oldest first').toEqual(['post 0', 'post 200'])
})

it('a request that Slack fails at is tried again, one that it refuses is not', async () => {
  const ann = fixture.slack.team.addUser('ann')
  const [videos, other] = [fixture.slack.team.addChannel('videos'), fixture.slack.team.addChannel('other')]
  ann.posts(videos, 'post')
  fixture.slack.plan('conversations.history', httpError(500))
  const range = { fromMs: 0, mostPages: 1 }
  expect((await openReader().history(videos.id, range)).posts).toHaveLength(1)
  fixture.slack.team.removesBotFrom(other)
  await expect(openReader().history(other.id, range)).rejects.toMatchObject({ data: { error: 'not_in_channel' } })
  expect(fixture.slack.requests('conversations.history')).toHaveLength(3)
})
