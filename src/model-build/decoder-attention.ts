// Attention of the language model's blocks over a KV cache, which its owner feeds in and reads out.
import type { DecoderBlock, LanguageModel, NormLayer } from './architecture.ts'
import { attentionAttributes } from './attention-attributes.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { reshape, rmsNorm } from './layers.ts'
import { rotaryFrequencies, rotaryTables } from './rotary-table.ts'
import { turnsByPlace } from './turns-by-place.ts'

/** Adds one block's attention: packed [B * S, (H + 2 Hkv) * Dh] -> [B * S, H * Dh]. */
export type BlockAttention = (block: number, packed: Value, headNorms: DecoderBlock['headNorms']) => Value

/**
 * Declares the inputs that attention needs, and with each block's attention its cache as input and output.
 * @param givesNewRows whether the rows that a run adds are outputs of their own, too
 */
export function declareAttention(
  graph: GraphBuilder,
  model: LanguageModel,
  embeddings: Value,
  { givesNewRows }: { readonly givesNewRows: boolean },
): BlockAttention {
  const { heads, keyValueHeads, headWidth } = model
  const newRows = givesNewRows ? newRowSlices(graph, embeddings) : null
  const lastIndex = graph.input('seqlens_k', 'int32', ['B'])
  const totalLength = graph.input('total_sequence_length', 'int32', [])
  const batchAndLength = graph.node('Shape', [embeddings], { start: 0, end: 2 }) // [2], B and S
  const sequences = graph.node('Concat', [batchAndLength, graph.integers([-1])], { axis: 0 }) // [3]
  const bySequence = (rows: Value) => graph.node('Reshape', [rows, sequences]) // [B * S, D] -> [B, S, D]
  const turn = model.rotaryParts === null ? null : turnByPlaces(graph, model, model.rotaryParts, batchAndLength)
  const turnedInside = turn === null ? rotaryInputs(graph, model) : []

  return (block, packed, headNorms) => {
    const pastDimensions = ['B', keyValueHeads, 'C', headWidth]
    const pastKey = graph.input(`past.${block}.key`, 'float32', pastDimensions)
    const pastValue = graph.input(`past.${block}.value`, 'float32', pastDimensions)
    const apart = headNorms !== null || turn !== null
    const [query, key, value] = apart
      ? splitHeads(graph, packed, headNorms, model).map(bySequence)
      : [bySequence(packed), '', '']
    const present = [`present.${block}.key`, `present.${block}.value`] as const
    const [attended] = graph.nodes(
      'GroupQueryAttention',
      [
        turn === null ? query! : turn(query!),
        turn === null ? key! : turn(key!),
        value!,
        pastKey,
        pastValue,
        lastIndex,
        totalLength,
        ...turnedInside,
      ],
      attentionAttributes(model, turn === null),
      [true, ...present],
    ) // [B, S, H * Dh], [B, Hkv, C, Dh] twice
    for (const [part, name] of present.entries()) {
      graph.outputAs(name, pastDimensions)
      if (newRows === null) continue
      const output = `new.${block}.${part === 0 ? 'key' : 'value'}`
      graph.output(output, newRows(name), ['B', keyValueHeads, 'S', headWidth])
    }
    return reshape(graph, attended!, [-1, heads * headWidth]) // [B * S, H * Dh]
  }
}

/** Declares the input past_length; the function it gives back cuts a run's S rows out of a cache. */
function newRowSlices(graph: GraphBuilder, embeddings: Value): (cache: Value) => Value {
  const pastLength = graph.input('past_length', 'int64', [1])
  const newLength = graph.node('Shape', [embeddings], { start: 1, end: 2 }) // [1], S
  const end = graph.node('Add', [pastLength, newLength]) // [1]
  return (cache) => graph.node('Slice', [cache, pastLength, end, graph.integers([2])])
}

/** Cosines and sines by which the attention turns each row itself, [context, Dh / 2] both. */
function rotaryInputs(graph: GraphBuilder, { context, headWidth, rotaryBase }: LanguageModel): [Value, Value] {
  const tables = rotaryTables(context, headWidth, rotaryBase)
  return [graph.exact(tables.cosines), graph.exact(tables.sines)]
}

/**
 * Declares the input places; the function it gives back turns queries or keys [B, S, D] by them. The angles are computed
 * here: a clip can last longer, in places, than the context has rows.
 */
function turnByPlaces(
  graph: GraphBuilder,
  { headWidth, rotaryBase }: LanguageModel,
  parts: readonly number[],
  batchAndLength: Value,
): (rows: Value) => Value {
  const half = headWidth / 2
  const places = graph.input('places', 'int64', ['R', 3]) // [B * S, 3]
  const frequencies = rotaryFrequencies(half, rotaryBase)
  const { cosines, sines } = turnsByPlace(graph, places, parts, frequencies, 'rotary.frequencies')
  // Each row has a line of its own in these tables.
  const count = graph.node('ReduceProd', [batchAndLength], { keepdims: 0 })
  const lines = graph.node('Range', [graph.integers([0], true), count, graph.integers([1], true)])
  const lineOfRow = graph.node('Reshape', [lines, batchAndLength]) // [B, S]
  return (rows) => graph.node('RotaryEmbedding', [rows, lineOfRow, cosines, sines])
}

/** packed [S, (H + 2 Hkv) * Dh] -> query [S, H * Dh], key and value [S, Hkv * Dh]; with norms, query and key normed by head. */
function splitHeads(
  graph: GraphBuilder,
  packed: Value,
  norms: DecoderBlock['headNorms'],
  { heads, keyValueHeads, headWidth }: LanguageModel,
): Value[] {
  const widths = [heads * headWidth, keyValueHeads * headWidth, keyValueHeads * headWidth]
  const parts = graph.nodes('Split', [packed, graph.integers(widths)], { axis: 1 }, [true, true, true])
  if (norms === null) return parts
  const normed = (rows: Value, norm: NormLayer) => rmsNorm(graph, reshape(graph, rows, [-1, headWidth]), norm)
  return [
    reshape(graph, normed(parts[0]!, norms.query), [-1, widths[0]!]),
    reshape(graph, normed(parts[1]!, norms.key), [-1, widths[1]!]),
    parts[2]!,
  ]
}
