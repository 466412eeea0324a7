// Decoders of checkpoints in LLaMA's names, which Qwen2 (a bias on query, key and value) and Qwen3 (norms over each head)
// share.
import { AppError } from '../errors.ts'
import type { DecoderBlock, LanguageModel } from './architecture.ts'
import { invalidFile } from './checkpoint-config.ts'
import type { CheckpointWeights } from './checkpoint-weights.ts'
import { describeHead } from './describe-head.ts'
import { stackRows } from './weight-source.ts'

/** GroupQueryAttention turns positions in groups of this many values. */
const HEAD_WIDTH_MULTIPLE = 16

/** What a config says of a decoder. */
export interface LanguageFacts {
  readonly width: number
  readonly mlpWidth: number
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headWidth: number
  readonly epsilon: number
  readonly vocabulary: number
  readonly context: number
  readonly rotaryBase: number
  /** As the model's; null where it is left out. */
  readonly rotaryParts?: readonly number[]
  /** Whether the head is the table of embeddings, as the config says; a head that is stored goes before it. */
  readonly tied: boolean
  readonly queryKeyValueBias: boolean
  readonly headNorms: boolean
}

/** Where a decoder's tensors stand. */
export interface LanguageNames {
  /** Before embed_tokens, layers and norm. */
  readonly body: string
  readonly head: string
}

/** Relations between the sizes of config.json. @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED */
export function checkLanguageSizes(directory: string, { width, heads, keyValueHeads, headWidth }: LanguageFacts): void {
  const fail = (problem: string) => invalidFile(directory, 'config.json', problem)
  if (!Number.isInteger(headWidth)) throw fail(`has ${heads} heads, which do not divide hidden_size ${width}`)
  if (heads % keyValueHeads !== 0) {
    throw fail(`has ${keyValueHeads} key/value heads, which do not divide ${heads} heads`)
  }
  if (headWidth % HEAD_WIDTH_MULTIPLE !== 0) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${directory} has heads of width ${headWidth}; ONNX Runtime's attention takes multiples of ${HEAD_WIDTH_MULTIPLE}. Choose another checkpoint.`,
      { details: { directory, headWidth } },
    )
  }
}

/**
 * Describes the decoder.
 * @throws AppError CHECKPOINT_INVALID for a missing tensor or a wrong shape
 */
export async function describeLanguage(
  facts: LanguageFacts,
  names: LanguageNames,
  weights: CheckpointWeights,
): Promise<LanguageModel> {
  const { width, heads, keyValueHeads, headWidth, vocabulary, context, rotaryBase, epsilon } = facts
  const embedding = weights.take(`${names.body}.embed_tokens.weight`, [vocabulary, width])
  return {
    width,
    heads,
    keyValueHeads,
    headWidth,
    vocabulary,
    context,
    rotaryBase,
    rotaryParts: facts.rotaryParts ?? null,
    embedding,
    blocks: Array.from({ length: facts.layers }, (_, index) =>
      describeBlock(facts, `${names.body}.layers.${index}`, weights),
    ),
    finalNorm: weights.norm(`${names.body}.norm`, width, false, epsilon),
    head: await describeHead(names.head, embedding, facts.tied, weights),
  }
}

function describeBlock(facts: LanguageFacts, name: string, weights: CheckpointWeights): DecoderBlock {
  const { width, mlpWidth, epsilon, heads, keyValueHeads, headWidth } = facts
  const attention = `${name}.self_attn`
  const parts = [
    weights.linear(`${attention}.q_proj`, heads * headWidth, width, facts.queryKeyValueBias),
    weights.linear(`${attention}.k_proj`, keyValueHeads * headWidth, width, facts.queryKeyValueBias),
    weights.linear(`${attention}.v_proj`, keyValueHeads * headWidth, width, facts.queryKeyValueBias),
  ]
  const biases = parts.flatMap(({ bias }) => (bias === null ? [] : [bias]))
  return {
    attentionNorm: weights.norm(`${name}.input_layernorm`, width, false, epsilon),
    queryKeyValue: {
      weight: stackRows(
        `${attention}.qkv_proj.weight`,
        parts.map(({ weight }) => weight),
      ),
      bias: biases.length === 0 ? null : stackRows(`${attention}.qkv_proj.bias`, biases),
    },
    headNorms: facts.headNorms
      ? {
          query: weights.norm(`${attention}.q_norm`, headWidth, false, epsilon),
          key: weights.norm(`${attention}.k_norm`, headWidth, false, epsilon),
        }
      : null,
    output: weights.linear(`${attention}.o_proj`, width, heads * headWidth, false),
    mlpNorm: weights.norm(`${name}.post_attention_layernorm`, width, false, epsilon),
    gate: weights.linear(`${name}.mlp.gate_proj`, mlpWidth, width, false),
    up: weights.linear(`${name}.mlp.up_proj`, mlpWidth, width, false),
    down: weights.linear(`${name}.mlp.down_proj`, width, mlpWidth, false),
  }
}
