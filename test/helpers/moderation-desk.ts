// The desk of moderation over a real database and real clips, with a scripted engine and a platform that remembers what it
// was told.
import { randomUUID } from 'node:crypto'
import { appendFileSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { localClip } from '../../src/conversation/locate-clip.ts'
import { createLogger } from '../../src/logger.ts'
import type { ModerationDesk, WatchedPost } from '../../src/moderation/platform/desk.ts'
import { type Notice, plainNoticeLine } from '../../src/moderation/platform/notice.ts'
import type {
  ActionOutcome,
  ModeratedPlatform,
  PostOutcome,
  Presence,
  ReplaceOutcome,
} from '../../src/moderation/platform/platform.ts'
import { parsePolicy } from '../../src/moderation/policy.ts'
import { Desk, type DeskOptions } from '../../src/moderation/watch/desk.ts'
import { type LookPorts, lookAtRecord } from '../../src/moderation/watch/look-at-record.ts'
import type { ModerationSettings } from '../../src/moderation/watch/settings.ts'
import { Database } from '../../src/storage/database.ts'
import { SqliteModerationStore } from '../../src/storage/moderation-store.ts'
import { openClip } from '../../src/video/open-clip.ts'
import { FakeEngine } from './fake-engine.ts'
import { INSTALLED_TOOLS, LOSSLESS_H264, writeColourClip } from './make-clips.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A server, a watched channel in it, and the channel of its moderators. */
export const [SERVER, VIDEOS, MODERATORS] = ['pager:1', 'pager:2', 'pager:3']

/** A platform without a wire. */
export class FakeModeratedPlatform implements ModeratedPlatform {
  readonly platform = 'pager'
  readonly actions = ['delete', 'time-out', 'thread'] as const
  readonly posted: { readonly to: string; readonly notice: Notice; readonly key: string }[] = []
  readonly replaced: { readonly to: string; readonly reference: string; readonly notice: Notice }[] = []
  readonly acts: string[] = []
  /** What posting comes to from now on. */
  posting: PostOutcome['kind'] = 'posted'
  /** Recipients for whom it comes to `unreachable`. */
  readonly away = new Set<string>()
  /** What changing a post comes to from now on. */
  replacing: ReplaceOutcome = 'replaced'
  /** What is not `there`: messages, servers and channels by their ids. */
  readonly presence = new Map<string, Presence>()
  /** What it was asked for, in order. */
  readonly asked: string[] = []
  outcome: ActionOutcome = 'done'
  desk: ModerationDesk | null = null

  connect(desk: ModerationDesk): void {
    this.desk = desk
  }

  async linkTo({ channelId, messageId }: { channelId: string; messageId: string }): Promise<string> {
    return `https://pager.example/${channelId}/${messageId}`
  }

  async post(to: string, notice: Notice, key: string): Promise<PostOutcome> {
    const kind = this.away.has(to) ? 'unreachable' : this.posting
    if (kind !== 'posted') return { kind, reason: 'scripted' }
    this.posted.push({ to, notice, key })
    return { kind: 'posted', reference: `post-${this.posted.length}` }
  }

  async replace(to: string, reference: string, notice: Notice): Promise<ReplaceOutcome> {
    if (this.replacing === 'replaced') this.replaced.push({ to, reference, notice })
    return this.replacing
  }

  async hasPost({ messageId }: { messageId: string }): Promise<Presence> {
    this.asked.push(messageId)
    return this.presence.get(messageId) ?? 'there'
  }

  async hasPlace(groupId: string, channelId = groupId): Promise<Presence> {
    this.asked.push(channelId)
    return this.presence.get(channelId) ?? 'there'
  }

  async act(action: string, { messageId }: { messageId: string }): Promise<ActionOutcome> {
    this.acts.push(`${action} ${messageId}`)
    return this.outcome
  }

  /** All that was posted in a channel, a text each. */
  textsIn(channelId: string): string[] {
    return this.posted.flatMap(({ to, notice }) => (to === channelId ? [textOf(notice)] : []))
  }
}

/** A post of moderation as plain text. */
export function textOf({ lines }: Notice): string {
  return lines.map((line) => plainNoticeLine(line)).join('\n')
}

/** The settings of an operator who watches one channel. */
export const SETTINGS: ModerationSettings = {
  watch: [{ channelId: VIDEOS, reportTo: MODERATORS }],
  timeZone: 'UTC',
  digest: 'day',
  digestHour: 9,
  maxClipsPerDay: 100,
  maxClipsPerPersonPerDay: 100,
  retentionDays: 30,
  actions: [],
  moderators: [],
}

/** How a desk is set up. */
export interface DeskSetup {
  readonly rules: string
  readonly settings?: Partial<ModerationSettings>
  readonly options?: Partial<DeskOptions & LookPorts>
}

/** A place where desks are opened one after the other on the same database. */
export function useDesk({ rules, settings = {}, options = {} }: DeskSetup) {
  const folder = temporaryFolder()
  const engine = new FakeEngine()
  const log: Record<string, unknown>[] = []
  const { policy, problems } = parsePolicy(rules, 'rules.yaml')
  if (policy === null) throw new Error(JSON.stringify(problems))
  let clips = 0
  return {
    engine,
    log,
    policy,
    /** Opens the desk; it is closed when the test ends. */
    async open() {
      const database = await Database.open({
        file: join(folder, 'valley.db'),
        ...(options.now === undefined ? {} : { now: options.now }),
      })
      const store = new SqliteModerationStore(database)
      const platform = new FakeModeratedPlatform()
      const ports: LookPorts = {
        policy,
        engine,
        store,
        fetchClip: async ({ handle }) => ({ path: handle, remove: async () => {} }),
        openClip: (path, signal) => openClip(path, { tools: INSTALLED_TOOLS, signal }),
        ...options,
      }
      const desk = await Desk.open({
        policy,
        store,
        look: (record, signal) => lookAtRecord(record, ports, signal),
        platforms: [platform],
        settings: { ...SETTINGS, ...settings },
        logger: createLogger('debug', { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
        retryDelaysMs: [],
        tickMs: 20,
        ...options,
      })
      const end = new AbortController()
      const ended = desk.run(end.signal)
      const stop = async () => {
        end.abort()
        await ended
        database.close()
      }
      onTestFinished(stop)
      return { desk, store, platform, stop }
    },
    /** Another clip of one second, one colour a picture; the same pictures each time, but other bytes. */
    newClip(): string {
      clips += 1
      const path = join(folder, `clip-${clips}.mp4`)
      const first = join(folder, 'clip-1.mp4')
      if (clips === 1) writeColourClip(path, 10, LOSSLESS_H264)
      else copyFileSync(first, path)
      // A box that players pass over (ISO 14496-12, "free").
      if (clips > 1) appendFileSync(path, Buffer.from([0, 0, 0, 12, 0x66, 0x72, 0x65, 0x65, 0, 0, clips >> 8, clips]))
      return path
    },
  }
}

/** A post with clips. */
export function watchedPost(
  messageId: string,
  paths: readonly string[],
  changes: Partial<WatchedPost> = {},
): WatchedPost {
  return {
    groupId: SERVER,
    channelId: VIDEOS,
    messageId,
    authorId: 'pager:7',
    roleIds: [],
    postedAtMs: Date.now(),
    clips: paths.map((path) => localClip(path, 'pager')),
    ...changes,
  }
}

/** A moderator in their channel. */
export const MODERATOR = {
  groupId: SERVER,
  channelId: MODERATORS,
  userId: 'pager:8',
  isModerator: true,
  /** Of another command or press each time that it is read. */
  get requestId(): string {
    return randomUUID()
  },
} as const
