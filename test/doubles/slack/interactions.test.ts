import { expect, it } from 'vitest'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack()
const MP4 = { name: 'cat.mp4', bytes: Buffer.from('not really a clip') }
const THREE_SECONDS_MS = 3000

/** A modal with a question and a file input. */
function clipModal(callbackId = 'ask') {
  return {
    type: 'modal' as const,
    callback_id: callbackId,
    title: { type: 'plain_text' as const, text: 'Ask about a clip' },
    submit: { type: 'plain_text' as const, text: 'Ask' },
    blocks: [
      {
        type: 'input' as const,
        block_id: 'question-block',
        label: { type: 'plain_text' as const, text: 'Question' },
        element: { type: 'plain_text_input' as const, action_id: 'question' },
      },
      {
        type: 'input' as const,
        block_id: 'clip-block',
        label: { type: 'plain_text' as const, text: 'Clip' },
        element: { type: 'file_input' as const, action_id: 'clip', filetypes: ['mp4'], max_files: 1 },
      },
    ],
  }
}

it('shows what a slash command is acknowledged with and what is responded later', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.startApp((app) => {
    app.command('/valley', async ({ ack, command, respond }) => {
      await ack({ response_type: 'ephemeral', text: 'Looking' })
      await respond({ response_type: 'in_channel', text: `You asked: ${command.text}` })
    })
  })

  const delivery = ann.runs('/valley', 'what is it?', general)
  const outcome = await delivery.settled
  await slack.waitForMessage(general, /You asked: what is it\?/)

  expect(outcome).toMatchObject({ isAcknowledged: true, payload: { text: 'Looking' } })
  expect(outcome.isAcknowledged && outcome.afterMs).toBeLessThan(THREE_SECONDS_MS)
  expect(ann.ephemeralsIn(general).map(({ text }) => text)).toEqual(['Looking'])
})

it('tells a person that a command failed when it is not acknowledged, and does not send it again', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await fixture.startApp((app) => app.command('/valley', async () => {}))

  const delivery = ann.runs('/valley', 'hello', general)
  slack.clock.advance(THREE_SECONDS_MS)

  expect(await delivery.settled).toEqual({ isAcknowledged: false, reason: 'timeout' })
  expect(delivery.attempts).toHaveLength(1)
})

it('ends a response URL after five posts or thirty minutes', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const statuses: unknown[] = []
  await fixture.startApp((app) => {
    app.command('/valley', async ({ ack, respond }) => {
      await ack()
      for (let post = 1; post <= 6; post += 1) {
        await respond(`number ${post}`).then(
          ({ status }) => statuses.push(status),
          (error: { status?: number }) => statuses.push(error.status),
        )
      }
    })
  })

  const delivery = ann.runs('/valley', '', general)
  await slack.waitUntil('six responses', () => statuses.length === 6)
  expect(ann.ephemeralsIn(general)).toHaveLength(5)

  const again = ann.runs('/valley', '', general)
  await again.settled
  slack.clock.advance(30 * 60_000 + 1)
  const url = String(delivery.payload.response_url)
  const late = await fetch(url, { method: 'POST', body: JSON.stringify({ text: 'late' }) })
  expect([late.status, await late.text()]).toEqual([404, 'expired_url'])
})

it('hands the message with its clip to a message shortcut', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const seen: unknown[] = []
  await fixture.startApp((app) => {
    app.shortcut('describe_clip', async ({ ack, shortcut, respond }) => {
      await ack()
      seen.push(shortcut)
      await respond('Looking')
    })
  })

  const post = ann.posts(general, 'look', { files: [MP4] })
  await ann.usesShortcut('describe_clip', post).settled
  await slack.waitUntil('the response', () => ann.ephemeralsIn(general).length === 1)

  expect(seen).toMatchObject([
    {
      type: 'message_action',
      message_ts: post.ts,
      channel: { id: general.id },
      user: { id: ann.id },
      message: { files: [{ name: 'cat.mp4', mimetype: 'video/mp4' }] },
    },
  ])
})

it('opens a modal by a trigger, takes its files and closes it', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const submitted: unknown[] = []
  await fixture.startApp((app) => {
    app.command('/valley', async ({ ack, client, command }) => {
      await ack()
      await client.views.open({ trigger_id: command.trigger_id, view: clipModal() })
    })
    app.view('ask', async ({ ack, view }) => {
      await ack()
      submitted.push(view.state.values)
    })
  })

  ann.runs('/valley', '', general)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  await ann.submits(modal, { question: 'What is it?', clip: [MP4] }).settled
  await slack.waitUntil('the submission', () => submitted.length === 1)

  expect(submitted).toMatchObject([
    {
      'question-block': { question: { type: 'plain_text_input', value: 'What is it?' } },
      'clip-block': { clip: { type: 'file_input', files: [{ name: 'cat.mp4', mimetype: 'video/mp4' }] } },
    },
  ])
  expect(ann.openModal).toBeUndefined()
  expect(() => ann.submits(modal)).toThrow('not open')
})

it('keeps a modal open that the app finds wrong or changes', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const answers = [
    { response_action: 'errors' as const, errors: { 'question-block': 'Ask something' } },
    { response_action: 'update' as const, view: clipModal('asked') },
  ]
  await fixture.startApp((app) => {
    app.command('/valley', async ({ ack, client, command }) => {
      await client.views.open({ trigger_id: command.trigger_id, view: clipModal() })
      await ack()
    })
    app.view('ask', async ({ ack }) => await ack(answers.shift()!))
  })
  ann.runs('/valley', '', general)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)

  await ann.submits(modal, { question: ' ', clip: [MP4] }).settled
  expect(modal.errors).toEqual({ 'question-block': 'Ask something' })
  await ann.submits(modal, { question: 'What?', clip: [MP4] }).settled
  expect(modal).toMatchObject({ isOpen: true, content: { callback_id: 'asked' } })

  expect(() => ann.submits(modal, { question: 'x' })).toThrow('clip is required')
  expect(() => ann.submits(modal, { question: 'x', clip: [{ ...MP4, name: 'a.txt' }] })).toThrow('mp4')
})

it('refuses a trigger that was used, is late or was never given', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp((app) => app.command('/valley', async ({ ack }) => await ack()))
  const open = (trigger: unknown) => client.views.open({ trigger_id: String(trigger), view: clipModal() })

  const used = ann.runs('/valley', '', general).payload.trigger_id
  await open(used)
  await expect(open(used)).rejects.toMatchObject({ data: { error: 'exchanged_trigger_id' } })
  const late = ann.runs('/valley', '', general).payload.trigger_id
  slack.clock.advance(THREE_SECONDS_MS + 1)
  await expect(open(late)).rejects.toMatchObject({ data: { error: 'expired_trigger_id' } })
  await expect(open('1.2.3')).rejects.toMatchObject({ data: { error: 'invalid_trigger_id' } })
})

it('refuses a modal that breaks a rule of views, and updates one by id and hash', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const { client } = await fixture.startApp()
  const trigger = () => slack.world.newTrigger(ann.id)
  const { submit: _submit, ...noSubmit } = clipModal()
  const long = { ...clipModal(), title: { type: 'plain_text' as const, text: 'x'.repeat(25) } }

  for (const view of [noSubmit, long]) {
    const opening = client.views.open({ trigger_id: trigger(), view })
    await expect(opening).rejects.toMatchObject({ data: { error: 'invalid_arguments' } })
  }
  const { view } = await client.views.open({ trigger_id: trigger(), view: clipModal() })
  await client.views.update({ view_id: view!.id!, hash: view!.hash!, view: clipModal('second') })
  const stale = client.views.update({ view_id: view!.id!, hash: view!.hash!, view: clipModal('third') })
  await expect(stale).rejects.toMatchObject({ data: { error: 'hash_conflict' } })
  expect(ann.openModal?.content.callback_id).toBe('second')
})

it('presses buttons and feedback under a message, whose text a response may replace', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const pressed: unknown[] = []
  const { client } = await fixture.startApp((app) => {
    app.action(/.*/, async ({ ack, action, respond }) => {
      await ack()
      pressed.push(action)
      await respond({ replace_original: true, text: 'Stopped' })
    })
  })
  const label = (text: string) => ({ type: 'plain_text' as const, text })
  await client.chat.postMessage({
    channel: general.id,
    text: 'Looking',
    blocks: [
      { type: 'actions', elements: [{ type: 'button', action_id: 'stop', text: label('Stop'), value: 'job-1' }] },
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'feedback',
            positive_button: { text: label('Good'), value: 'good' },
            negative_button: { text: label('Bad'), value: 'bad' },
          },
        ],
      },
    ],
  })
  const message = await slack.waitForMessage(general, /Looking/)

  expect(() => ann.presses(message, 'retry')).toThrow('nothing to press')
  ann.presses(message, 'feedback', 'bad')
  ann.presses(message, 'stop')
  await slack.waitForMessage(general, /Stopped/)
  await slack.waitUntil('both presses', () => pressed.length === 2)

  expect(pressed).toMatchObject([
    { type: 'feedback_buttons', action_id: 'feedback', value: 'bad' },
    { type: 'button', action_id: 'stop', value: 'job-1' },
  ])
})

it('tells of a closed modal, a pushed one, a global shortcut and the home tab', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const heard: string[] = []
  await fixture.startApp((app) => {
    app.shortcut('ask_anywhere', async ({ ack, client, shortcut }) => {
      await ack()
      heard.push(shortcut.type)
      await client.views.open({ trigger_id: shortcut.trigger_id, view: { ...clipModal(), notify_on_close: true } })
    })
    app.view('ask', async ({ ack }) => await ack({ response_action: 'push', view: clipModal('more') }))
    app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack, view }) => {
      await ack()
      heard.push(`closed ${view.callback_id}`)
    })
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } })
    })
  })

  ann.usesGlobalShortcut('ask_anywhere')
  const first = await slack.waitUntil('the modal', () => ann.openModal)
  await ann.submits(first, { question: 'x', clip: [MP4] }).settled
  expect(ann.openModal).toMatchObject({ content: { callback_id: 'more' } })
  expect(ann.closes(ann.openModal!)).toBeNull()
  expect(ann.openModal).toBe(first)
  ann.closes(first)
  ann.opensHome()
  const home = await slack.waitUntil('the home tab', () => {
    return [...slack.world.views.values()].find(({ type }) => type === 'home')
  })
  await slack.waitUntil('the closing', () => heard.length === 2)

  expect(heard).toEqual(['shortcut', 'closed ask'])
  expect(home).toMatchObject({ userId: ann.id, content: { blocks: [{ type: 'divider' }] } })
})
