// What stays of an alert that was confirmed: its buttons, and its label once the message is gone.
import { expect, it, vi } from 'vitest'
import type { ModerationSettings } from '../../../../src/moderation/watch/settings.ts'
import { MODERATOR, SERVER, textOf, useDesk, VIDEOS, watchedPost } from '../../../helpers/moderation-desk.ts'

const LIMIT = { timeout: 60_000, interval: 10 }
const KNIVES = 'rules:\n  - { name: knives, lookFor: [a knife] }\n'

/** A desk with an open alert about message 10. */
async function open(actions: ModerationSettings['actions']) {
  const moderation = useDesk({ rules: KNIVES, settings: { actions } })
  moderation.engine.sureOf = () => 0.9
  const opened = await moderation.open()
  await opened.desk.take(watchedPost('10', [moderation.newClip()]))
  await vi.waitFor(async () => expect(await opened.store.unsentAlerts()).toEqual([]), LIMIT)
  await vi.waitFor(() => expect(opened.platform.posted).toHaveLength(1), LIMIT)
  return opened
}

const press = (verb: 'dismiss' | 'confirm' | 'delete' | 'time-out' | 'thread') => ({ ...MODERATOR, alertId: 1, verb })

it('a confirmed alert can still be acted upon, and a dismissed one cannot', async () => {
  const { desk, platform } = await open(['delete', 'time-out', 'thread'])
  await desk.press(press('confirm'))
  const { notice } = platform.replaced[0]!
  expect(textOf(notice)).toMatch(/Confirmed by pager:8$/)
  expect(notice.alert?.buttons.map(({ verb }) => verb)).toEqual(['delete', 'time-out', 'thread'])
  expect((await desk.press(press('time-out'))).text).toBe('Done.')
  expect((await desk.press(press('delete'))).text).toBe('Done.')
  expect(platform.acts).toEqual(['time-out 10', 'delete 10'])

  const other = await open(['delete'])
  await other.desk.press(press('dismiss'))
  expect(other.platform.replaced[0]!.notice.alert).toBeUndefined()
})

it('a confirmed alert has no buttons where no action is switched on', async () => {
  const { desk, platform } = await open([])
  await desk.press(press('confirm'))
  expect(platform.replaced[0]!.notice.alert).toBeUndefined()
})

it('deleting the message by the alert confirms it, and the label outlives the record', async () => {
  const { desk, store, platform } = await open(['delete'])
  platform.outcome = 'bot-may-not'
  await desk.press(press('delete'))
  expect(await store.labels(), 'nothing was deleted').toEqual([])
  platform.outcome = 'done'
  await desk.press(press('delete'))
  expect(await store.alert(1)).toMatchObject({ verdict: 'confirmed', decidedBy: 'pager:8' })
  await desk.messagesDeleted(VIDEOS, ['10'])
  expect(await store.labels()).toMatchObject([
    { rule: 'knives', score: expect.closeTo(0.9, 6), isPositive: true, contentHash: null },
  ])
  expect(textOf(platform.replaced.at(-1)!.notice)).toContain('The message was deleted')
  expect(platform.replaced.at(-1)!.notice.alert).toBeUndefined()
})

it('deleting the message confirms also where the platform tells of the deletion before it answers', async () => {
  const { desk, store, platform } = await open(['delete'])
  vi.spyOn(platform, 'act').mockImplementation(async () => {
    await desk.messagesDeleted(VIDEOS, ['10'])
    return 'done'
  })
  expect((await desk.press(press('delete'))).text).toBe('Done.')
  expect(await store.alert(1)).toBeNull()
  expect(await store.labels()).toMatchObject([{ rule: 'knives', isPositive: true, contentHash: null }])
  await desk.command(MODERATOR, { name: 'forget' })
  expect(await store.labels()).toEqual([])
  expect(await store.auditOf(SERVER)).toHaveLength(1)
})
