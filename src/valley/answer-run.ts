// One answer on its way, step by step, so that whoever drives it can put the steps of several answers beside each other:
// first the prompt in chunks, then one token after the other. What happens is told by events.
import { assert } from '../assert.ts'
import type { ModelEvent, ModelRequest } from './answer-request.ts'
import type { AnswerText } from './answer-text.ts'
import type { ConversationCache } from './conversation-cache.ts'
import type { KvCache } from './kv-cache.ts'
import type { PromptToken } from './placeholders.ts'
import type { ModelProbe } from './probe.ts'
import { PromptRun, type ReadTokens } from './prompt-run.ts'
import { type Random, seededRandom } from './random.ts'
import { sampleToken } from './sampling.ts'
import type { StageTimer } from './stage-timer.ts'

/** A question that was understood: its prompt is built and fits the model. */
export interface Question {
  readonly request: ModelRequest
  readonly prompt: readonly PromptToken[]
  /** Has counted the stage `prompt`. */
  readonly timer: StageTimer
}

/** What an answer needs of the model. */
export interface AnswerParts {
  readonly read: ReadTokens
  readonly text: AnswerText
  readonly eosIds: ReadonlySet<number>
  /** Tensors for parity checks; called when they were asked for. */
  readonly probe: (firstLogits: Float32Array) => ModelProbe
}

/** An answer between its first step and its last. Drives nothing by itself. */
export class AnswerRun {
  readonly question: Question
  /** The first event: how much of the prompt need not be run. */
  readonly begun: ModelEvent
  readonly #parts: AnswerParts
  readonly #conversation: ConversationCache
  readonly #promptRun: PromptRun
  readonly #random: Random
  readonly #tokenIds: number[] = []
  readonly #ids: number[]
  #firstLogits: Float32Array | null = null
  #nextId: number | null = null
  #ended = false

  constructor(question: Question, conversation: ConversationCache, parts: AnswerParts) {
    this.question = question
    this.#parts = parts
    this.#conversation = conversation
    this.#promptRun = new PromptRun(question.prompt, conversation, parts.read)
    this.#random = seededRandom(question.request.seed)
    this.#ids = question.prompt.map(({ id }) => id)
    const { reusedTokens } = this.#promptRun
    this.begun = { type: 'prefill', promptTokens: question.prompt.length, reusedTokens }
  }

  /** True after the last event. */
  get ended(): boolean {
    return this.#ended
  }

  /** True while part of the prompt is still to be run. */
  get needsPrefill(): boolean {
    return this.#firstLogits === null && !this.#ended
  }

  /** The token whose decode step is due; null before the prompt was run and after the end. */
  get nextId(): number | null {
    return this.#nextId
  }

  /** Memory of the conversation that is continued. */
  get cache(): KvCache {
    return this.#conversation.cache
  }

  /** Rows that the cache holds at most when the answer is as long as it may be. */
  get mostRows(): number {
    return this.question.prompt.length + this.question.request.maxTokens
  }

  /** Tokens that may still be said. */
  get mostTokensLeft(): number {
    return this.question.request.maxTokens - this.#tokenIds.length
  }

  /** Whether the likeliest token is always taken. */
  get isGreedy(): boolean {
    return this.question.request.temperature === 0
  }

  /** Every id so far, of the prompt and of the answer. */
  get ids(): readonly number[] {
    return this.#ids
  }

  /** Runs the next chunk of the prompt. @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED */
  async prefill(chunkTokens: number): Promise<ModelEvent[]> {
    assert(this.needsPrefill, 'a prompt is run once')
    const { timer } = this.question
    const logits = await timer.time('prefill', () => this.#promptRun.runChunk(chunkTokens)) // [V]
    if (logits === null) return []
    this.#firstLogits = logits
    return this.receive(logits, 0)
  }

  /**
   * Takes what the decode step of `nextId` gave.
   * @param logits [V], not needed afterwards
   * @param tookMs counted as the stage `generate`
   */
  receive(logits: Float32Array, tookMs: number): ModelEvent[] {
    const { request, timer } = this.question
    timer.add('generate', tookMs)
    const id = sampleToken(logits, request, this.#random)
    this.#tokenIds.push(id)
    this.#ids.push(id)
    this.#nextId = null
    if (this.#parts.eosIds.has(id)) return this.#end('stop')
    const delta = this.#parts.text.push(id)
    const events: ModelEvent[] = delta === '' ? [] : [{ type: 'delta', text: delta }]
    if (this.#parts.text.stopped) return [...events, ...this.#end('stop')]
    if (this.#tokenIds.length === request.maxTokens) return [...events, ...this.#end('length')]
    this.#conversation.noteSaid([{ id, visual: null }])
    this.#nextId = id
    return events
  }

  /** Ends the answer with what was said so far. */
  cancel(): ModelEvent[] {
    return this.#ended ? [] : this.#end('cancelled')
  }

  #end(finish: 'stop' | 'length' | 'cancelled'): ModelEvent[] {
    this.#ended = true
    this.#nextId = null
    const { text, probe } = this.#parts
    const { request, prompt, timer } = this.question
    const rest = text.finish()
    return [
      ...(rest === '' ? [] : [{ type: 'delta', text: rest } as const]),
      {
        type: 'end',
        answer: text.text,
        finish,
        tokenIds: this.#tokenIds,
        promptTokenIds: prompt.map(({ id }) => id),
        reusedTokens: this.#promptRun.reusedTokens,
        timingsMs: { generate: 0, ...timer.totalsMs() },
        ...(request.probe && this.#firstLogits !== null ? { probe: probe(this.#firstLogits) } : {}),
      },
    ]
  }
}
