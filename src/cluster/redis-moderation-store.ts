// What moderation keeps of one platform, in Redis, for bots that share it. Clips and alerts are hashes; beside them stand
// sorted sets of their numbers, one for each question that is asked of them, and a set for each tag of a clip (server, author,
// channel, message), so that what is to be forgotten is found at once.
import { randomUUID } from 'node:crypto'
import type { ChainableCommander, Redis } from 'ioredis'
import { countsAsLook } from '../moderation/watch/counted-looks.ts'
import type {
  AlertRecord,
  AnonymousLabel,
  AuditEntry,
  ClipRecord,
  Closing,
  ClosingReason,
  ForgetScope,
  ModerationLabel,
  ModerationStore,
  NewAlert,
  NewClip,
  NewClosing,
  Outcome,
  Removed,
  Verdict,
  WatchedChannel,
} from '../moderation/watch/store.ts'
import { labelDayMs } from '../storage/moderation-labels.ts'
import type { ClusterKeys } from './keys.ts'
import { alertOf, clipOf, closingOf, type KeptLabel, labelKey, tagsOf } from './moderation-records.ts'
import {
  ADD_CLIP,
  ADD_CLOSING,
  DECIDE_ALERT,
  DROP_CLOSING,
  DROP_LABELS,
  FINISH_CLIP,
  NEXT_CLIP,
  PRUNE_CLOSINGS,
  REMOVE_CLIPS,
  SEND_ALERT,
  SEND_COPY,
} from './moderation-scripts.ts'
import type { RedisConnection } from './redis-connection.ts'

const READ = 'read records of moderation'
/** Near-duplicates are looked for among so many. */
const MOST_COMPARED = 5000
/** Removed in one step, so that nobody else waits long. */
const REMOVED_AT_ONCE = 200

/** The store of one platform. */
export class RedisModerationStore implements ModerationStore {
  readonly #redis: RedisConnection
  readonly #base: string

  constructor(redis: RedisConnection, keys: ClusterKeys, platform: string) {
    this.#redis = redis
    this.#base = keys.moderation(platform)
  }

  async watched(): Promise<WatchedChannel[]> {
    const found = await this.#read((client) => client.hgetall(this.#key('watched')))
    const channels = Object.values(found).map((text) => JSON.parse(text) as WatchedChannel)
    return channels.sort((a, b) => (a.channelId < b.channelId ? -1 : 1))
  }

  async watch(channel: WatchedChannel): Promise<void> {
    await this.#write('keep a watched channel', (client) =>
      client.hset(this.#key('watched'), channel.channelId, JSON.stringify(channel)),
    )
  }

  async unwatch(channelId: string): Promise<void> {
    await this.#write('drop a watched channel', (client) => client.hdel(this.#key('watched'), channelId))
  }

  async addClips(clips: readonly NewClip[]): Promise<number> {
    let added = 0
    for (const { post, clip, reportTo } of clips) {
      const key = `${post.channelId} ${post.messageId} ${clip.handle}`
      const record = JSON.stringify({ post, clip, reportTo })
      const about = [key, post.groupId, reportTo, post.postedAtMs, record, tagsOf(post).join(' ')]
      added += Number(await this.#script('keep a clip to look at', ADD_CLIP, ...about))
    }
    return added
  }

  async nextWaiting(exceptGroups: readonly string[] = []): Promise<ClipRecord | null> {
    const id = await this.#script('tell the next clip', NEXT_CLIP, ...exceptGroups)
    return id === null ? null : ((await this.#clips([String(id)]))[0] ?? null)
  }

  async countWaiting(groupId?: string): Promise<number> {
    const waiting = this.#key('waiting')
    if (groupId === undefined) return await this.#read((client) => client.zcard(waiting))
    const ofGroup = this.#key('tag', `group=${groupId}`)
    return (await this.#read((client) => client.zinter(2, waiting, ofGroup))).length
  }

  async countLooked(groupId: string, sinceMs: number, authorId?: string): Promise<number> {
    const looked = this.#key('looked', groupId)
    if (authorId === undefined) return await this.#read((client) => client.zcount(looked, sinceMs, '+inf'))
    const ids = await this.#read((client) => client.zrangebyscore(looked, sinceMs, '+inf'))
    if (ids.length === 0) return 0
    const ofAuthor = this.#key('tag', `author=${authorId}`)
    const isOfAuthor = await this.#read((client) => client.smismember(ofAuthor, ...ids))
    return isOfAuthor.filter((is) => is === 1).length
  }

  async finish(clipId: number, outcome: Outcome, alerts: readonly NewAlert[]): Promise<boolean> {
    const told = alerts.flatMap(({ rule, score, picture }) => {
      return [rule, score, picture === null ? '' : Buffer.from(picture).toString('base64')]
    })
    const about = [clipId, randomUUID(), JSON.stringify(outcome), countsAsLook(outcome) ? 1 : 0, ...told]
    return (await this.#script('keep a finding', FINISH_CLIP, ...about)) === 1
  }

  async lookedAt(groupId: string, policyVersion: string, model: string): Promise<ClipRecord[]> {
    const ids = await this.#read((client) => client.zrevrange(this.#key('looked', groupId), 0, MOST_COMPARED - 1))
    const records = await this.#clips(ids)
    return records.filter(
      ({ outcome }) => outcome?.kind === 'looked' && outcome.policyVersion === policyVersion && outcome.model === model,
    )
  }

  async clip(clipId: number): Promise<ClipRecord | null> {
    return (await this.#clips([String(clipId)]))[0] ?? null
  }

  async reportChannels(): Promise<string[]> {
    return (await this.#read((client) => client.smembers(this.#key('reports')))).sort()
  }

  async clipsReported(reportTo: string, { startMs, endMs }: { startMs: number; endMs: number }): Promise<ClipRecord[]> {
    const ids = await this.#read((client) =>
      client.zrangebyscore(this.#key('reported', reportTo), startMs, `(${endMs}`),
    )
    return (await this.#clips(ids)).sort((a, b) => a.post.postedAtMs - b.post.postedAtMs || a.id - b.id)
  }

  async unsentAlerts(): Promise<AlertRecord[]> {
    return this.#alerts(await this.#read((client) => client.zrange(this.#key('unsent'), '0', '-1')))
  }

  async alertSent(alertId: number, reference: string): Promise<boolean> {
    return (await this.#script('keep an alert', SEND_ALERT, alertId, reference)) === 1
  }

  async copySent(alertId: number, to: string, reference: string): Promise<boolean> {
    return (await this.#script('keep an alert', SEND_COPY, alertId, to, reference)) === 1
  }

  async alertTold(alertId: number): Promise<void> {
    await this.#write('keep an alert', (client) => client.zrem(this.#key('unsent'), alertId))
  }

  async alert(alertId: number): Promise<AlertRecord | null> {
    return (await this.#alerts([String(alertId)]))[0] ?? null
  }

  async alertsOf(clipIds: readonly number[]): Promise<AlertRecord[]> {
    const sets = await this.#pipeline<string[], number>(clipIds, (pipeline, id) =>
      pipeline.smembers(this.#key('alerts-of', String(id))),
    )
    return (await this.#alerts(sets.flat())).sort((a, b) => a.id - b.id)
  }

  async countOpenAlerts(groupId: string): Promise<number> {
    return await this.#read((client) => client.scard(this.#key('open', groupId)))
  }

  async decide(alertId: number, verdict: Verdict, userId: string): Promise<boolean> {
    const alert = await this.alert(alertId)
    if (alert === null) return false
    const { outcome, post } = alert.clip
    const label = outcome?.kind === 'looked' ? labelKey(post.groupId, outcome.contentHash, alert.rule) : ''
    return (await this.#script('keep a verdict', DECIDE_ALERT, alertId, verdict, userId, randomUUID(), label)) === 1
  }

  async verdictOn(groupId: string, contentHash: string, rule: string): Promise<Verdict | null> {
    const key = this.#key('verdicts', labelKey(groupId, contentHash, rule))
    const [newest] = await this.#alerts(await this.#read((client) => client.zrevrange(key, 0, 0)))
    return newest?.verdict ?? null
  }

  async labels(): Promise<ModerationLabel[]> {
    const alerts = await this.#alerts(await this.#read((client) => client.zrange(this.#key('labels'), '0', '-1')))
    const labels = alerts.flatMap(({ clip, rule, score, verdict }) => {
      if (clip.outcome?.kind !== 'looked') return []
      const { contentHash, model, policyVersion, rawScores: { [rule]: raw } = {} } = clip.outcome
      const label = { contentHash, rule, score, model, policyVersion, isPositive: verdict === 'confirmed' }
      return [raw === undefined ? label : { ...label, raw }]
    })
    const anonymous = await this.#read((client) => client.zrange(this.#key('anonymous-labels'), '0', '-1'))
    return [...labels, ...anonymous.map((text) => ({ ...(JSON.parse(text) as KeptLabel).label, contentHash: null }))]
  }

  async keepLabel(group: string, label: AnonymousLabel, postedAtMs: number): Promise<void> {
    const text = JSON.stringify({ key: randomUUID(), group, label } satisfies KeptLabel)
    await this.#write('keep a label', (client) =>
      client.zadd(this.#key('anonymous-labels'), labelDayMs(postedAtMs), text),
    )
  }

  async audit(entry: AuditEntry): Promise<void> {
    await this.#write('keep what was done', (client) =>
      client.hsetnx(this.#key('audit', entry.groupId), entry.requestId, JSON.stringify(entry)),
    )
  }

  async auditOf(groupId: string): Promise<AuditEntry[]> {
    const entries = await this.#read((client) => client.hvals(this.#key('audit', groupId)))
    return entries.map((text) => JSON.parse(text) as AuditEntry).sort((a, b) => a.atMs - b.atMs)
  }

  async forget(scope: ForgetScope): Promise<Removed> {
    const { groupId, userId, channelId, messageIds } = scope
    const tags = [
      ...(groupId === undefined ? [] : [`group=${groupId}`]),
      ...(userId === undefined ? [] : [`author=${userId}`]),
      ...(channelId === undefined ? [] : [`channel=${channelId}`]),
    ]
    const sets = messageIds === undefined ? [tags] : messageIds.map((id) => [...tags, `message=${id}`])
    const ids = await this.#pipeline<string[], string[]>(sets, (pipeline, set) =>
      pipeline.sinter(set.map((tag) => this.#key('tag', tag))),
    )
    const removed = await this.#remove(ids.flat(), scope.why)
    if (groupId !== undefined && tags.length === 1 && messageIds === undefined) {
      await this.#write('drop what was done', (client) => client.del(this.#key('audit', groupId)))
      await this.#script('drop labels', DROP_LABELS, groupId)
    }
    return removed
  }

  async prune(beforeMs: number): Promise<Removed> {
    await this.#script('drop old posts to change', PRUNE_CLOSINGS, beforeMs)
    await this.#write('drop old labels', (client) =>
      client.zremrangebyscore(this.#key('anonymous-labels'), '-inf', `(${beforeMs}`),
    )
    const ids = await this.#read((client) => client.zrangebyscore(this.#key('posted'), '-inf', `(${beforeMs}`))
    return await this.#remove(ids, 'expired')
  }

  async closings(): Promise<Closing[]> {
    const found = await this.#read((client) => client.hvals(this.#key('closings')))
    return found.map(closingOf).sort((a, b) => a.sinceMs - b.sinceMs)
  }

  async addClosing({ alertId, rule, to, reference, why }: NewClosing): Promise<Closing> {
    const about = [alertId, rule, to, reference, why]
    return closingOf(String(await this.#script('keep a post to change', ADD_CLOSING, ...about)))
  }

  async dropClosing({ to, reference, why }: Closing): Promise<void> {
    await this.#script('drop a changed post', DROP_CLOSING, `${to} ${reference}`, why)
  }

  async digestEnd(reportTo: string): Promise<number | null> {
    const found = await this.#read((client) => client.hget(this.#key('digests'), reportTo))
    return found === null ? null : Number(found)
  }

  async setDigestEnd(reportTo: string, endMs: number): Promise<void> {
    await this.#write('keep when a digest was written', (client) => client.hset(this.#key('digests'), reportTo, endMs))
  }

  #key(...parts: readonly string[]): string {
    return [this.#base, ...parts].join(':')
  }

  async #read<Result>(commands: (client: Redis) => Promise<Result>): Promise<Result> {
    return await this.#redis.run(READ, commands)
  }

  async #write(action: string, commands: (client: Redis) => Promise<unknown>): Promise<void> {
    await this.#redis.run(action, commands)
  }

  async #script(action: string, script: string, ...values: readonly (string | number)[]): Promise<unknown> {
    return await this.#redis.run(action, (client) => client.eval(script, 1, this.#base, ...values))
  }

  /** Asks one thing of each, all at once. */
  async #pipeline<Result, Item = string>(
    items: readonly Item[],
    ask: (pipeline: ChainableCommander, item: Item) => unknown,
  ): Promise<Result[]> {
    if (items.length === 0) return []
    return await this.#read(async (client) => {
      const pipeline = client.pipeline()
      for (const item of items) ask(pipeline, item)
      return ((await pipeline.exec()) ?? []).map(([error, value]) => {
        if (error !== null) throw error
        return value as Result
      })
    })
  }

  /** Those that are there, in the order asked for. */
  async #clips(ids: readonly string[]): Promise<ClipRecord[]> {
    const found = await this.#pipeline<(string | null)[]>(ids, (pipeline, id) =>
      pipeline.hmget(this.#key('clip', id), 'record', 'outcome'),
    )
    return found.flatMap(([record, outcome], index) => {
      return record == null ? [] : [clipOf(Number(ids[index]), record, outcome ?? null)]
    })
  }

  async #alerts(ids: readonly string[]): Promise<AlertRecord[]> {
    const found = await this.#pipeline<Record<string, string>>(ids, (pipeline, id) =>
      pipeline.hgetall(this.#key('alert', id)),
    )
    const clips = await this.#clips([...new Set(found.flatMap(({ clip }) => clip ?? []))])
    const byId = new Map(clips.map((clip) => [clip.id, clip]))
    return found.flatMap((fields, index) => {
      const clip = byId.get(Number(fields.clip))
      return clip === undefined ? [] : [alertOf(Number(ids[index]), fields, clip)]
    })
  }

  async #remove(ids: readonly string[], why: ClosingReason): Promise<Removed> {
    let clips = 0
    const closings: Closing[] = []
    for (let at = 0; at < ids.length; at += REMOVED_AT_ONCE) {
      const some = ids.slice(at, at + REMOVED_AT_ONCE)
      const [count, begun] = (await this.#script('drop records', REMOVE_CLIPS, why, ...some)) as [number, string[]]
      clips += count
      closings.push(...begun.map(closingOf))
    }
    return { clips, closings }
  }
}
