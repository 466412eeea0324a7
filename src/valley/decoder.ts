// The decoder in its two phases: prefill runs the prompt, in chunks, and a decode step runs one new token. Both are the same
// graph on a KV cache; only the last position's logits come out.
import type { OnnxSession } from '../onnx/session.ts'
import { assertShape, float32Tensor, int32Tensor, int64Tensor } from '../onnx/tensor.ts'
import { type KvCache, layerTensorNames } from './kv-cache.ts'
import type { PromptToken } from './placeholders.ts'
import type { Shapes } from './shapes.ts'
import { spliceVisualTokens } from './splice.ts'

/** A run cannot be interrupted, so a chunk bounds how long a cancel waits; 256 to 512 cost nothing measurable. */
export const PREFILL_CHUNK_TOKENS = 256

/** The language side of a model. */
export class Decoder {
  readonly #embedTokens: OnnxSession
  readonly #decoder: OnnxSession
  readonly #shapes: Shapes
  readonly #outputs: readonly string[]

  constructor(embedTokens: OnnxSession, decoder: OnnxSession, shapes: Shapes) {
    this.#embedTokens = embedTokens
    this.#decoder = decoder
    this.#shapes = shapes
    const fresh = Array.from({ length: shapes.L }, (_, layer) => layerTensorNames(layer).fresh).flat()
    this.#outputs = ['logits', ...fresh]
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
    for (let start = 0; start < tokens.length; start += chunkTokens) {
      if (signal?.aborted) return null
      logits = await this.#run(tokens.slice(start, start + chunkTokens), cache)
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

  /** Runs S tokens and writes their rows into the cache; a failed run leaves the cache as it was. */
  async #run(tokens: readonly PromptToken[], cache: KvCache): Promise<Float32Array> {
    const { Dl, V } = this.#shapes
    const S = tokens.length
    const total = cache.length + S
    const embeddings = await this.#embed(tokens) // [S, Dl]
    spliceVisualTokens(embeddings, tokens, this.#shapes)
    const outputs = await this.#decoder.run(
      {
        inputs_embeds: float32Tensor(embeddings, [1, S, Dl]),
        past_length: int64Tensor([cache.length], [1]),
        seqlens_k: int32Tensor(Int32Array.of(total - 1), [1]),
        total_sequence_length: int32Tensor(Int32Array.of(total), []),
        ...cache.pastTensors(),
      },
      this.#outputs,
    )
    const logits = assertShape('logits', outputs.logits, [1, V]).data
    cache.append(outputs, S)
    return logits
  }

  async #embed(tokens: readonly PromptToken[]): Promise<Float32Array> {
    const ids = tokens.map(({ id }) => id)
    const { embeddings } = await this.#embedTokens.run({ token_ids: int64Tensor(ids, [ids.length]) }, ['embeddings'])
    return assertShape('embeddings', embeddings, [ids.length, this.#shapes.Dl]).data
  }
}
