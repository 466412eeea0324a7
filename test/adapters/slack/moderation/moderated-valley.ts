// Valley with moderation on a double of Slack: Ann posts, Mara looks after the workspace; real clips, a scripted engine.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, vi } from 'vitest'
import type { ModerationSettings } from '../../../../src/moderation/watch/settings.ts'
import type { User } from '../../../doubles/slack/people/user.ts'
import type { Channel } from '../../../doubles/slack/world/channel.ts'
import type { Message } from '../../../doubles/slack/world/message.ts'
import type { FileToShare, StoredFile } from '../../../doubles/slack/world/stored-file.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { LOSSLESS_H264, writeColourClip } from '../../../helpers/make-clips.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { openWireDesk, type WireDesk } from '../../../helpers/wire-desk.ts'
import { type RunningValley, useValley, type ValleyFixture } from '../slack-talk.ts'

/** Real clips on a busy machine take some seconds. */
export const LIMIT = { timeout: 60_000, interval: 10 }
let clips = 0

/** The people, channels and parts of such a Valley, new for each test. */
export interface ModeratedValley extends Pick<ValleyFixture, 'slack'> {
  readonly ann: User
  readonly mara: User
  readonly videos: Channel
  readonly mods: Channel
  readonly desk: WireDesk
  readonly engine: FakeEngine
  /** Starts it, with videos watched and reports to mods. */
  start(options?: {
    readonly rules?: string
    readonly settings?: Partial<ModerationSettings>
    /** Of another that runs. */
    readonly databaseFile?: string
  }): Promise<RunningValley>
  /** Types a command in mods. */
  types(user: User, text: string): void
  /** What only a person sees in mods. */
  seenBy(user: User): string[]
  alert(): Promise<Message>
  /** Lines of the desk's log that say so. */
  logged(words: string): Record<string, unknown>[]
  /** In mods and not deleted. */
  pictures(): StoredFile[]
  /** Waits until no clip waits and no alert is untold. */
  allDone(): Promise<void>
}

/** Opens a double before each test; everything ends with it. */
export function useModeratedValley(): ModeratedValley {
  const fixture = useValley()
  let people: Pick<ModeratedValley, 'ann' | 'mara' | 'videos' | 'mods' | 'engine'>
  let desk: WireDesk
  let log: Record<string, unknown>[]
  beforeEach(() => {
    log = []
    const { team } = fixture.slack
    const [ann, mara] = [team.addUser('ann'), team.addUser('mara', { standing: 'admin' })]
    const engine = new FakeEngine()
    engine.sureOf = () => 0.93
    people = { ann, mara, videos: team.addChannel('videos'), mods: team.addChannel('mods'), engine }
  })
  return {
    get slack() {
      return fixture.slack
    },
    get ann() {
      return people.ann
    },
    get mara() {
      return people.mara
    },
    get videos() {
      return people.videos
    },
    get mods() {
      return people.mods
    },
    get engine() {
      return people.engine
    },
    get desk() {
      return desk
    },
    start: async ({ rules, settings = {}, ...rest } = {}) => {
      const { videos, mods, engine } = people
      const trustedHosts = [new URL(fixture.slack.origin).host]
      const watch = [{ channelId: `slack:${videos.id}`, reportTo: `slack:${mods.id}` }]
      return await fixture.start({
        prepare: async ({ moderated, locateClip }) => {
          const ports = { moderated, locateClip, trustedHosts, engine, log, settings: { watch, ...settings }, ...rest }
          desk = await openWireDesk({ ...ports, ...(rules === undefined ? {} : { rules }) })
        },
      })
    },
    types: (user, text) => void user.runs('/valley', text, people.mods),
    seenBy: (user) => user.ephemeralsIn(people.mods).map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`),
    logged: (words) => log.filter(({ msg }) => String(msg).includes(words)),
    alert: () => fixture.slack.waitForMessage(people.mods, /Needs a look/),
    pictures: () =>
      fixture.slack.messagesIn(people.mods).flatMap(({ files }) => files.filter((file) => !file.isDeleted)),
    allDone: async () => {
      await vi.waitFor(async () => expect(await desk.store.countWaiting()).toBe(0), LIMIT)
      await vi.waitFor(async () => expect(await desk.store.unsentAlerts()).toEqual([]), LIMIT)
    },
  }
}

/** A clip of one second with bytes of its own. */
export function newClip(name = 'clip.mp4'): FileToShare {
  clips += 1
  const title = ['-metadata', `title=${process.pid}-${clips}`]
  const path = writeColourClip(join(temporaryFolder(), 'clip.mp4'), 10, [...LOSSLESS_H264, ...title])
  return { name, bytes: readFileSync(path) }
}
