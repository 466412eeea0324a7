// What Prometheus reads: numbers about questions, stages, tokens and memory. No label holds an id, a name or a word of
// anybody; each takes its values from a short list.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AnswerReport } from '../conversation/answerer.ts'
import type { EndedQuestion, QuestionObserver } from '../conversation/question-observer.ts'
import { ERROR_CODES } from '../errors.ts'
import type { ProgramState } from './program-state.ts'

/** From a cached answer of the embedded model to a long clip on a slow machine, seconds. */
const DURATION_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const MS_PER_SECOND = 1000

/** The numbers of one program. */
export class Metrics implements QuestionObserver {
  readonly #registry = new Registry()
  readonly #replies: Counter<'platform' | 'kind'>
  readonly #refusals: Counter<'code'>
  readonly #answerSeconds: Histogram<'platform'>
  readonly #waitSeconds: Histogram
  readonly #stageSeconds: Histogram<'stage'>
  readonly #tokens: Counter<'kind'>
  readonly #clips: Counter<'result'>

  /** @param state asked each time the numbers are read */
  constructor(state: ProgramState) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#replies = new Counter({
      name: 'valley_replies_total',
      help: 'Questions that ended, by platform and by how.',
      labelNames: ['platform', 'kind'],
      registers,
    })
    this.#refusals = new Counter({
      name: 'valley_refusals_total',
      help: 'Questions that ended with an error, by its code (docs/errors.md).',
      labelNames: ['code'],
      registers,
    })
    // A counter that is not there yet has no rise that an alert could see.
    for (const code of Object.values(ERROR_CODES).flat()) this.#refusals.inc({ code }, 0)
    this.#answerSeconds = new Histogram({
      name: 'valley_answer_seconds',
      help: 'From a question to the end of its answer.',
      labelNames: ['platform'],
      buckets: DURATION_BUCKETS,
      registers,
    })
    this.#waitSeconds = new Histogram({
      name: 'valley_queue_wait_seconds',
      help: 'From a question to its turn.',
      buckets: DURATION_BUCKETS,
      registers,
    })
    this.#stageSeconds = new Histogram({
      name: 'valley_stage_seconds',
      help: 'Time of each stage of an answer.',
      labelNames: ['stage'],
      buckets: DURATION_BUCKETS,
      registers,
    })
    this.#tokens = new Counter({
      name: 'valley_tokens_total',
      help: 'Tokens of prompts, those of them that the KV cache still held (reused), and those of answers.',
      labelNames: ['kind'],
      registers,
    })
    this.#clips = new Counter({
      name: 'valley_clip_questions_total',
      help: 'Answers about clips: hit when all visual tokens were still there, miss when a clip was looked at.',
      labelNames: ['result'],
      registers,
    })
    this.#watch(state)
  }

  ended({ request, reply, waitedMs, tookMs }: EndedQuestion): void {
    // Every id begins with its platform.
    const platform = request.id.split(':', 1)[0] ?? ''
    this.#replies.inc({ platform, kind: reply.kind })
    if (reply.code !== undefined) this.#refusals.inc({ code: reply.code })
    if (waitedMs !== null) this.#waitSeconds.observe(waitedMs / MS_PER_SECOND)
    if (reply.report === undefined) return
    this.#answerSeconds.observe({ platform }, tookMs / MS_PER_SECOND)
    this.#countReport(reply.report)
  }

  /** Content-Type of what text() gives. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All numbers in Prometheus's text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #countReport({ timingsMs, promptTokenIds, reusedTokens, tokenIds, frames }: AnswerReport): void {
    for (const [stage, ms] of Object.entries(timingsMs)) this.#stageSeconds.observe({ stage }, ms / MS_PER_SECOND)
    this.#tokens.inc({ kind: 'prompt' }, promptTokenIds.length)
    this.#tokens.inc({ kind: 'reused' }, reusedTokens)
    this.#tokens.inc({ kind: 'answer' }, tokenIds.length)
    if (frames.length > 0) this.#clips.inc({ result: timingsMs.encode === undefined ? 'hit' : 'miss' })
  }

  #watch(state: ProgramState): void {
    const registers = [this.#registry]
    new Gauge({
      name: 'valley_queue_questions',
      help: 'Questions that run and that wait now.',
      labelNames: ['state'],
      registers,
      collect() {
        const { running, waiting } = state.load()
        this.set({ state: 'running' }, running)
        this.set({ state: 'waiting' }, waiting)
      },
    })
    new Gauge({
      name: 'valley_engines',
      help: 'Engines that live, as a bot or an engine sees them; 0 where everything is in one process.',
      registers,
      collect() {
        const cluster = state.cluster()
        if (cluster !== null) this.set(cluster.engines)
      },
    })
    new Gauge({
      name: 'valley_cluster_questions',
      help: 'Questions of all bots that run on engines and that wait for one.',
      labelNames: ['state'],
      registers,
      collect() {
        const cluster = state.cluster()
        if (cluster === null) return
        this.set({ state: 'running' }, cluster.running)
        this.set({ state: 'waiting' }, cluster.waiting)
      },
    })
    new Counter({
      name: 'valley_questions_taken_over_total',
      help: 'Questions of lost engines that this engine answered anew.',
      registers,
      collect() {
        this.reset()
        this.inc(state.cluster()?.takenOver ?? 0)
      },
    })
    new Gauge({
      name: 'valley_platform_connected',
      help: '1 while events of the platform come in.',
      labelNames: ['platform'],
      registers,
      collect() {
        for (const [platform, isConnected] of Object.entries(state.platforms())) {
          this.set({ platform }, isConnected ? 1 : 0)
        }
      },
    })
    new Gauge({
      name: 'valley_ready',
      help: '1 while questions are taken: the model is loaded and every platform is connected.',
      registers,
      collect() {
        this.set(state.phase() === 'ready' ? 1 : 0)
      },
    })
    const { version, model } = state
    new Gauge({ name: 'valley_build_info', help: 'Always 1.', labelNames: ['version', 'model'], registers }).set(
      { version, model },
      1,
    )
  }
}
