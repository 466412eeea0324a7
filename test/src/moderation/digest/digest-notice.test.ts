import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { dayOf, weekOf } from '../../../../src/moderation/digest/calendar.ts'
import type { DigestContent } from '../../../../src/moderation/digest/digest-content.ts'
import { digestNotice } from '../../../../src/moderation/digest/digest-notice.ts'
import type { Finding } from '../../../../src/moderation/finding.ts'
import type { Notice } from '../../../../src/moderation/platform/notice.ts'
import { MODERATION_TEXTS } from '../../../../src/moderation/texts/locale.ts'
import type { AlertRecord, ClipRecord, Outcome } from '../../../../src/moderation/watch/store.ts'
import { textOf } from '../../../helpers/moderation-desk.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOON_MS = Date.UTC(2026, 10, 21, 12)
const FINDING: Finding = {
  rule: 'knives',
  level: 'note',
  score: 0.6,
  isCalibrated: false,
  startSeconds: 2,
  endSeconds: 4,
  frameTimesSeconds: [2.5],
}

function clip(id: number, outcome: Outcome | null, authorId = 'pager:7'): ClipRecord {
  const post = {
    groupId: 'pager:1',
    channelId: 'pager:2',
    messageId: String(id),
    authorId,
    roleIds: [],
    postedAtMs: NOON_MS,
  }
  return { id, post, clip: { platform: 'pager', handle: String(id) }, reportTo: 'pager:3', outcome }
}

function looked(description: string, findings: readonly Finding[] = []): Outcome {
  const hashes = { contentHash: 'h', pictureHash: { digits: '', durationSeconds: 4 } }
  const by = { policyVersion: 'v', model: 'm' }
  return { kind: 'looked', ...hashes, ...by, findings, notLookedAt: [], scores: {}, description }
}

async function digestOf(clips: readonly ClipRecord[], changes: Partial<DigestContent> = {}): Promise<string[]> {
  return textOf(await noticeOf(clips, changes)).split('\n')
}

async function noticeOf(clips: readonly ClipRecord[], changes: Partial<DigestContent> = {}): Promise<Notice> {
  const findings = clips.map(({ id, outcome }) => [id, outcome?.kind === 'looked' ? outcome.findings : []] as const)
  return digestNotice({
    every: 'day',
    period: dayOf(NOON_MS, 'UTC'),
    timeZone: 'UTC',
    clips,
    findings: new Map(findings),
    alerts: [],
    dismissedBefore: new Map(),
    urls: new Map(clips.map(({ id }) => [id, `https://pager.example/${id}`])),
    maxClipsPerDay: 100,
    maxClipsPerPersonPerDay: 20,
    texts: MODERATION_TEXTS.en,
    ...changes,
  })
}

/** Bars of the picture that reach its middle. */
async function barsIn(png: Uint8Array): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  // In grey, between the margins of 40 pixels.
  const isBar = (column: number) => data[((info.height / 2) * info.width + column) * 3] === 0x8a
  return Array.from({ length: info.width - 80 }, (_, index) => 40 + index).filter(
    (column) => isBar(column) && !isBar(column - 1),
  ).length
}

describe('the digest', () => {
  it('counts by person, by channel, by theme and by rule, each to the last number', async () => {
    const clips = [
      clip(1, looked('A red boat.', [FINDING])),
      clip(2, looked('A boat and a dog.', [{ ...FINDING, level: 'alert', score: 0.9 }]), 'pager:8'),
      clip(3, looked('A tree.')),
      clip(4, { kind: 'capped' }),
      clip(5, { kind: 'failed', code: 'CLIP_UNREADABLE' }),
      clip(6, { kind: 'failed', code: 'INFERENCE_FAILED' }),
      clip(7, null),
      clip(8, { kind: 'capped', of: 'person' }),
    ]
    const dismissed = { clip: clips[1], rule: 'knives', verdict: 'dismissed' } as AlertRecord
    expect(await digestOf(clips, { alerts: [dismissed] })).toEqual([
      'Clips of 2026-11-21',
      '8 clips by 2 people in 1 channel',
      '1 not looked at: at most 100 a day are.',
      '1 not looked at: at most 20 of one person a day are.',
      '1 still waits.',
      'Who posted: pager:7 7, pager:8 1',
      'Where: pager:2 8',
      'What they show: boat 2, other things 1',
      'Findings: knives 1',
      '• noted, 0.60, 0:02-0:04, https://pager.example/1',
      'Dismissed: knives 1',
      '• told, 0.90, 0:02-0:04, https://pager.example/2',
      'Could not be read: 1: CLIP_UNREADABLE (damaged or cut short), 1: INFERENCE_FAILED (looking at it failed; the log says more)',
      'Clips over time, those with an alert in orange',
      'Not looked at: 4',
      '• more than are looked at in a day, https://pager.example/4',
      '• damaged or cut short, https://pager.example/5',
      '• looking at it failed; the log says more, https://pager.example/6',
      '• more than are looked at in a day, https://pager.example/8',
    ])
  })

  it('names what was looked at in part with the reason of each, and the channel where there is no link', async () => {
    const part = looked('A dog.')
    const undecided = { reason: 'undecided', rule: 'knives', startSeconds: 2, endSeconds: 4 } as const
    const clips = [
      clip(1, { ...part, notLookedAt: [{ reason: 'too-long', startSeconds: 600, endSeconds: 900 }] } as Outcome),
      clip(2, { ...part, notLookedAt: [{ reason: 'cut-off', startSeconds: 7 }, undecided] } as Outcome),
      clip(3, { kind: 'failed', code: 'CLIP_TOO_LARGE' }),
    ]
    const lines = await digestOf(clips, { urls: new Map([[1, 'https://pager.example/1']]) })
    expect(lines).toContain('Looked at in part: 2')
    expect(lines.slice(-4)).toEqual([
      'Not looked at: 3',
      '• everything from 10:00 on, since the clip is longer than is looked at, https://pager.example/1',
      '• everything from 0:07 on, since the file is cut off; knives: 0:02-0:04, since the model said neither yes nor no, pager:2',
      '• too large a file, pager:2',
    ])
  })

  it('says told only of what was told, and counts with the dismissed what was not told again', async () => {
    const found = looked('A knife.', [{ ...FINDING, level: 'alert', score: 0.9 }])
    const clips = [1, 2, 3, 4, 5, 6].map((id) => clip(id, found))
    const alert = (id: number, reference: string | null, copies = {}) =>
      ({ clip: clips[id - 1], rule: 'knives', verdict: null, reference, copies }) as AlertRecord
    const alerts = [alert(1, 'post-1'), alert(2, ''), alert(3, '', { 'pager:99': 'post-2' }), alert(4, null)]
    const lines = await digestOf(clips, { alerts, dismissedBefore: new Map([[6, new Set(['knives'])]]) })
    const span = '0.90, 0:02-0:04, https://pager.example'
    expect(lines.slice(4, -1)).toEqual([
      'What they show: knife 6',
      'Findings: knives 5',
      `• told, ${span}/1`,
      `• could not be told, ${span}/2`,
      `• told, ${span}/3`,
      `• not told yet, ${span}/4`,
      `• not told, ${span}/5`,
      'Dismissed: knives 1',
      `• not told, ${span}/6`,
    ])
  })

  it.each([
    ['America/Santiago', '2026-09-06'],
    ['America/Havana', '2026-03-08'],
    ['Atlantic/Azores', '2026-03-29'],
  ])(
    'has a bar for each of seven days, also where clocks are put forward at midnight, as in %s',
    async (zone, sunday) => {
      const period = weekOf(Date.parse(`${sunday}T12:00:00Z`), zone)
      // One clip at noon of each day, so that the seven bars are as high as the picture lets them be.
      const noons = Array.from({ length: 7 }, (_, day) => Date.parse(`${sunday}T14:00:00Z`) - day * DAY_MS)
      const clips = noons.map((postedAtMs, id) => {
        const { post, ...rest } = clip(id, looked('A dog.'))
        return { ...rest, post: { ...post, postedAtMs } }
      })
      const { files } = await noticeOf(clips, { every: 'week', period, timeZone: zone })
      expect(await barsIn(files![0]!.content)).toBe(7)
    },
  )

  it('names who posted most in one line and all others at its end', async () => {
    const clips = Array.from({ length: 12 }, (_, person) => clip(person, looked('A dog.'), `pager:${101 + person}`))
    const lines = await digestOf(clips, { texts: MODERATION_TEXTS.es })
    expect(lines).toContainEqual(expect.stringMatching(/^Quién publicó: (pager:\d+ 1, ){10}y 2 más$/))
    expect(lines.slice(-3)).toEqual(['Quién publicó, 11–12:', '• pager:111 1', '• pager:112 1'])
  })
})
