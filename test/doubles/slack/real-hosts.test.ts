import { WebClient } from '@slack/web-api'
import { fetch } from 'undici'
import { expect, it } from 'vitest'
import { isJson, jsonArray, stringIn } from './json.ts'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack({ usesRealHosts: true })

it("stands for Slack's real hosts and refuses all others", async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const bytes = Buffer.from('a clip')
  ann.posts(general, 'look', { files: [{ name: 'cat.mp4', bytes }] })
  const { event } = slack.deliveries[0]!.payload
  const url = stringIn(jsonArray(isJson(event) ? event.files : [])[0], 'url_private') ?? ''
  const headers = { authorization: `Bearer ${slack.team.botToken}` }

  expect(url).toMatch(/^https:\/\/files\.slack\.com\/files-pri\//)
  const response = await fetch(url, { headers, dispatcher: slack.dispatcher })
  expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
  const api = await slack.fetch('https://slack.com/api/auth.test', { method: 'POST', headers })
  expect(await api.json()).toMatchObject({ ok: true, team_id: slack.team.id })
  await expect(fetch('http://169.254.169.254/latest', { dispatcher: slack.dispatcher })).rejects.toThrow()
  expect(slack.strayConnections).toEqual(['169.254.169.254'])
})

it("lets the real client work by Slack's own addresses, uploads and responses included", async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const client = new WebClient(slack.team.botToken, { fetch: slack.fetch })

  await client.filesUploadV2({ channel_id: general.id, filename: 'a.png', file: Buffer.from([1, 2, 3]) })

  expect(slack.repliesIn(general)[0]?.files[0]?.bytes).toEqual(Buffer.from([1, 2, 3]))
  expect(slack.strayConnections).toEqual([])
})
