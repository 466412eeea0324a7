// Records that go before their time: what their alerts say then, and what the audit log says of it.
import { expect, it, vi } from 'vitest'
import {
  MODERATOR,
  MODERATORS,
  SERVER,
  textOf,
  useDesk,
  VIDEOS,
  watchedPost,
} from '../../../helpers/moderation-desk.ts'

const LIMIT = { timeout: 60_000, interval: 10 }
const KNIVES = 'rules:\n  - { name: knives, lookFor: [a knife] }\n'

/** A desk with an open alert about each of three messages: 10 of person 7, 11 of person 6, 12 in another channel. */
async function open() {
  const watch = [VIDEOS, 'pager:4'].map((channelId) => ({ channelId, reportTo: MODERATORS }))
  const moderation = useDesk({ rules: KNIVES, settings: { watch } })
  moderation.engine.sureOf = () => 0.9
  const opened = await moderation.open()
  const { desk, store, platform } = opened
  await desk.take(watchedPost('10', [moderation.newClip()]))
  await desk.take(watchedPost('11', [moderation.newClip()], { authorId: 'pager:6' }))
  await desk.take(watchedPost('12', [moderation.newClip()], { authorId: 'pager:5', channelId: 'pager:4' }))
  await vi.waitFor(async () => expect(await store.countWaiting()).toBe(0), LIMIT)
  await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), LIMIT)
  const said = () => platform.replaced.map(({ notice }) => textOf(notice).split('\n').at(-1))
  return { ...opened, said }
}

it('an alert says whether the message was deleted, the channel is gone, or a moderator had its record removed', async () => {
  const { desk, said } = await open()
  await desk.messagesDeleted(VIDEOS, ['10'])
  await desk.command(MODERATOR, { name: 'forget', userId: 'pager:6' })
  await desk.placeGone('pager:4')
  expect(said()).toEqual([
    'The message was deleted, and what I kept of it.',
    'A moderator had me remove what I kept of the message.',
    'The channel is gone, and what I kept of the message.',
  ])
})

it('the audit log keeps who had how many records removed, and nothing of whose they were', async () => {
  const { desk, store } = await open()
  await desk.command(MODERATOR, { name: 'forget', userId: 'pager:7' })
  await desk.command(MODERATOR, { name: 'forget', messageId: '11' })
  const audit = async (locale: string) => textOf(await desk.command({ ...MODERATOR, locale }, { name: 'audit' }))
  expect((await audit('en')).split('\n')).toEqual([
    'What moderators did: 2',
    expect.stringMatching(/^• \S+ \S+ pager:8 had the records of a message removed: 1 record is removed\.$/),
    expect.stringMatching(/^• \S+ \S+ pager:8 had the records of a person removed: 1 record is removed\.$/),
  ])
  expect(await audit('es')).toContain('pager:8 hizo borrar los registros de una persona: He borrado 1 registro.')
  for (const { target, outcome } of await store.auditOf(SERVER))
    expect(`${target} ${outcome}`).not.toMatch(/7|11|pager/)
})

it('removing all records of a server stands alone in its audit log, and is done once', async () => {
  const { desk, store } = await open()
  await desk.press({ ...MODERATOR, alertId: 1, verb: 'dismiss' })
  const place = { ...MODERATOR, requestId: 'pager:20' }
  expect(textOf(await desk.command(place, { name: 'forget' }))).toBe('3 records are removed.')
  // As after a crash.
  expect(textOf(await desk.command(place, { name: 'forget' }))).toBe('3 records are removed.')
  expect(await store.auditOf(SERVER)).toMatchObject([{ userId: 'pager:8', action: 'forget', outcome: '3' }])
})
