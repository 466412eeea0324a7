// A process that is a bot on a platform which its parent plays: questions come as messages, answers go back as messages, and
// all between is what a bot has in earnest. Started with one argument, its settings as JSON.

import { ClusterKeys } from '../../src/cluster/keys.ts'
import { newMemberId } from '../../src/cluster/membership.ts'
import { RedisConnection } from '../../src/cluster/redis-connection.ts'
import { RedisKeyvStore } from '../../src/cluster/redis-keyv-store.ts'
import { RedisQuestionLedger } from '../../src/cluster/redis-question-ledger.ts'
import { RemoteAnswerer } from '../../src/cluster/remote-answerer.ts'
import { Sealer } from '../../src/cluster/sealed-text.ts'
import { RedisSharedOrder } from '../../src/cluster/shared-line.ts'
import { Bot } from '../../src/conversation/bot.ts'
import { localClip, locateLocalClip } from '../../src/conversation/locate-clip.ts'
import type { Reply } from '../../src/conversation/message.ts'
import { resumeQuestions } from '../../src/conversation/resume-questions.ts'
import { createLogger } from '../../src/logger.ts'
import { DurableThreadStore } from '../../src/storage/durable-thread-store.ts'
import { endOf } from '../helpers/open-conversation.ts'
import { type BotProcessSettings, CLUSTER_SECRET, PLATFORM, type PlatformQuestion } from './process-settings.ts'

const HOUR_MS = 3_600_000
const NO_LIMIT = 100_000

const settings = JSON.parse(process.argv[2] ?? '') as BotProcessSettings
const logger = createLogger('warn')
const url = settings.redisUrl
const redis = await RedisConnection.open({ url, logger })
const keys = new ClusterKeys('valley')
const botId = newMemberId('bot')
const ledger = new RedisQuestionLedger(redis, keys, botId, logger)
const answerer = await RemoteAnswerer.join({
  botId,
  redis,
  keys,
  locateClip: locateLocalClip,
  sealer: new Sealer(CLUSTER_SECRET),
  logger,
  maxWaiting: NO_LIMIT,
  maxOpenPerUser: NO_LIMIT,
  lifetimeMs: settings.lifetimeMs,
})
const bot = new Bot({
  answerer,
  store: new DurableThreadStore({
    store: new RedisKeyvStore({ url, prefix: 'valley', idleMs: HOUR_MS }),
    idleMs: HOUR_MS,
    logger,
  }),
  logger,
  sharedOrder: new RedisSharedOrder(redis, keys, botId, logger),
  settings: () => ({ limits: {} }),
  queue: { concurrency: Number.POSITIVE_INFINITY, maxWaiting: NO_LIMIT, maxWaitingPerUser: NO_LIMIT },
})

/** Joins the line of its thread at once; resolves when the answer stands. */
async function answer(question: PlatformQuestion): Promise<void> {
  const { id, threadId, text } = question
  const clips = [localClip(`/${threadId}.mp4`, PLATFORM)]
  const reply: Reply = await endOf(bot.ask({ id, threadId, channelId: threadId, userId: question.userId, text, clips }))
  const { kind, report } = reply
  process.send?.({ type: 'posted', id, kind, text: reply.text, isReused: (report?.reusedTokens ?? 0) > 0 })
  await ledger.settle(id)
}

process.on('disconnect', () => process.exit())
process.on('message', (question: PlatformQuestion) => {
  void (async () => {
    await ledger.accept(question.id, JSON.stringify(question))
    process.send?.({ type: 'accepted', id: question.id })
    if ((await ledger.begin(question.id)) !== null) await answer(question)
  })()
})
void resumeQuestions({
  ledger,
  platform: PLATFORM,
  ask: async ({ source }) => void answer(JSON.parse(source) as PlatformQuestion),
  logger,
  signal: new AbortController().signal,
})
process.send?.({ type: 'ready' })
