// What every store of moderation must do; each implementation's test runs this suite.
import { describe, expect, it } from 'vitest'
import type { Closing, LookedOutcome, ModerationStore, NewClip } from '../../src/moderation/watch/store.ts'

const GUILD = 'discord:1'
/** Nothing was looked at since then, on any clock. */
const FAR_AHEAD_MS = 8e15

/** A clip of a watched post in Discord. */
export function newClip(message: string, changes: Partial<NewClip['post']> = {}, handle = `2/${message}/9`): NewClip {
  const post = { groupId: GUILD, channelId: 'discord:2', messageId: message, authorId: 'discord:7' }
  return {
    post: { ...post, roleIds: [], postedAtMs: 1000, ...changes },
    clip: { platform: 'discord', handle },
    reportTo: 'discord:3',
  }
}

/** A look that found a knife. */
export const LOOKED: LookedOutcome = {
  kind: 'looked',
  contentHash: 'abc',
  pictureHash: { digits: '00', durationSeconds: 1 },
  policyVersion: 'v1',
  model: 'double',
  findings: [],
  notLookedAt: [],
  scores: { knives: 0.9 },
  description: 'A knife.',
}
/** An alert about it. */
export const ALERT = { rule: 'knives', score: 0.9, picture: Buffer.from('a picture of frames') }

/** Declares the suite for one implementation. @param open an empty store */
export function moderationStoreContract(name: string, open: () => Promise<ModerationStore>): void {
  describe(`a ${name} store of moderation`, () => {
    describe('clips to look at', () => {
      it('are taken once each, and come in the order in which they were posted', async () => {
        const store = await open()
        expect(await store.addClips([newClip('10'), newClip('10', {}, '2/10/8'), newClip('11')])).toBe(3)
        expect(await store.addClips([newClip('10'), newClip('12')])).toBe(1)
        expect(await store.countWaiting()).toBe(4)
        const first = (await store.nextWaiting())!
        expect(first).toMatchObject({ ...newClip('10'), outcome: null })
        await store.finish(first.id, { kind: 'failed', code: 'CLIP_MISSING' }, [])
        expect((await store.nextWaiting())!.clip.handle).toBe('2/10/8')
        expect([await store.countWaiting(GUILD), await store.countWaiting('discord:99')]).toEqual([3, 0])
        await store.addClips([newClip('13', { groupId: 'discord:9' })])
        expect((await store.nextWaiting([GUILD]))!.post.messageId).toBe('13')
        expect(await store.nextWaiting([GUILD, 'discord:9'])).toBeNull()
      })

      it('count once among the looks of a day when a look is cited', async () => {
        const store = await open()
        await store.addClips([newClip('10'), newClip('11')])
        const first = (await store.nextWaiting())!
        await store.finish(first.id, LOOKED, [])
        await store.finish((await store.nextWaiting())!.id, { ...LOOKED, sameAs: first.id }, [])
        expect([await store.countLooked(GUILD, 0), await store.countLooked(GUILD, FAR_AHEAD_MS)]).toEqual([1, 0])
        expect((await store.lookedAt(GUILD, 'v1', 'double')).map(({ id }) => id)).toEqual([first.id])
        expect(await store.lookedAt(GUILD, 'v2', 'double')).toEqual([])
        expect(await store.lookedAt('discord:99', 'v1', 'double')).toEqual([])
      })
    })

    describe('looks', () => {
      it('count by person, with those that failed at the clip and without those that never had it', async () => {
        const store = await open()
        const outcomes = [
          ['discord:7', LOOKED],
          ['discord:8', LOOKED],
          ['discord:8', { kind: 'failed', code: 'CLIP_UNREADABLE' }],
          ['discord:8', { kind: 'failed', code: 'CLIP_UNREACHABLE' }],
          ['discord:8', { kind: 'capped' }],
        ] as const
        for (const [number, [authorId, outcome]] of outcomes.entries()) {
          await store.addClips([newClip(String(number), { authorId })])
          await store.finish((await store.nextWaiting())!.id, outcome, [])
        }
        expect(await store.countLooked(GUILD, 0)).toBe(3)
        expect(await store.countLooked(GUILD, 0, 'discord:7')).toBe(1)
        expect(await store.countLooked(GUILD, 0, 'discord:8')).toBe(2)
        expect(await store.countLooked(GUILD, FAR_AHEAD_MS, 'discord:8')).toBe(0)
        expect((await store.lookedAt(GUILD, 'v1', 'double')).map(({ outcome }) => outcome?.kind)).toEqual([
          'looked',
          'looked',
        ])
      })
    })

    describe('a verdict', () => {
      it('is given once, becomes a label, and lets the picture go', async () => {
        const store = await open()
        await store.addClips([newClip('10')])
        const { id } = (await store.nextWaiting())!
        await store.finish(id, LOOKED, [ALERT])
        const [alert] = await store.unsentAlerts()
        await store.alertSent(alert!.id, 'ref')
        expect(await store.unsentAlerts(), 'others are to be told').toHaveLength(1)
        expect(await store.countOpenAlerts(GUILD)).toBe(1)
        expect(await store.decide(alert!.id, 'confirmed', 'discord:8')).toBe(true)
        expect(await store.decide(alert!.id, 'dismissed', 'discord:9')).toBe(false)
        expect(await store.alert(alert!.id)).toMatchObject({
          verdict: 'confirmed',
          decidedBy: 'discord:8',
          picture: null,
        })
        expect(await store.verdictOn(GUILD, 'abc', 'knives')).toBe('confirmed')
        expect(await store.verdictOn('discord:99', 'abc', 'knives')).toBeNull()
        expect(await store.labels()).toEqual([
          { contentHash: 'abc', rule: 'knives', score: 0.9, model: 'double', policyVersion: 'v1', isPositive: true },
        ])
        expect(await store.countOpenAlerts(GUILD)).toBe(0)
        expect(await store.unsentAlerts(), 'the others are still to be told').toHaveLength(1)
        await store.alertTold(alert!.id)
        expect(await store.unsentAlerts()).toEqual([])
      })

      it('that dismisses leaves nobody to be told', async () => {
        const store = await open()
        await store.addClips([newClip('10')])
        await store.finish((await store.nextWaiting())!.id, LOOKED, [ALERT])
        await store.alertSent(1, 'ref')
        await store.decide(1, 'dismissed', 'discord:8')
        expect(await store.unsentAlerts()).toEqual([])
      })
    })

    describe('forgetting', () => {
      const THREAD = { authorId: 'discord:8', channelId: 'discord:6', parentChannelId: 'discord:5' }
      const CASES = [
        ['a person', { groupId: GUILD, userId: 'discord:7', why: 'recordsForgotten' }, ['12']],
        ['a message', { channelId: 'discord:2', messageIds: ['10'], why: 'messageDeleted' }, ['11', '12']],
        ['a channel with its threads', { channelId: 'discord:5', why: 'placeGone' }, ['10']],
        ['a server', { groupId: GUILD, why: 'recordsForgotten' }, []],
      ] as const

      it.each(CASES)('%s removes its records and no others', async (_, scope, left) => {
        const store = await open()
        const others = [newClip('11', { channelId: 'discord:5' }), newClip('12', THREAD)]
        await store.addClips([newClip('10'), ...others])
        expect((await store.forget(scope)).clips).toBe(3 - left.length)
        const there = await store.clipsReported('discord:3', { startMs: 0, endMs: 2000 })
        expect(there.map(({ post }) => post.messageId)).toEqual(left)
      })

      it('takes labels along, and keeps which posts about its alerts are to be changed until they are', async () => {
        const store = await open()
        await store.addClips([newClip('10'), newClip('11')])
        for (const clip of [await store.nextWaiting(), null]) {
          await store.finish((clip ?? (await store.nextWaiting()))!.id, { ...LOOKED, description: 'Secret words.' }, [
            ALERT,
          ])
        }
        for (const { id } of await store.unsentAlerts()) await store.alertSent(id, `ref ${id}`)
        const [first] = await store.alertsOf([1])
        await store.decide(first!.id, 'dismissed', 'discord:8')
        expect(await store.closings()).toMatchObject([{ to: 'discord:3', reference: 'ref 1', why: 'decided' }])
        expect(await store.copySent(2, 'discord:99', 'copy 2')).toBe(true)
        expect(await store.copySent(2, 'discord:98', '')).toBe(true)
        expect(await store.alert(2)).toMatchObject({ copies: { 'discord:99': 'copy 2', 'discord:98': '' } })
        const { clips, closings } = await store.forget({ groupId: GUILD, why: 'recordsForgotten' })
        expect(clips).toBe(2)
        const posts = [
          { alertId: 1, rule: 'knives', to: 'discord:3', reference: 'ref 1', why: 'recordsForgotten' },
          { alertId: 2, rule: 'knives', to: 'discord:3', reference: 'ref 2', why: 'recordsForgotten' },
          { alertId: 2, rule: 'knives', to: 'discord:99', reference: 'copy 2', why: 'recordsForgotten' },
        ]
        const inOrder = (list: readonly Closing[]) => list.toSorted((a, b) => (a.reference > b.reference ? 1 : -1))
        const named = [posts[2], posts[0], posts[1]]
        expect(inOrder(closings)).toMatchObject(named)
        expect(inOrder(await store.closings())).toMatchObject(named)
        expect([await store.labels(), await store.alertsOf([1, 2])]).toEqual([[], []])
        expect(await store.copySent(2, 'discord:99', 'late')).toBe(false)
        // One that was being changed for another reason stays.
        for (const closing of closings.slice(1)) await store.dropClosing(closing)
        await store.dropClosing({ ...closings[0]!, why: 'decided' })
        expect(await store.closings()).toEqual([closings[0]])
        const late = { alertId: 2, rule: 'knives', to: 'discord:99', reference: 'late', why: 'messageDeleted' } as const
        expect(await store.addClosing(late)).toMatchObject(late)
        expect(await store.closings()).toHaveLength(2)
        await store.prune(FAR_AHEAD_MS)
        expect(await store.closings(), 'they are given up').toEqual([])
      })

      describe('labels', () => {
        const DAY_MS = 24 * 60 * 60 * 1000
        const POSTED_MS = 20_000 * DAY_MS + 5_000_000
        const raw = { score: 0.7, measuredWith: '0123456789ab' }
        const LABEL = { rule: 'knives', score: 0.9, model: 'double', policyVersion: 'v1', raw }

        /** A store with a confirmed alert about message 10 and a dismissed one about message 11. */
        async function decided() {
          const store = await open()
          for (const [message, verdict] of [
            ['10', 'confirmed'],
            ['11', 'dismissed'],
          ] as const) {
            await store.addClips([newClip(message, { postedAtMs: POSTED_MS })])
            await store.finish(
              (await store.nextWaiting())!.id,
              { ...LOOKED, contentHash: message, rawScores: { knives: raw } },
              [ALERT],
            )
            const [alert] = await store.unsentAlerts()
            await store.alertSent(alert!.id, 'ref')
            await store.alertTold(alert!.id)
            await store.decide(alert!.id, verdict, 'discord:8')
          }
          return store
        }
        const deleted = (store: ModerationStore, message: string) =>
          store.forget({ channelId: 'discord:2', messageIds: [message], why: 'messageDeleted' })

        it('of deleted messages stay without anything that tells whose they were', async () => {
          const store = await decided()
          await deleted(store, '10')
          expect(await store.labels()).toEqual([
            { ...LABEL, contentHash: '11', isPositive: false },
            { ...LABEL, contentHash: null, isPositive: true },
          ])
          expect(await store.verdictOn(GUILD, '10', 'knives')).toBeNull()
          await deleted(store, '11')
          expect((await store.labels()).map(({ isPositive }) => isPositive).sort()).toEqual([false, true])
          await store.keepLabel(GUILD, { ...LABEL, isPositive: true }, POSTED_MS)
          expect(await store.labels()).toHaveLength(3)
        })

        it.each([
          ['a person', { groupId: GUILD, userId: 'discord:7', why: 'recordsForgotten' }],
          ['a message', { groupId: GUILD, messageIds: ['10', '11'], why: 'recordsForgotten' }],
          ['a channel that is gone', { channelId: 'discord:2', why: 'placeGone' }],
        ] as const)('of %s go with the records', async (_, scope) => {
          const store = await decided()
          await store.forget(scope)
          expect(await store.labels()).toEqual([])
        })

        it('of deleted messages go with their server, and with their time', async () => {
          const store = await decided()
          await deleted(store, '10')
          await store.keepLabel('discord:99', { ...LABEL, isPositive: true }, POSTED_MS)
          await store.forget({ groupId: GUILD, why: 'recordsForgotten' })
          expect(await store.labels()).toEqual([{ ...LABEL, contentHash: null, isPositive: true }])
          await store.prune(20_000 * DAY_MS)
          expect(await store.labels()).toHaveLength(1)
          await store.prune(POSTED_MS)
          expect(await store.labels()).toEqual([])
        })
      })

      it('comes by itself after some time', async () => {
        const store = await open()
        await store.addClips([newClip('10'), newClip('11', { postedAtMs: 3000 })])
        expect(await store.prune(3000)).toEqual({ clips: 1, closings: [] })
        expect((await store.nextWaiting())!.post.messageId).toBe('11')
      })
    })

    it('keeps watched channels, when digests were written, and who did what', async () => {
      const store = await open()
      const watched = { channelId: 'discord:2', groupId: GUILD, reportTo: 'discord:3' }
      await store.watch(watched)
      await store.watch({ ...watched, reportTo: 'discord:4' })
      expect(await store.watched()).toEqual([{ ...watched, reportTo: 'discord:4' }])
      await store.unwatch('discord:2')
      expect(await store.watched()).toEqual([])
      expect(await store.digestEnd('discord:3')).toBeNull()
      await store.setDigestEnd('discord:3', 10)
      await store.setDigestEnd('discord:3', 20)
      expect(await store.digestEnd('discord:3')).toBe(20)
      const entry = {
        requestId: 'discord:20',
        atMs: 1,
        groupId: GUILD,
        userId: 'discord:7',
        action: 'delete',
        target: 'discord:2/10',
        outcome: 'done',
      }
      const later = { ...entry, requestId: 'discord:21', atMs: 2 }
      for (const one of [entry, later, entry]) await store.audit(one)
      expect(await store.auditOf(GUILD)).toEqual([entry, later])
    })
  })
}
