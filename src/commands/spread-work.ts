// The work on datasets that machines may share: what each kind is asked and answers, and how it is given. Who does it is
// `valley data work`; both meet in the same Redis as bots and engines.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ClusterKeys } from '../cluster/keys.ts'
import { RedisConnection } from '../cluster/redis-connection.ts'
import { type SharedWorkPlace, WorkGiver } from '../cluster/shared-work.ts'
import type { ClipSight, SeenClip } from '../data/alignment/see-clip.ts'
import { dataError } from '../data/data-error.ts'
import type { Described, Describer } from '../data/draft-captions.ts'
import type { ClipFetcher } from '../data/fetch/clip-fetcher.ts'
import type { CameClip } from '../data/fetch/clip-shelf.ts'
import type { Asker } from '../language-model/ask-model.ts'
import type { ChatAnswer, RequestBody } from '../language-model/chat-request.ts'
import type { CommandContext } from './context.ts'

/** What comes back of a question to a language model. */
export interface Answered {
  readonly answer: ChatAnswer
  readonly retries: number
}

/** A clip to be looked at. */
export interface SeeTask {
  /** Path below the folder of clips. */
  readonly clip: string
  /** Whether also how it looks is wanted. */
  readonly isLookedAt: boolean
}

/** A clip to be fetched. */
export interface FetchTask {
  readonly url: string
}

/** A clip to be described. */
export interface DescribeTask {
  /** Path below the folder of clips. */
  readonly clip: string
  readonly question: string
}

/** Questions to a language model. */
export const MODEL_WORK = 'language-model'

/** Work on the clips of one folder, which all machines see under one path: those of another folder have other work. */
export function clipWork(kind: 'see' | 'fetch' | 'draft', folder: string): string {
  return `${kind}-clips-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16)}`
}

/** Where machines meet. The caller closes the connection. @throws AppError DATASET_INVALID, REDIS_UNREACHABLE, STORAGE_FAILED */
export async function openWorkPlace({ config, logger }: CommandContext): Promise<Omit<SharedWorkPlace, 'name'>> {
  const url = config.secrets.VALLEY_REDIS_URL?.reveal()
  if (url === undefined) {
    throw dataError('VALLEY_REDIS_URL is not set; machines meet in Redis. Set it, e.g. redis://127.0.0.1:6379.')
  }
  const redis = await RedisConnection.open({ url, logger })
  return { redis, keys: new ClusterKeys(config.redis.prefix), logger }
}

/** Work that others do. */
export interface Spread<Done> {
  readonly done: Done
  close(): Promise<void>
}

/** Has other machines ask language models. The caller closes it. @throws as openWorkPlace */
export function spreadQuestions(context: CommandContext): Promise<Spread<Asker>> {
  return openSpread<RequestBody, Answered, Asker>(context, MODEL_WORK, (give) => async (body, onRetry) => {
    const { answer, retries } = await give(body)
    for (let retry = 0; retry < retries; retry++) onRetry()
    return answer
  })
}

/** Has other machines look at the clips of a folder. The caller closes it. @throws as openWorkPlace */
export function spreadSight(context: CommandContext, folder: string, isLookedAt: boolean): Promise<Spread<ClipSight>> {
  return openSpread<SeeTask, SeenClip, ClipSight>(context, clipWork('see', folder), (give) => async (clip) => {
    const seen = await give({ clip, isLookedAt })
    if (seen.content === null && existsSync(join(folder, clip))) throw otherFolder(join(folder, clip))
    return seen
  })
}

/** Has other machines fetch clips into a folder. The caller closes it. @throws as openWorkPlace */
export function spreadFetching(context: CommandContext, folder: string): Promise<Spread<ClipFetcher>> {
  return openSpread<FetchTask, CameClip, ClipFetcher>(
    context,
    clipWork('fetch', folder),
    (give) => (url) => give({ url }),
  )
}

/** Has other machines describe the clips of a folder, by their paths below it. The caller closes it. @throws as openWorkPlace */
export function spreadDescribing(
  context: CommandContext,
  folder: string,
  question: string,
): Promise<Spread<Describer>> {
  return openSpread<DescribeTask, Described, Describer>(
    context,
    clipWork('draft', folder),
    (give) => (clip) => give({ clip, question }),
  )
}

async function openSpread<Task, Result, Done>(
  context: CommandContext,
  name: string,
  toDone: (give: (task: Task) => Promise<Result>) => Done,
): Promise<Spread<Done>> {
  const place = { ...(await openWorkPlace(context)), name }
  const giver = await WorkGiver.open<Task, Result>(place, { signal: context.signal })
  return {
    done: toDone((task) => giver.give(task)),
    close: async () => {
      await giver.close()
      await place.redis.close()
    },
  }
}

function otherFolder(path: string): Error {
  return dataError(
    `${path} is here and not where \`valley data work\` runs; all machines must see one folder under that path. Mount it there.`,
  )
}
