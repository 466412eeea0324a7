import { describe, expect, it } from 'vitest'
import { useSlack } from './slack-fixture.ts'
import { findPings, type PingingContent } from './world/pings.ts'

function pingsOf(content: Partial<PingingContent>): string[] {
  const full = { text: '', blocks: null, attachments: null, linksNames: false, ...content }
  const pings = findPings(full, (name) => (name === 'ann' ? 'U0ANN' : undefined))
  return pings.map(({ kind, target }) => (target === null ? kind : `${kind} ${target}`))
}

describe('a text', () => {
  it('pings by the mentions of Slack, with a label or without', () => {
    expect(pingsOf({ text: '<!channel> <!here|here> <!everyone>' })).toEqual(['channel', 'here', 'everyone'])
    expect(pingsOf({ text: '<@U012AB> <@W9|ann> <!subteam^S77|@team>' })).toEqual([
      'user U012AB',
      'user W9',
      'usergroup S77',
    ])
  })

  it('pings nobody when escaped, written out or broken up', () => {
    expect(pingsOf({ text: '&lt;!channel&gt; @channel @ann <\u200b!here> <#C012> <https://x.example|@ann>' })).toEqual(
      [],
    )
  })

  it('pings by plain names when names are linked', () => {
    expect(pingsOf({ text: '@channel, @ann and @nobody', linksNames: true })).toEqual(['channel', 'user U0ANN'])
  })
})

describe('blocks and attachments', () => {
  it('ping where their text is formatted', () => {
    expect(pingsOf({ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<!here>' } }] })).toEqual(['here'])
    expect(pingsOf({ blocks: [{ type: 'markdown', text: '<!channel>' }] })).toEqual(['channel'])
    expect(pingsOf({ attachments: [{ pretext: '<!here>', fields: [{ title: 'a', value: '<@U01>' }] }] })).toEqual([
      'here',
      'user U01',
    ])
  })

  it('ping nobody where their text is literal', () => {
    const button = { type: 'button', action_id: 'a', text: { type: 'plain_text', text: '<!here>' }, value: '<!here>' }
    expect(pingsOf({ blocks: [{ type: 'actions', elements: [button] }] })).toEqual([])
  })

  it('ping by the elements of rich text', () => {
    const elements = [
      { type: 'text', text: '<!channel>' },
      { type: 'user', user_id: 'U01' },
      { type: 'broadcast', range: 'everyone' },
    ]
    const blocks = [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }]
    expect(pingsOf({ blocks })).toEqual(['user U01', 'everyone'])
  })
})

describe('the app', () => {
  const fixture = useSlack()

  it('is found out by posts, edits, streams, comments and responses alike', async () => {
    const { slack } = fixture
    const ann = slack.team.addUser('ann')
    const general = slack.team.addChannel('general')
    const { client } = await fixture.startApp((app) => {
      app.command('/valley', async ({ ack, respond }) => {
        await ack()
        await respond('<!everyone>')
      })
    })
    const channel = general.id

    const { ts } = await client.chat.postMessage({ channel, text: '<!channel>' })
    await client.chat.update({ channel, ts: ts!, text: `<@${ann.id}>` })
    await client.chat.postMessage({ channel, text: '@here', link_names: true })
    const streamer = client.chatStream({
      channel,
      thread_ts: ts!,
      recipient_team_id: slack.team.id,
      recipient_user_id: ann.id,
      buffer_size: 1,
    })
    await streamer.append({ markdown_text: '<!he' })
    await streamer.append({ markdown_text: 're>' })
    await streamer.stop()
    await client.filesUploadV2({ channel_id: channel, filename: 'a.txt', content: 'x', initial_comment: '<!channel>' })
    ann.runs('/valley', 'x', general)
    await slack.waitUntil('the response', () => slack.pings().length === 6)

    expect(slack.pings().map(({ kind }) => kind)).toEqual(['channel', 'user', 'here', 'here', 'channel', 'everyone'])
  })
})
