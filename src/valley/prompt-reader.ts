// Reads prompts into a KV cache. Where the package has a graph for that, which is made for many tokens at a time, it reads all
// but the prompt's last token, and the decoder runs that one, since the graph gives no logits; otherwise the decoder does it
// all. Both write the same cache.
import { assert } from '../assert.ts'
import type { OnnxSession } from '../onnx/session.ts'
import { assertShape, float32Tensor, int32Tensor, int64Tensor, type NamedTensors } from '../onnx/tensor.ts'
import { type Decoder, PREFILL_CHUNK_TOKENS } from './decoder.ts'
import { KvCache } from './kv-cache.ts'
import type { PromptToken } from './placeholders.ts'
import type { Shapes } from './shapes.ts'
import { spliceVisualTokens } from './splice.ts'
import { placesOf } from './token-places.ts'

/** Two chunks behind each other. */
const TRIAL = [
  [1, 2],
  [3, 4, 5],
] as const

/** The part of a model that reads. */
export class PromptReader {
  readonly #decoder: Decoder
  readonly #embedTokens: OnnxSession
  readonly #prefill: OnnxSession | null
  readonly #shapes: Shapes

  private constructor(decoder: Decoder, embedTokens: OnnxSession, prefill: OnnxSession | null, shapes: Shapes) {
    this.#decoder = decoder
    this.#embedTokens = embedTokens
    this.#prefill = prefill
    this.#shapes = shapes
  }

  /**
   * @param prefill the package's graph for prompts, if it has one; used where it writes caches in place exactly as it would
   *   return them
   * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED
   */
  static async open(
    decoder: Decoder,
    embedTokens: OnnxSession,
    prefill: OnnxSession | null,
    shapes: Shapes,
  ): Promise<PromptReader> {
    const usable = prefill?.endsEarly === true && decoder.mode === 'in-place'
    const fast = new PromptReader(decoder, embedTokens, usable ? prefill : null, shapes)
    if (fast.#prefill === null || (await fast.#provesItself(fast.#prefill))) return fast
    return new PromptReader(decoder, embedTokens, null, shapes)
  }

  /**
   * Whether rows of read tokens differ in the last digits from those of the same tokens when the decoder runs them one by
   * one. What an answer said is then read anew with the next question, so that the outcome does not depend on what was kept.
   */
  get readsInItsOwnWay(): boolean {
    return this.#prefill !== null
  }

  /**
   * Reads tokens behind what the cache holds.
   * @param tokens at least one
   * @param isEnd whether the prompt ends with them
   * @returns [V] logits after the last token, or null when more of the prompt is to come
   * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async read(tokens: readonly PromptToken[], cache: KvCache, isEnd: boolean): Promise<Float32Array | null> {
    assert(tokens.length > 0, 'at least one token is read')
    if (this.#prefill === null) return this.#decoder.prefill(tokens, cache)
    cache.reserve(cache.length + tokens.length)
    const before = isEnd ? tokens.slice(0, -1) : tokens
    for (let start = 0; start < before.length; start += PREFILL_CHUNK_TOKENS) {
      const chunk = before.slice(start, start + PREFILL_CHUNK_TOKENS)
      const { feeds, lastPlace } = await this.#feeds(chunk, cache)
      await this.#prefill.runInPlace(feeds, cache.presentTensors())
      cache.advance(chunk.length)
      cache.endsAt(lastPlace)
    }
    return isEnd ? this.#decoder.prefill(tokens.slice(-1), cache) : null
  }

  async #feeds(
    tokens: readonly PromptToken[],
    cache: KvCache,
  ): Promise<{ readonly feeds: NamedTensors; readonly lastPlace: number }> {
    const { Dl } = this.#shapes
    const S = tokens.length
    const ids = int64Tensor(
      tokens.map(({ id }) => id),
      [S],
    )
    const { embeddings } = await this.#embedTokens.run({ token_ids: ids }, ['embeddings'])
    const rows = assertShape('embeddings', embeddings, [S, Dl]).data
    spliceVisualTokens(rows, tokens, this.#shapes)
    const places = placesOf(tokens, cache.nextPlace)
    const takesPlaces = this.#prefill?.inputNames.includes('places') === true
    const feeds = {
      ...(takesPlaces ? { places: int64Tensor(places.flat(), [S, 3]) } : {}),
      inputs_embeds: float32Tensor(rows, [1, S, Dl]),
      seqlens_k: int32Tensor(Int32Array.of(cache.length + S - 1), [1]),
      total_sequence_length: int32Tensor(Int32Array.of(cache.length + S), []),
      ...cache.pastTensors(),
    }
    return { feeds, lastPlace: places.at(-1)![0] }
  }

  /** Whether a cache that is written in place holds what the graph returns when it is asked for it. */
  async #provesItself(prefill: OnnxSession): Promise<boolean> {
    const { V } = this.#shapes
    const rows = TRIAL.reduce((sum, chunk) => sum + chunk.length, 0)
    const [written, returned] = [new KvCache(this.#shapes, rows), new KvCache(this.#shapes, rows)]
    try {
      for (const ids of TRIAL) {
        const chunk = ids.map((id) => ({ id: id % V, visual: null }))
        await this.read(chunk, written, false)
        returned.reserve(rows)
        const outputs = await prefill.run((await this.#feeds(chunk, returned)).feeds)
        const own = Object.entries(returned.presentTensors())
        for (const [name, { data }] of own) (data as Float32Array).set(outputs[name]!.data as Float32Array)
        returned.advance(chunk.length)
      }
    } catch {
      return false
    }
    const expected = returned.rowPieces(rows)
    return written.rowPieces(rows).every((piece, index) => piece.every((value, at) => value === expected[index]![at]))
  }
}
