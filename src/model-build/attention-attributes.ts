// What the operator GroupQueryAttention is told of a language model.
import type { LanguageModel } from './architecture.ts'
import { type Attribute, float } from './graph-builder.ts'

/**
 * Attributes of the attention of all blocks.
 * @param turnsRows whether the operator turns queries and keys by their places itself; false where they come turned
 */
export function attentionAttributes(
  { heads, keyValueHeads, headWidth }: Pick<LanguageModel, 'heads' | 'keyValueHeads' | 'headWidth'>,
  turnsRows = true,
): Readonly<Record<string, Attribute>> {
  return {
    num_heads: heads,
    kv_num_heads: keyValueHeads,
    do_rotary: turnsRows ? 1 : 0,
    // Pairs of a head lie half a head apart, as in LLaMA's own layout on the hub.
    rotary_interleaved: 0,
    scale: float(headWidth ** -0.5),
  }
}
