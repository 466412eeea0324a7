import { expect, it } from 'vitest'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack()

it('shows a streamed message as it grows, until the app stops it with blocks', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.startApp((app) => {
    app.event('app_mention', async ({ sayStream }) => {
      const streamer = sayStream({ buffer_size: 4 })
      await streamer.append({ markdown_text: 'A black ' })
      await streamer.append({ markdown_text: 'cat ' })
      await streamer.append({
        chunks: [{ type: 'task_update', id: 'look', title: 'Looking at frames', status: 'complete' }],
      })
      await streamer.stop({ markdown_text: 'sleeps.', blocks: [{ type: 'divider' }] })
    })
  })

  const question = ann.posts(general, '@valley what is it?')
  const message = await slack.waitUntil('the end', () => {
    return slack.repliesIn(general).find(({ streamingState }) => streamingState === 'completed')
  })

  expect(slack.streams).toMatchObject([
    {
      threadTs: question.ts,
      recipientUserId: ann.id,
      recipientTeamId: slack.team.id,
      appended: ['A black ', 'cat ', '', 'sleeps.'],
      chunks: [{ type: 'task_update', id: 'look' }],
      state: 'completed',
    },
  ])
  expect(message.versions).toEqual(['', 'A black ', 'A black cat ', 'A black cat ', 'A black cat sleeps.'])
  expect(message).toMatchObject({ text: 'A black cat sleeps.', blocks: [{ type: 'divider' }] })
})

it('asks for the recipient in channels and not in direct messages', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  const inChannel = { channel: general.id, thread_ts: ann.posts(general, 'x').ts }
  const inDirect = { channel: ann.directMessage.id, thread_ts: ann.posts(ann.directMessage, 'x').ts }
  const refusal = (error: string) => expect.objectContaining({ data: expect.objectContaining({ error }) })

  await expect(client.chat.startStream(inChannel)).rejects.toEqual(refusal('missing_recipient_team_id'))
  const toTeam = { ...inChannel, recipient_team_id: slack.team.id }
  await expect(client.chat.startStream(toTeam)).rejects.toEqual(refusal('missing_recipient_user_id'))
  const elsewhere = { ...inChannel, recipient_team_id: 'T0ELSE', recipient_user_id: ann.id }
  await expect(client.chat.startStream(elsewhere)).rejects.toEqual(refusal('team_not_found'))
  expect((await client.chat.startStream(inDirect)).ts).toBe(slack.streams[0]!.ts)
})

it('refuses to go on with a stream that a person stopped, that expired or that was stopped', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const question = ann.posts(ann.directMessage, 'x')
  const { client } = await fixture.startApp()
  const channel = ann.directMessage.id
  const start = async () => {
    const { ts } = await client.chat.startStream({ channel, thread_ts: question.ts, markdown_text: 'A ' })
    return slack.messagesIn(ann.directMessage).find((message) => message.ts === ts)!
  }
  const append = (ts: string, text = 'cat') => client.chat.appendStream({ channel, ts, markdown_text: text })

  const running = await start()
  const edit = client.chat.update({ channel, ts: running.ts, text: 'x' })
  await expect(edit).rejects.toMatchObject({ data: { error: 'streaming_state_conflict' } })
  await expect(append(running.ts, 'x'.repeat(12_001))).rejects.toMatchObject({ data: { error: 'msg_too_long' } })
  const wrong = client.chat.appendStream({ channel, ts: running.ts, chunks: [{ type: 'song' }] as never })
  await expect(wrong).rejects.toMatchObject({ data: { error: 'invalid_chunks' } })
  ann.stopsStream(running)
  await expect(append(running.ts)).rejects.toMatchObject({ data: { error: 'stopped_by_user' } })

  const expired = await start()
  slack.expireStream(expired)
  await expect(append(expired.ts)).rejects.toMatchObject({ data: { error: 'message_not_in_streaming_state' } })
  await client.chat.update({ channel, ts: expired.ts, text: 'A cat' })
  expect(expired.text).toBe('A cat')

  const stopped = await start()
  await client.chat.stopStream({ channel, ts: stopped.ts })
  await expect(append(stopped.ts)).rejects.toMatchObject({ data: { error: 'message_not_in_streaming_state' } })
})

it('shows status, title and prompts in the assistant pane', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const contexts: unknown[] = []
  await fixture.startApp((app) => {
    app.event('assistant_thread_started', async ({ event, client }) => {
      const { channel_id, thread_ts } = event.assistant_thread
      const prompts = [{ title: 'Describe', message: 'Describe the newest clip' }]
      await client.assistant.threads.setSuggestedPrompts({ channel_id, thread_ts, prompts })
      await client.assistant.threads.setTitle({ channel_id, thread_ts, title: 'Clips' })
      await client.assistant.threads.setStatus({ channel_id, thread_ts, status: 'is looking' })
      await client.assistant.threads.setStatus({ channel_id, thread_ts, status: '' })
    })
    app.event('assistant_thread_context_changed', async ({ event }) => {
      contexts.push(event.assistant_thread.context.channel_id)
    })
  })

  const root = ann.opensAssistant()
  ann.movesAssistantTo(root, general)
  await slack.waitUntil('everything', () => contexts.length === 1 && slack.assistantThread(root).statuses.length === 2)

  expect(slack.assistantThread(root)).toMatchObject({
    statuses: ['is looking', ''],
    titles: ['Clips'],
    prompts: [{ title: 'Describe', message: 'Describe the newest clip' }],
  })
  expect(contexts).toEqual([general.id])
})
