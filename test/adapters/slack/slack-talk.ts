// Valley on a double of Slack: the real adapter, the real conversation, an answerer by script.
import { afterEach, beforeEach } from 'vitest'
import { SlackAdapter } from '../../../adapters/slack/adapter.ts'
import { BOT_EVENTS, BOT_SCOPES } from '../../../adapters/slack/manifest.ts'
import type { SlackSettings } from '../../../adapters/slack/settings.ts'
import type { Answerer } from '../../../src/conversation/answerer.ts'
import { Bot, type BotOptions } from '../../../src/conversation/bot.ts'
import type { ClipLocator } from '../../../src/conversation/clip.ts'
import { accessByPlatform } from '../../../src/conversation/clip-access.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { createLogger } from '../../../src/logger.ts'
import { openSlackDouble, type SlackDouble, type SlackDoubleOptions } from '../../doubles/slack/slack-double.ts'
import type { Channel } from '../../doubles/slack/world/channel.ts'
import type { Message } from '../../doubles/slack/world/message.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'

/** A clip as a person has it; nobody looks into it. */
export const CAT = { name: 'cat.mp4', bytes: Buffer.from('a cat') }
/** Another one. */
export const DOG = { name: 'dog.mp4', bytes: Buffer.from('a dog') }

/** Valley while it runs. */
export interface RunningValley {
  readonly adapter: SlackAdapter
  /** Lines of the log, each one JSON. */
  readonly log: readonly string[]
  stop(): Promise<void>
  /** Settles when the adapter ends. */
  readonly ended: Promise<void>
}

/** What a test may change. */
export interface ValleyOptions {
  readonly answerer?: Answerer
  /** Makes an answerer that really fetches clips, in the place of `answerer`; the test closes it. */
  readonly answererOf?: (locateClip: ClipLocator) => Answerer
  readonly settings?: Partial<SlackSettings>
  readonly bot?: Partial<BotOptions>
  /** Called with the adapter before it runs. */
  readonly prepare?: (adapter: SlackAdapter) => Promise<void>
}

/** A double of Slack that has what the manifest asks for. */
export function openDouble(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
  return openSlackDouble({ scopes: Object.keys(BOT_SCOPES), events: BOT_EVENTS, ...options })
}

/** The settings that lead to a double. */
export function settingsFor(slack: SlackDouble, log: string[]): SlackSettings {
  return {
    identity: { kind: 'token', botToken: slack.team.botToken },
    delivery: { mode: 'socket', appToken: slack.app.appToken },
    logger: createLogger('info', { write: (line: string) => void log.push(line) }),
    apiUrl: slack.apiUrl,
    fileHosts: [new URL(slack.origin).host],
  }
}

/** Starts Valley and waits until events reach it. */
export async function startValley(
  slack: SlackDouble,
  { answerer = new FakeAnswerer(), answererOf, settings = {}, bot: botOptions = {}, prepare }: ValleyOptions = {},
): Promise<RunningValley> {
  const log: string[] = []
  let ready = () => {}
  const isReady = new Promise<void>((resolve) => {
    ready = resolve
  })
  const all = { ...settingsFor(slack, log), onReady: ready, ...settings }
  const adapter = new SlackAdapter(all)
  await prepare?.(adapter)
  const bot = new Bot({
    answerer: answererOf?.(adapter.locateClip) ?? answerer,
    store: new MemoryThreadStore(),
    logger: all.logger,
    maySeeClip: accessByPlatform([adapter]),
    ...botOptions,
  })
  const end = new AbortController()
  const ended = adapter.run(bot, end.signal)
  await Promise.race([isReady, ended])
  return {
    adapter,
    log,
    ended,
    stop: async () => {
      end.abort()
      await ended
    },
  }
}

/** A double and Valleys on it for each test of a file. */
export interface ValleyFixture {
  readonly slack: SlackDouble
  start(options?: ValleyOptions): Promise<RunningValley>
}

/** Opens a double before each test and ends everything after it. */
export function useValley(options: SlackDoubleOptions = {}): ValleyFixture {
  let slack: SlackDouble
  const running: RunningValley[] = []
  beforeEach(async () => {
    slack = await openDouble(options)
  })
  afterEach(async () => {
    for (const valley of running.splice(0)) await valley.stop().catch(() => {})
    await slack.close()
  })
  return {
    get slack() {
      return slack
    },
    start: async (valleyOptions = {}) => {
      const valley = await startValley(slack, valleyOptions)
      running.push(valley)
      return valley
    },
  }
}

/** The link to a post. */
export function linkTo(slack: SlackDouble, { channelId, ts }: Message): string {
  return `https://${slack.team.workspace.domain}.slack.com/archives/${channelId}/p${ts.replace('.', '')}`
}

/** Waits until Valley's newest finished reply in a channel says something, and gives it. */
export async function finished(slack: SlackDouble, channel: Channel, words: RegExp) {
  return await slack.waitForMessage(
    channel,
    ({ text, streamingState, blocks }) =>
      words.test(text) && streamingState !== 'in_progress' && !JSON.stringify(blocks ?? []).includes('valley_stop'),
  )
}
