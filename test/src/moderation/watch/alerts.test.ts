import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { MODERATOR, MODERATORS, textOf, useDesk, VIDEOS, watchedPost } from '../../../helpers/moderation-desk.ts'

const DEADLOCK_LIMIT = { timeout: 60_000, interval: 10 }
const KNIVES = 'rules:\n  - { name: knives, lookFor: [a knife] }\n'

describe('an alert', () => {
  it('tells message, author, channel, rule, score, span and what the clip shows, with a picture that opens', async () => {
    const moderation = useDesk({ rules: KNIVES })
    moderation.engine.sureOf = (question) => (question.includes('knife') ? 0.91 : 0.1)
    const { desk, platform } = await moderation.open()
    await desk.take(watchedPost('10', [moderation.newClip()]))
    await vi.waitFor(() => expect(platform.posted).toHaveLength(1), DEADLOCK_LIMIT)
    const [{ to, notice }] = platform.posted as [(typeof platform.posted)[number]]
    expect(to).toBe(MODERATORS)
    expect(textOf(notice).split('\n')).toEqual([
      'Needs a look: knives',
      `Message: https://pager.example/${VIDEOS}/10`,
      'Author: pager:7',
      `Channel: ${VIDEOS}`,
      'Score: 0.91 (not calibrated, so no probability)',
      'Where in the clip: 0:00-0:01',
      'What it shows: Two words',
      `Version of the rules: ${moderation.policy.version}`,
    ])
    expect(await sharp(notice.picture!.png).metadata()).toMatchObject({ format: 'png' })
    expect(Buffer.from(notice.picture!.blurredPng).equals(Buffer.from(notice.picture!.png))).toBe(false)
    // Nothing acts on the platform unless it was switched on.
    expect(notice.alert!.buttons.map(({ verb }) => verb)).toEqual(['dismiss', 'confirm'])
  })

  it('is told in the languages of its rule, and to whom the rule names', async () => {
    const rules = KNIVES.replace(' }', ', languages: [es, zh], tell: ["pager:99"] }')
    const moderation = useDesk({ rules })
    moderation.engine.sureOf = () => 0.9
    const { desk, platform } = await moderation.open()
    await desk.take(watchedPost('10', [moderation.newClip()]))
    await vi.waitFor(() => expect(platform.posted).toHaveLength(2), DEADLOCK_LIMIT)
    expect(platform.textsIn(MODERATORS)[0]).toMatch(/^Conviene mirarlo: knives\n[\s\S]*\n需要查看：knives\n/)
    const told = platform.posted.find(({ to }) => to === 'pager:99')!
    expect(told.notice.alert).toBeUndefined()
    // No verdict would take it from them.
    expect(told.notice.picture).toBeUndefined()
  })

  it('reaches whom the rule names once they can be reached, each once, after a restart too', async () => {
    const rules = KNIVES.replace(' }', ', tell: ["pager:98", "pager:99", "phone:1"] }')
    const moderation = useDesk({ rules })
    moderation.engine.sureOf = () => 0.9
    const first = await moderation.open()
    for (const to of [MODERATORS, 'pager:99']) first.platform.away.add(to)
    await first.desk.take(watchedPost('10', [moderation.newClip()]))
    // Nobody waits for another.
    await vi.waitFor(() => expect(first.platform.textsIn('pager:98')).toHaveLength(1), DEADLOCK_LIMIT)
    first.platform.away.delete(MODERATORS)
    await vi.waitFor(async () => expect((await first.store.alert(1))?.reference).toBe('post-2'), DEADLOCK_LIMIT)
    await first.desk.press({ ...MODERATOR, alertId: 1, verb: 'confirm' })
    await first.stop()
    expect(first.platform.posted.map(({ to }) => to)).toEqual(['pager:98', MODERATORS])

    const { platform, store } = await moderation.open()
    await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), DEADLOCK_LIMIT)
    expect(platform.posted.map(({ to }) => to)).toEqual(['pager:99'])
    const lines = moderation.log.filter(({ msg }) => msg === 'somebody could not be told')
    expect(lines, 'of a platform that is not there').toMatchObject([{ to: 'phone:1' }])
  })

  it('is not told of people, roles and channels that the rule leaves out', async () => {
    const rules = KNIVES.replace(' }', ', exclude: { roles: ["pager:55"] } }')
    const moderation = useDesk({ rules })
    moderation.engine.sureOf = () => 0.9
    const { desk, platform, store } = await moderation.open()
    await desk.take(watchedPost('10', [moderation.newClip()], { roleIds: ['pager:55'] }))
    await desk.take(watchedPost('11', [moderation.newClip()]))
    await vi.waitFor(async () => expect(await store.countWaiting()).toBe(0), DEADLOCK_LIMIT)
    await vi.waitFor(() => expect(platform.posted).toHaveLength(1), DEADLOCK_LIMIT)
    expect(platform.textsIn(MODERATORS)[0]).toContain(`${VIDEOS}/11`)
  })

  it('waits where the platform does not answer, and is told once', async () => {
    const moderation = useDesk({ rules: KNIVES })
    moderation.engine.sureOf = () => 0.9
    const { desk, platform } = await moderation.open()
    platform.posting = 'unreachable'
    await desk.take(watchedPost('10', [moderation.newClip()]))
    const failed = () => moderation.log.filter(({ msg }) => String(msg).includes('it is tried again')).length
    await vi.waitFor(() => expect(failed()).toBeGreaterThan(1), DEADLOCK_LIMIT)
    platform.posting = 'posted'
    await vi.waitFor(() => expect(platform.posted).toHaveLength(1), DEADLOCK_LIMIT)
    await desk.take(watchedPost('11', [moderation.newClip()]))
    await vi.waitFor(() => expect(platform.posted).toHaveLength(2), DEADLOCK_LIMIT)
  })

  it('that a channel does not take is one line of the log', async () => {
    const moderation = useDesk({ rules: KNIVES })
    moderation.engine.sureOf = () => 0.9
    const { desk, platform, store } = await moderation.open()
    platform.posting = 'refused'
    await desk.take(watchedPost('10', [moderation.newClip()]))
    await vi.waitFor(async () => expect(await store.countOpenAlerts('pager:1')).toBe(1), DEADLOCK_LIMIT)
    const lines = () => moderation.log.filter(({ msg }) => msg === 'an alert could not be told there')
    await vi.waitFor(() => expect(lines()).toHaveLength(1), DEADLOCK_LIMIT)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(lines()).toHaveLength(1)
  })
})
