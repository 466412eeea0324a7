// `valley data work`: answers what `valley data generate --spread` asks, on as many machines as there are. Each asks a language
// model of its own; who gives and who answers meet in the same Redis as bots and engines.
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { ClusterKeys } from '../cluster/keys.ts'
import { RedisConnection } from '../cluster/redis-connection.ts'
import { doSharedWork, type SharedWorkPlace, WorkGiver } from '../cluster/shared-work.ts'
import { dataError } from '../data/data-error.ts'
import type { Asker } from '../language-model/ask-model.ts'
import { askUntilAnswered } from '../language-model/ask-until-answered.ts'
import type { ChatAnswer, Generator, RequestBody } from '../language-model/chat-request.ts'
import { type CommandContext, withContext } from './context.ts'
import { isHttpAddress } from './data-options.ts'
import { wholeNumber } from './option-values.ts'

interface WorkOptions {
  readonly endpoint: string
  readonly model?: string
  readonly concurrency: number
  readonly stream?: true
  readonly timeout: number
}

/** What comes back of a question. */
interface Answered {
  readonly answer: ChatAnswer
  readonly retries: number
}

/** The language model of other machines. */
export interface Spread {
  readonly asker: Asker
  close(): Promise<void>
}

const EXAMPLES = `
Examples, with the same VALLEY_REDIS_URL on all machines:
  $ valley data work --endpoint http://localhost:11434/v1                                   # on each that has a model
  $ valley data generate clips.csv instructions.jsonl --spread --model qwen3 --concurrency 32    # on one

Ends at Ctrl-C, once what is under way is answered; whatever a lost machine had is asked of another.
`
const WORK_NAME = 'language-model'

/** Adds the command to the group. */
export function registerDataWork(group: Command): void {
  group
    .command('work')
    .summary('answer for `generate --spread` on this machine')
    .description('Ask a language model what `valley data generate --spread` wants to know, until it is stopped.')
    .requiredOption('--endpoint <url>', 'an OpenAI-compatible API, up to and with its version')
    .option('--model <name>', 'the model by the name that this API knows (default: the name that is asked for)')
    .option('--concurrency <n>', 'questions under way at once', wholeNumber, 4)
    .option('--stream', 'take answers piece by piece, for servers that give them in no other way')
    .option('--timeout <seconds>', 'longest wait for an answer', wholeNumber, 120)
    .addHelpText('after', EXAMPLES)
    .action((options: WorkOptions) => withContext((context) => work(options, context)))
}

async function work(options: WorkOptions, context: CommandContext): Promise<void> {
  const { endpoint, model, concurrency, timeout, stream } = options
  if (!isHttpAddress(endpoint) || concurrency < 1 || timeout < 1) {
    const seen = `--endpoint ${endpoint}, --concurrency ${concurrency}, --timeout ${timeout}`
    throw dataError(`${seen} do not fit; an http address, 1 or more and 1 or more are allowed. Correct them.`)
  }
  const { config, signal } = context
  const key = config.secrets.VALLEY_GENERATOR_KEY?.reveal() ?? null
  const reach = { baseUrl: endpoint, key, timeoutMs: timeout * 1000, isStreamed: stream === true }
  const place = await openPlace(context)
  const progress = new ProgressLine(process.stderr)
  let answered = 0
  const doer = doSharedWork<RequestBody, Answered>(place, {
    concurrency,
    work: async (asked) => {
      const body = model === undefined ? asked : { ...asked, model }
      let retries = 0
      const onRetry = () => {
        retries += 1
      }
      // What the body says goes before: it is sent as it is.
      const generator: Generator = { ...reach, model: body.model, temperature: body.temperature, structure: 'words' }
      const answer = await askUntilAnswered(generator, body, { signal: undefined, onRetry })
      answered += 1
      progress.show(`${answered} answered`)
      return { answer, retries }
    },
  })
  try {
    progress.show('waiting for questions')
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  } finally {
    await doer.close()
    progress.clear()
    await place.redis.close()
  }
}

/** Has other machines ask. The caller closes it. @throws AppError DATASET_INVALID, REDIS_UNREACHABLE, STORAGE_FAILED */
export async function openSpread(context: CommandContext): Promise<Spread> {
  const place = await openPlace(context)
  const giver = await WorkGiver.open<RequestBody, Answered>(place, { signal: context.signal })
  return {
    asker: async (body, onRetry) => {
      const { answer, retries } = await giver.give(body)
      for (let retry = 0; retry < retries; retry++) onRetry()
      return answer
    },
    close: async () => {
      await giver.close()
      await place.redis.close()
    },
  }
}

async function openPlace({ config, logger }: CommandContext): Promise<SharedWorkPlace> {
  const url = config.secrets.VALLEY_REDIS_URL?.reveal()
  if (url === undefined) {
    throw dataError('VALLEY_REDIS_URL is not set; machines meet in Redis. Set it, e.g. redis://127.0.0.1:6379.')
  }
  const redis = await RedisConnection.open({ url, logger })
  return { redis, keys: new ClusterKeys(config.redis.prefix), name: WORK_NAME, logger }
}
