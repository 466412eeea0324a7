// `npm run test:cluster`: two bots, up to three engines, a real Redis. First how throughput grows with engines; then 1,000
// questions in 300 threads, while an engine is killed, a bot is killed and Redis crashes and comes back. Ends with status 1
// when a question was not answered once, or not in its order. Engines have a scripted answerer that takes the time of a
// model without its computing, so that the figures show the queue and not the cores of this machine.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { RedisServer } from '../helpers/redis-server.ts'
import { ClusterChild } from './child.ts'
import { drawPlot } from './draw-plot.ts'
import type { EngineProcessSettings } from './process-settings.ts'
import { findFaults, makeQuestions, type Post, Stage } from './stage.ts'

const TIMES: EngineProcessSettings['times'] = { lifetimeMs: 3000, jobTimes: { lockMs: 3000, lookMs: 1000 } }
const LIMIT_MS = 600_000

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '300' },
    // What the embedded model takes for a question on two cores, from file to answer, and about what a follow-up takes.
    'first-ms': { type: 'string', default: '190' },
    'follow-up-ms': { type: 'string', default: '60' },
    plot: { type: 'string' },
    json: { type: 'string' },
  },
})
const SCRIPT = { firstMs: Number(values['first-ms']), followUpMs: Number(values['follow-up-ms']) }
const questions = makeQuestions(Number(values.questions), Number(values.threads))

/** One Redis with bots and engines; everything is ended afterwards. */
async function withCluster<Result>(engines: number, act: (cluster: Cluster) => Promise<Result>): Promise<Result> {
  const redis = await RedisServer.start()
  const cluster: Cluster = { redis, engines: [], bots: [] }
  const { url: redisUrl } = redis
  try {
    cluster.engines.push(
      ...(await Promise.all(
        Array.from({ length: engines }, () =>
          ClusterChild.start('engine-process.ts', { redisUrl, capacity: 1, script: SCRIPT, times: TIMES }),
        ),
      )),
    )
    const bot = () => ClusterChild.start('bot-process.ts', { redisUrl, lifetimeMs: TIMES.lifetimeMs })
    cluster.bots.push(...(await Promise.all([bot(), bot()])))
    return await act(cluster)
  } finally {
    await Promise.all([...cluster.engines, ...cluster.bots].map((child) => child.end('SIGKILL')))
    await redis.stop()
  }
}

interface Cluster {
  readonly redis: RedisServer
  readonly engines: ClusterChild[]
  readonly bots: ClusterChild[]
}

/** Questions answered a second. */
async function measureThroughput(engines: number): Promise<number> {
  return await withCluster(engines, async ({ bots }) => {
    const stage = new Stage(questions)
    for (const bot of bots) stage.add(bot)
    const startedMs = performance.now()
    stage.handOut()
    await stage.answered(questions.length, LIMIT_MS)
    tellFaults(findFaults(questions, stage.posts))
    return questions.length / ((performance.now() - startedMs) / 1000)
  })
}

async function survive(): Promise<{
  posts: readonly Post[]
  events: { what: string; atMs: number }[]
  repeated: number
}> {
  return await withCluster(3, async ({ redis, engines, bots }) => {
    const stage = new Stage(questions)
    for (const bot of bots) stage.add(bot)
    const startedMs = performance.now()
    const events: { what: string; atMs: number }[] = []
    const note = (what: string) => {
      events.push({ what, atMs: performance.now() - startedMs })
      say(`${what} after ${stage.posts.length} answers`)
    }
    stage.handOut()
    await stage.answered(questions.length * 0.25, LIMIT_MS)
    await engines[0]!.end('SIGKILL')
    note('engine killed')
    await stage.answered(questions.length * 0.45, LIMIT_MS)
    await bots[0]!.end('SIGKILL')
    stage.remove(bots[0]!)
    note('bot killed')
    await stage.answered(questions.length * 0.65, LIMIT_MS)
    await redis.restart('SIGKILL', 2000)
    note('Redis crashed')
    await stage.answered(questions.length, LIMIT_MS)
    tellFaults(findFaults(questions, stage.posts))
    return { posts: stage.posts, events, repeated: stage.repeated }
  })
}

function tellFaults(faults: readonly string[]): void {
  for (const fault of faults) say(`FAULT ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const perSecond: number[] = []
for (const engines of [1, 2, 3]) {
  perSecond.push(await measureThroughput(engines))
  say(
    `${engines} engines: ${perSecond.at(-1)!.toFixed(2)} questions/s, ${(perSecond.at(-1)! / perSecond[0]!).toFixed(2)} times one`,
  )
}
const survived = await survive()
const followUps = survived.posts.filter(({ question }) => question.number > 1)
const reused = followUps.filter(({ isReused }) => isReused).length
const seconds = Math.max(...survived.posts.map(({ atMs }) => atMs)) / 1000
say(
  `${survived.posts.length} questions answered in ${seconds.toFixed(1)} s; ${survived.repeated} posts repeated and not shown`,
)
say(`follow-ups that found their cache: ${reused} of ${followUps.length}`)
const result = { perSecond, survived: { seconds, events: survived.events, reused, followUps: followUps.length } }
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
if (values.plot !== undefined) await drawPlot(values.plot, perSecond, survived.posts, survived.events)
process.exit()
