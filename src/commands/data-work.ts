// `valley data work`: does what `valley data … --spread` gives, on as many machines as there are: asks a language model, looks at
// clips, fetches clips.
import { join } from 'node:path'
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { type Doer, doSharedWork } from '../cluster/shared-work.ts'
import { type SeenClip, sightOf } from '../data/alignment/see-clip.ts'
import { leadsOut } from '../data/clip-path.ts'
import { dataError } from '../data/data-error.ts'
import type { Described } from '../data/draft-captions.ts'
import { clipFetcher } from '../data/fetch/clip-fetcher.ts'
import type { CameClip } from '../data/fetch/clip-shelf.ts'
import { AppError } from '../errors.ts'
import { askUntilAnswered } from '../language-model/ask-until-answered.ts'
import type { Generator, RequestBody } from '../language-model/chat-request.ts'
import { chooseModel } from './choose-model.ts'
import { clipDownloadOf } from './clip-download.ts'
import { clipEyeOf } from './clip-eye.ts'
import { type CommandContext, withContext } from './context.ts'
import { clipsFolderOf } from './data-options.ts'
import { describerOf } from './describe-clip.ts'
import { openAnswerer } from './open-answerer.ts'
import { isHttpAddress, wholeNumber } from './option-values.ts'
import {
  type Answered,
  clipWork,
  type DescribeTask,
  type FetchTask,
  MODEL_WORK,
  openWorkPlace,
  type SeeTask,
} from './spread-work.ts'

interface WorkOptions {
  readonly endpoint?: string
  readonly model?: string
  readonly clips?: string
  readonly hosts?: string
  readonly draft?: string
  readonly maxBytes?: number
  readonly concurrency: number
  readonly stream?: true
  readonly timeout: number
}

/** A kind of work by its name, and how it is done. */
interface Kind {
  readonly name: string
  readonly work: (task: never) => Promise<unknown>
  /** Lets go of what it works with. */
  readonly close?: () => Promise<void>
}

const EXAMPLES = `
Examples, with the same VALLEY_REDIS_URL on all machines:
  $ valley data work --endpoint http://localhost:11434/v1                                   # on each that has a model
  $ valley data generate clips.csv instructions.jsonl --spread --model qwen3 --concurrency 32    # on one

  $ valley data work --clips /mnt/webvid --hosts ak.picdn.net              # on each, which all see /mnt/webvid
  $ valley data fetch results_2M_train.csv /mnt/webvid --spread --concurrency 32                 # on one
  $ valley data align results_2M_train.csv alignment.jsonl --clips /mnt/webvid --alike --spread --concurrency 32

  $ valley data work --clips /mnt/clips --draft models/valley-7b                                   # on each
  $ valley data draft /mnt/clips captions.jsonl --spread --concurrency 8                           # on one

Ends at Ctrl-C, once what is under way is done; whatever a lost machine had is given to another.
`

/** Adds the command to the group. */
export function registerDataWork(group: Command): void {
  group
    .command('work')
    .summary('do on this machine what `--spread` gives')
    .description(
      'Do what `valley data generate`, `fetch`, `align` and `draft` give with --spread, until it is stopped.',
    )
    .option('--endpoint <url>', 'asks questions of an OpenAI-compatible API, up to and with its version')
    .option('--model <name>', 'the model by the name that this API knows (default: the name that is asked for)')
    .option('--clips <folder>', 'looks at clips of this folder; all machines see it under one path')
    .option('--hosts <list>', 'also fetches clips into it, from these hosts: cdn.example.org,*.example.com')
    .option('--draft <dir>', 'also describes clips of it, by the model package in a folder')
    .option('--max-bytes <n>', 'largest clip (default: limits.maxClipBytes of the settings)', wholeNumber)
    .option('--concurrency <n>', 'of each kind of work, how much is under way at once', wholeNumber, 4)
    .option('--stream', 'take answers piece by piece, for servers that give them in no other way')
    .option('--timeout <seconds>', 'longest wait for an answer', wholeNumber, 120)
    .addHelpText('after', EXAMPLES)
    .action((options: WorkOptions) => withContext((context) => work(options, context)))
}

async function work(options: WorkOptions, context: CommandContext): Promise<void> {
  const { concurrency } = options
  const kinds = await kindsOf(options, context)
  const place = await openWorkPlace(context)
  const progress = new ProgressLine(process.stderr)
  const doers: Doer[] = []
  let done = 0
  try {
    for (const { name, work: one } of kinds) {
      const counted = async (task: never) => {
        const result = await one(task)
        done += 1
        progress.show(`${done} done`)
        return result
      }
      doers.push(doSharedWork<never, unknown>({ ...place, name }, { concurrency, work: counted }))
    }
    progress.show('waiting for work')
    const { signal } = context
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  } finally {
    await Promise.all(doers.map((doer) => doer.close()))
    for (const { close } of kinds) await close?.()
    progress.clear()
    await place.redis.close()
  }
}

/** Everything that this machine does. What is under way comes to its end, so nothing here hears of Ctrl-C. */
async function kindsOf(options: WorkOptions, { config }: CommandContext): Promise<Kind[]> {
  const { endpoint, hosts, concurrency, timeout } = options
  const clips = clipsFolderOf(options.clips)
  const isNothing = endpoint === undefined && clips === null
  const isAddress = endpoint === undefined || isHttpAddress(endpoint)
  if (isNothing || !isAddress || concurrency < 1 || timeout < 1) {
    const seen = `${endpoint === undefined ? 'no --endpoint' : `--endpoint ${endpoint}`}, ${clips === null ? 'no --clips' : `--clips ${clips}`}, --concurrency ${concurrency}, --timeout ${timeout}`
    throw dataError(
      `${seen} do not fit; an http address or a folder of clips or both, 1 or more and 1 or more are allowed. Correct them.`,
    )
  }
  for (const name of ['hosts', 'draft'] as const) {
    if (options[name] === undefined || clips !== null) continue
    throw dataError(`--${name} ${options[name]} has no folder of clips to work on; one is needed. Name it by --clips.`)
  }
  const kinds: Kind[] = []
  if (endpoint !== undefined) {
    const key = config.secrets.VALLEY_GENERATOR_KEY?.reveal() ?? null
    kinds.push({ name: MODEL_WORK, work: askBy({ ...options, endpoint }, key) })
  }
  if (clips !== null) {
    kinds.push({ name: clipWork('see', clips), work: seeIn(clips, clipEyeOf(config, new AbortController().signal)) })
  }
  if (clips !== null && hosts !== undefined) {
    const { maxBytes } = options
    const fetch = clipFetcher(clips, clipDownloadOf({ hosts, ...(maxBytes === undefined ? {} : { maxBytes }) }, config))
    kinds.push({
      name: clipWork('fetch', clips),
      work: triedEnough(({ url }: FetchTask): Promise<CameClip> => fetch(url)),
    })
  }
  if (clips !== null && options.draft !== undefined) {
    const answerer = openAnswerer(await chooseModel(options.draft, config), config)
    const describe = ({ clip, question }: DescribeTask): Promise<Described> =>
      describerOf(answerer, question, new AbortController().signal)(below(clips, clip))
    kinds.push({ name: clipWork('draft', clips), work: triedEnough(describe), close: () => answerer.close() })
  }
  return kinds
}

function askBy({ endpoint, model, timeout, stream }: WorkOptions & { readonly endpoint: string }, key: string | null) {
  const reach = { baseUrl: endpoint, key, timeoutMs: timeout * 1000, isStreamed: stream === true }
  return async (asked: RequestBody): Promise<Answered> => {
    const body = model === undefined ? asked : { ...asked, model }
    let retries = 0
    const onRetry = () => {
      retries += 1
    }
    // What the body says goes before: it is sent as it is.
    const generator: Generator = { ...reach, model: body.model, temperature: body.temperature, structure: 'words' }
    const answer = await askUntilAnswered(generator, body, { signal: undefined, onRetry })
    return { answer, retries }
  }
}

function seeIn(folder: string, eye: ReturnType<typeof clipEyeOf>) {
  const [byBytes, byLook] = [sightOf(folder, null), sightOf(folder, eye)]
  return async ({ clip, isLookedAt }: SeeTask): Promise<SeenClip> => {
    below(folder, clip)
    return isLookedAt ? byLook(clip) : byBytes(clip)
  }
}

function below(folder: string, clip: string): string {
  if (leadsOut(clip)) throw dataError(`The clip ${clip} leads out of the folder of clips. Correct who gives it.`)
  return join(folder, clip)
}

/** What fails was tried often enough where it was done: no other machine needs to try, too. */
function triedEnough<Task, Result>(work: (task: Task) => Promise<Result>): (task: Task) => Promise<Result> {
  return async (task) => {
    try {
      return await work(task)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      throw new AppError(error.code, error.message, { details: error.details, cause: error, retryable: false })
    }
  }
}
