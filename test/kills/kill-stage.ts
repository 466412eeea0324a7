// Valley on both platforms' doubles, to be killed and started anew over the same data.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEntry } from '../../src/moderation/watch/store.ts'
import { Database } from '../../src/storage/database.ts'
import { SqliteModerationStore } from '../../src/storage/moderation-store.ts'
import { DATABASE_FILE } from '../../src/storage/storage.ts'
import { openDouble } from '../adapters/slack/slack-talk.ts'
import { type DiscordDouble, openDiscordDouble } from '../doubles/discord/discord-double.ts'
import type { SlackDouble } from '../doubles/slack/slack-double.ts'
import { LOSSLESS_H264, makeTestFolder, writeColourClip } from '../helpers/make-clips.ts'
import { StartedValley } from '../helpers/started-valley.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'

/** The doubles, and the data that outlives each start. */
export interface KillStage {
  readonly discord: DiscordDouble
  readonly slack: SlackDouble
  readonly clip: { readonly name: string; readonly bytes: Buffer }
  /** Starts Valley and waits until it listens on both. */
  start(): Promise<StartedValley>
  /** Questions that are not settled. */
  openQuestions(): Promise<unknown[]>
  /** What moderators of a server did. */
  auditOf(groupId: string): Promise<AuditEntry[]>
  close(): Promise<void>
}

/** A question that is killed at some point of its way. */
export interface KillPoint {
  readonly name: string
  /** True for those that the ordinary suite goes through. */
  readonly isOrdinary?: boolean
  /** Asks; resolves when the point is reached. */
  reach(valley: StartedValley): Promise<void>
  /** After the next start: waits for a whole answer, and gives everything that stands there by then. */
  shown(): Promise<readonly string[]>
  /** How many messages that is to be, with the one that repeats a command's question; default 1. */
  readonly messages?: number
}

/** The longest that a point or an answer may take, on a busy machine. */
export const KILL_LIMIT_MS = 50_000
/** Longer than it takes to kill: an answer of the platform that comes no more. */
export const LATE_MS = 20_000

/** Opens everything but Valley. */
export async function openKillStage(): Promise<KillStage> {
  const { folder, removeFolder } = makeTestFolder()
  const data = join(folder, 'data')
  mkdirSync(join(folder, 'tmp'))
  const clip = writeColourClip(join(folder, 'clip.mp4'), 10, LOSSLESS_H264, { width: 64, height: 48 })
  const [model, discord, slack] = await Promise.all([buildTinyPackage('importance'), openDiscordDouble(), openDouble()])
  const rules = join(folder, 'rules.yaml')
  writeFileSync(rules, 'rules:\n  - { name: flashes, category: flashing-light }\n')
  const settings = {
    discord: { apiUrl: discord.rest.api },
    slack: { apiUrl: slack.apiUrl, streaming: false },
    trustedHosts: [discord.host, new URL(slack.origin).host],
    limits: { questionsPerUserPerMinute: 100 },
    moderation: { rulesFile: rules, digest: 'off' },
    storyboard: false,
    maxAnswerTokens: 12,
  }
  const file = join(folder, 'valley.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
  const environment = {
    VALLEY_CONFIG: file,
    VALLEY_MODEL: model,
    VALLEY_DATA_DIR: data,
    VALLEY_LOG_LEVEL: 'debug',
    DISCORD_TOKEN: discord.token,
    SLACK_BOT_TOKEN: slack.team.botToken,
    SLACK_APP_TOKEN: slack.app.appToken,
  }
  return {
    discord,
    slack,
    clip: { name: 'clip.mp4', bytes: readFileSync(clip) },
    start: async () => {
      const valley = new StartedValley(folder, environment)
      await Promise.all([valley.says('connected to Discord'), valley.says('Slack connected')])
      return valley
    },
    openQuestions: async () => {
      const database = await Database.open({ file: join(data, DATABASE_FILE) })
      try {
        return await database.read('be read', "SELECT id FROM jobs WHERE state <> 'settled'")
      } finally {
        database.close()
      }
    },
    auditOf: async (groupId) => {
      const database = await Database.open({ file: join(data, DATABASE_FILE) })
      try {
        return await new SqliteModerationStore(database).auditOf(groupId)
      } finally {
        database.close()
      }
    },
    close: async () => {
      await Promise.all([discord.close(), slack.close()])
      removeFolder()
    },
  }
}

/** The log says so once more than now. */
export function logged(valley: StartedValley, message: string): () => Promise<void> {
  const times = valley.count(message) + 1
  return () => valley.says(message, times)
}
