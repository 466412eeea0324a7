import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLogger } from '../../../../src/logger.ts'
import { Digests } from '../../../../src/moderation/digest/digests.ts'
import { parsePolicy } from '../../../../src/moderation/policy.ts'
import type { ModerationSettings } from '../../../../src/moderation/watch/settings.ts'
import { Database } from '../../../../src/storage/database.ts'
import { SqliteModerationStore } from '../../../../src/storage/moderation-store.ts'
import { LOOKED } from '../../../contract/moderation-store-contract.ts'
import { FakeModeratedPlatform, MODERATORS, SERVER, SETTINGS, VIDEOS } from '../../../helpers/moderation-desk.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** Times of November 2026 where the server is; the 20th is a Friday. */
const at = (day: number, hour: number) => Date.parse(`2026-11-${day}T${String(hour).padStart(2, '0')}:00:00+01:00`)

/** A channel that takes reports; each call of `writeDue` is a start of Valley at that time. */
async function useChannel() {
  const database = await Database.open({ file: join(temporaryFolder(), 'valley.db') })
  onTestFinished(() => database.close())
  const store = new SqliteModerationStore(database)
  const platform = new FakeModeratedPlatform()
  const { policy } = parsePolicy('rules:\n  - { name: knives, lookFor: [a knife] }\n', 'rules.yaml')
  return {
    store,
    platform,
    async writeDue(nowMs: number, settings: Partial<ModerationSettings> = {}, isWatched = true) {
      const digests = new Digests({
        store,
        policy: policy!,
        settings: { ...SETTINGS, timeZone: 'Europe/Madrid', ...settings },
        platformOf: () => platform,
        logger: createLogger('silent'),
        now: () => nowMs,
      })
      await (isWatched ? digests.writeDue([MODERATORS]) : digests.writeDue([], [MODERATORS]))
    },
    async post(postedAtMs: number) {
      const messageId = String(postedAtMs)
      const by = { groupId: SERVER, channelId: VIDEOS, messageId, authorId: 'pager:7', roleIds: [], postedAtMs }
      await store.addClips([{ post: by, clip: { platform: 'pager', handle: messageId }, reportTo: MODERATORS }])
    },
    /** The first two lines of each digest. */
    heads: () => platform.textsIn(MODERATORS).map((text) => text.split('\n').slice(0, 2).join(', ')),
  }
}

describe('a digest', () => {
  it('tells what was found in clips that were looked at only after the digest of their day, once', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(19, 10))
    await channel.post(at(19, 23))
    await channel.writeDue(at(20, 10))
    expect(channel.platform.textsIn(MODERATORS)[0]).toContain('1 still waits.')
    const finding = { level: 'note', score: 0.6, isCalibrated: false, startSeconds: 1, endSeconds: 2 } as const
    const findings = [{ ...finding, rule: 'knives', frameTimesSeconds: [1] }]
    await channel.store.finish(1, { ...LOOKED, findings, endedAtMs: at(20, 11) }, [])
    await channel.writeDue(at(21, 10))
    await channel.writeDue(at(22, 10))
    const late = [
      '1 clip from before, looked at since the last digest:',
      'Findings: knives 1',
      `• noted, 0.60, 0:01-0:02, https://pager.example/${VIDEOS}/${at(19, 23)}`,
    ]
    expect(channel.platform.textsIn(MODERATORS).slice(1)).toEqual([
      ['Clips of 2026-11-20: none.', ...late].join('\n'),
      'Clips of 2026-11-21: none.',
    ])
  })

  it('names those of them that were not looked at after all, and counts none of them as looked at', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(19, 10))
    await channel.post(at(19, 22))
    await channel.post(at(19, 23))
    await channel.writeDue(at(20, 10))
    await channel.store.finish(1, { kind: 'capped', endedAtMs: at(20, 11) }, [])
    await channel.store.finish(2, { kind: 'failed', code: 'CLIP_UNREADABLE', endedAtMs: at(20, 11) }, [])
    await channel.writeDue(at(21, 10))
    expect(channel.platform.textsIn(MODERATORS)[1]!.split('\n')).toEqual([
      'Clips of 2026-11-20: none.',
      'Not looked at: 2',
      `• more than are looked at in a day, https://pager.example/${VIDEOS}/${at(19, 22)}`,
      `• damaged or cut short, https://pager.example/${VIDEOS}/${at(19, 23)}`,
    ])
  })

  it('tells late findings also where a channel is watched no longer', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(19, 10))
    await channel.post(at(19, 23))
    await channel.writeDue(at(20, 10))
    await channel.store.finish(1, { ...LOOKED, endedAtMs: at(20, 11) }, [])
    await channel.writeDue(at(21, 10), {}, false)
    await channel.writeDue(at(22, 10), {}, false)
    expect(channel.heads().slice(1)).toEqual([
      'Clips of 2026-11-20: none., 1 clip from before, looked at since the last digest:',
    ])
  })

  it('comes also where a channel is watched no longer, of the days on which it was', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(19, 10))
    await channel.post(at(19, 23))
    await channel.writeDue(at(20, 10), {}, false)
    await channel.writeDue(at(21, 10), {}, false)
    expect(channel.heads()).toEqual(['Clips of 2026-11-19, 1 clip by 1 person in 1 channel'])
  })
})

describe('digests of days on which Valley was away at the hour', () => {
  it('are made up for, in order and once each; days without clips are passed over but the last', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(20, 10))
    await channel.post(at(20, 12))
    await channel.writeDue(at(23, 10))
    const expected = ['Clips of 2026-11-20, 1 clip by 1 person in 1 channel', 'Clips of 2026-11-22: none.']
    expect(channel.heads()).toEqual(expected)
    await channel.writeDue(at(23, 11))
    expect(channel.heads()).toEqual(expected)
    expect(await channel.store.digestEnd(MODERATORS)).toBe(at(23, 0))
  })

  it('wait together while the platform does not answer', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(20, 10))
    for (const day of [20, 21, 22]) await channel.post(at(day, 12))
    const { platform } = channel
    vi.spyOn(platform, 'post').mockResolvedValueOnce({ kind: 'unreachable', reason: 'scripted' })
    await channel.writeDue(at(23, 10))
    expect(channel.heads()).toEqual([])
    await channel.writeDue(at(23, 11))
    expect(platform.posted.map(({ key }) => key)).toEqual([21, 22, 23].map((day) => `digest-${at(day, 0)}`))
  })

  it('go back no further than records are kept whole', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(10, 10))
    for (const day of [10, 20, 21]) await channel.post(at(day, 12))
    // Of the 20th only what was posted after ten is kept.
    await channel.writeDue(at(23, 10), { retentionDays: 3 })
    expect(channel.heads().map((head) => head.slice(0, 19))).toEqual(['Clips of 2026-11-21', 'Clips of 2026-11-22'])
  })

  it('are made up for by the week too', async () => {
    const channel = await useChannel()
    const weekly = { digest: 'week' } as const
    await channel.writeDue(at(10, 10), weekly)
    for (const day of [12, 20]) await channel.post(at(day, 12))
    await channel.writeDue(at(24, 10), weekly)
    expect(channel.platform.posted.map(({ key }) => key)).toEqual([16, 23].map((day) => `digest-${at(day, 0)}`))
  })

  it('are not owed for days on which digests were switched off', async () => {
    const channel = await useChannel()
    await channel.writeDue(at(20, 10))
    await channel.post(at(20, 12))
    await channel.writeDue(at(22, 10), { digest: 'off' })
    await channel.writeDue(at(23, 10))
    expect(channel.heads()).toEqual(['Clips of 2026-11-22: none.'])
  })
})
