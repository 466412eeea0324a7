// The decoder in its two phases: prefill runs the prompt, in chunks, and a decode step runs one new token. Both are the same
// graph on a KV cache.
import { assert } from '../assert.ts'
import type { OnnxSession } from '../onnx/session.ts'
import { assertShape, float32Tensor, int32Tensor, int64Tensor, type NamedTensors } from '../onnx/tensor.ts'
import type { DeviceCaches } from './device-caches.ts'
import type { KvArena } from './kv-arena.ts'
import { type KvCache, layerTensorNames } from './kv-cache.ts'
import type { PromptToken, TokenPlace } from './placeholders.ts'
import type { Shapes } from './shapes.ts'
import { spliceVisualTokens } from './splice.ts'
import { placesOf } from './token-places.ts'

/** A run cannot be interrupted, so a chunk bounds how long a cancel waits; 256 to 512 cost nothing measurable. */
export const PREFILL_CHUNK_TOKENS = 256

/**
 * How new rows get into a KV cache. `in-place`: the graph writes them where it reads the old ones. `on-device`: it does so
 * in the memory of a GPU. `copied`: the graph returns them, and they are written from there; slower, and right wherever ONNX
 * Runtime runs.
 */
export type CacheMode = 'in-place' | 'on-device' | 'copied'

/** The language side of a model. */
export class Decoder {
  readonly mode: CacheMode
  readonly #embedTokens: OnnxSession
  readonly #decoder: OnnxSession
  readonly #shapes: Shapes
  readonly #copiedOutputs: readonly string[]
  /** Of decodeTogether. */
  #sharedLogits = new Float32Array(0)
  /** For the mode `on-device`. */
  readonly #deviceCaches: DeviceCaches | null
  readonly #mostTokens: number

  /**
   * @param mode `in-place`, or where caches lie on a device, only where openDecoder has shown that it works
   * @param mostTokens S of any run
   */
  constructor(
    embedTokens: OnnxSession,
    decoder: OnnxSession,
    shapes: Shapes,
    mode: Exclude<CacheMode, 'on-device'> | DeviceCaches = 'copied',
    mostTokens = PREFILL_CHUNK_TOKENS,
  ) {
    this.mode = typeof mode === 'string' ? mode : 'on-device'
    this.#deviceCaches = typeof mode === 'string' ? null : mode
    this.#mostTokens = mostTokens
    this.#embedTokens = embedTokens
    this.#decoder = decoder
    this.#shapes = shapes
    const fresh = Array.from({ length: shapes.L }, (_, layer) => layerTensorNames(layer).fresh).flat()
    this.#copiedOutputs = ['logits', ...fresh]
  }

  /**
   * Runs a prompt behind what the cache holds.
   * @param tokens at least one
   * @param signal looked at between chunks; when aborted the cache keeps the chunks that were run
   * @param chunkTokens S of each run, at most
   * @returns [V] logits after the last token, or null when aborted before it
   * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async prefill(
    tokens: readonly PromptToken[],
    cache: KvCache,
    signal?: AbortSignal,
    chunkTokens = PREFILL_CHUNK_TOKENS,
  ): Promise<Float32Array | null> {
    cache.reserve(cache.length + tokens.length)
    let logits: Float32Array | null = null
    const step = Math.min(chunkTokens, this.#mostTokens)
    for (let start = 0; start < tokens.length; start += step) {
      if (signal?.aborted) return null
      logits = await this.#run(tokens.slice(start, start + step), cache)
    }
    return logits
  }

  /**
   * Runs one new token behind what the cache holds.
   * @returns [V] logits of what comes next
   * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async decodeStep(id: number, cache: KvCache): Promise<Float32Array> {
    cache.reserve(cache.length + 1)
    return this.#run([{ id, visual: null }], cache)
  }

  /** Ends the work on a cache for now: rows that lie on a device come back from there. */
  async settle(cache: KvCache): Promise<void> {
    await this.#deviceCaches?.bringHome(cache)
  }

  /** Whether decodeAll works; packages built before it give the last position's logits only. */
  get givesAllLogits(): boolean {
    return this.#decoder.inputNames.includes('logit_rows')
  }

  /**
   * Runs several new tokens behind what the cache holds.
   * @param ids at least one
   * @returns [V] logits of what comes after each
   * @throws AppError CONTEXT_OVERFLOW, SHAPE_MISMATCH, INFERENCE_FAILED
   */
  async decodeAll(ids: readonly number[], cache: KvCache): Promise<Float32Array[]> {
    assert(this.givesAllLogits, 'a graph gives the logits of positions that it is asked for')
    cache.reserve(cache.length + ids.length)
    const { V } = this.#shapes
    const rows = [...ids.keys()]
    const tokens = ids.map((id) => ({ id, visual: null }))
    const logits = await this.#run(tokens, cache, rows) // [S, V]
    return rows.map((row) => logits.subarray(row * V, (row + 1) * V))
  }

  /**
   * Runs one new token behind each cache of an arena, all of them in one run; only where rows are written in place.
   * @param ids one a cache, in the order of `seated`
   * @returns [V] logits for each, in that order, in memory that the next shared step writes to
   * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED; no cache has changed then
   */
  async decodeTogether(ids: readonly number[], arena: KvArena): Promise<Float32Array[]> {
    const { Dl, V } = this.#shapes
    const caches = arena.seated
    const B = caches.length
    assert(ids.length === B && this.mode === 'in-place', 'a shared step has a token for each cache and writes in place')
    const embeddings = await this.#embed(ids.map((id) => ({ id, visual: null }))) // [B, Dl]
    // Megabytes that would be fetched and given back at each step.
    if (this.#sharedLogits.length < B * V) this.#sharedLogits = new Float32Array(B * V)
    const logits = this.#sharedLogits.subarray(0, B * V)
    const feeds = {
      ...this.#places(caches.map(({ nextPlace: place }) => [place, place, place])),
      inputs_embeds: float32Tensor(embeddings, [B, 1, Dl]),
      logit_rows: int64Tensor([...caches.keys()], [B]),
      past_length: int64Tensor([0], [1]), // of the outputs that are not asked for
      seqlens_k: int32Tensor(
        Int32Array.from(caches, ({ length }) => length),
        [B],
      ),
      total_sequence_length: int32Tensor(Int32Array.of(1 + Math.max(...caches.map(({ length }) => length))), []),
      ...arena.tensors('past'),
    }
    await this.#decoder.runInPlace(feeds, { logits: float32Tensor(logits, [B, V]), ...arena.tensors('present') })
    for (const cache of caches) cache.advance(1)
    return caches.map((_, index) => logits.subarray(index * V, (index + 1) * V))
  }

  /**
   * Runs S tokens, whose rows then are in the cache; a failed run leaves the cache as it was.
   * @param logitRows N positions of which logits are wanted; default the last
   * @returns [N, V]
   */
  async #run(
    tokens: readonly PromptToken[],
    cache: KvCache,
    logitRows: readonly number[] = [tokens.length - 1],
  ): Promise<Float32Array> {
    const { Dl, V } = this.#shapes
    const S = tokens.length
    const N = logitRows.length
    const total = cache.length + S
    const embeddings = await this.#embed(tokens) // [S, Dl]
    spliceVisualTokens(embeddings, tokens, this.#shapes)
    const places = placesOf(tokens, cache.nextPlace)
    const feeds = {
      ...this.#places(places),
      inputs_embeds: float32Tensor(embeddings, [1, S, Dl]),
      past_length: int64Tensor([cache.length], [1]),
      seqlens_k: int32Tensor(Int32Array.of(total - 1), [1]),
      total_sequence_length: int32Tensor(Int32Array.of(total), []),
      // Packages built before this input always give the last position's logits.
      ...(this.givesAllLogits ? { logit_rows: int64Tensor(logitRows, [N]) } : {}),
    }
    if (this.#deviceCaches !== null) {
      const { past, present } = await this.#deviceCaches.seat(cache)
      const outputs = await this.#decoder.runOnDevice(feeds, past, present, ['logits'])
      cache.advance(S)
      cache.endsAt(places.at(-1)![0])
      return assertShape('logits', outputs.logits, [N, V]).data
    }
    const withPast = { ...feeds, ...cache.pastTensors() }
    if (this.mode === 'in-place') {
      const logits = new Float32Array(N * V)
      await this.#decoder.runInPlace(withPast, { logits: float32Tensor(logits, [N, V]), ...cache.presentTensors() })
      cache.advance(S)
      cache.endsAt(places.at(-1)![0])
      return logits
    }
    const outputs = await this.#decoder.run(withPast, this.#copiedOutputs)
    const logits = assertShape('logits', outputs.logits, [N, V]).data
    cache.append(outputs, S)
    cache.endsAt(places.at(-1)![0])
    return logits
  }

  /** The input that only graphs have whose places have three parts. */
  #places(places: readonly TokenPlace[]): NamedTensors {
    return this.#decoder.inputNames.includes('places') ? { places: int64Tensor(places.flat(), [places.length, 3]) } : {}
  }

  async #embed(tokens: readonly PromptToken[]): Promise<Float32Array> {
    const ids = tokens.map(({ id }) => id)
    const { embeddings } = await this.#embedTokens.run({ token_ids: int64Tensor(ids, [ids.length]) }, ['embeddings'])
    return assertShape('embeddings', embeddings, [ids.length, this.#shapes.Dl]).data
  }
}
