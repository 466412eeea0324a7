// The model of a shape in the layout that transformers.js runs: the same layers with the same weights in the same bits as
// Valley's package has them, in the three graphs of that layout. What the layout does not have are pieces of Valley's own:
// room behind the KV cache, and a second graph that reads prompts.
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { assert } from '../src/assert.ts'
import {
  type DecoderBlock,
  isGridTower,
  type LanguageModel,
  type VisionTower,
} from '../src/model-build/architecture.ts'
import { attentionAttributes } from '../src/model-build/attention-attributes.ts'
import type { Checkpoint } from '../src/model-build/checkpoint-description.ts'
import { SILU_ALPHA } from '../src/model-build/decoder-graph.ts'
import { layOutWeights, WEIGHTS_FILE, writeWeights } from '../src/model-build/external-data.ts'
import { float, GraphBuilder, text, type Value } from '../src/model-build/graph-builder.ts'
import { activate, addAndRmsNorm, linear, reshape, rmsNorm } from '../src/model-build/layers.ts'
import { DATA_TYPE } from '../src/model-build/onnx-proto.ts'
import type { MatrixFormat } from '../src/model-build/precision.ts'
import { rotaryTables } from '../src/model-build/rotary-table.ts'
import { storeFloat16 } from '../src/model-build/store-float.ts'
import { addVisionTower } from '../src/model-build/vision-encoder-graph.ts'
import { openPackage } from '../src/model-package/open-package.ts'
import { buildShape, describeShape } from './build-shape.ts'
import { SHAPES, type ShapeName } from './shapes.ts'

/** Stands for a visual token in the prompt; any id that the prompt does not use otherwise. */
export const IMAGE_TOKEN = 5
/** A frame's tokens have half as many rows and columns as its patches. */
const POOLED = 2

/** What is written. */
export interface TransformersJsModel {
  readonly name: ShapeName
  /** Whether it is made after Valley's package as `valley model build` makes it; see buildShape. */
  readonly measured?: boolean
  /** How the tower is stored; default as in Valley's package. */
  readonly tower?: MatrixFormat
}

/**
 * Writes the folder unless it is there.
 * @param folder where models of all shapes are kept
 * @returns its path
 */
export async function writeTransformersJs(
  folder: string,
  { name, measured = false, tower }: TransformersJsModel,
): Promise<string> {
  const ours = await buildShape(folder, name, 'int4', measured)
  const target = join(folder, `transformers-js${tower === undefined ? '' : `-${tower}`}-${basename(ours)}`)
  if (existsSync(target)) return target
  console.error(`Writing ${name} for transformers.js...`)
  const { manifest } = await openPackage(ours)
  const { architecture } = await describeShape(name, SHAPES[name])
  const graphs = {
    vision_encoder: visionGraph(architecture, tower ?? manifest.vision.products ?? 'int8'),
    embed_tokens: embedGraph(architecture.language),
    decoder_model_merged: decoderGraph(architecture.language),
  }
  const part = `${target}.part`
  await rm(part, { recursive: true, force: true })
  await mkdir(join(part, 'onnx'), { recursive: true })
  const layout = layOutWeights(Object.values(graphs).flatMap((graph) => graph.weights()))
  await writeWeights(join(part, 'onnx', WEIGHTS_FILE), layout, () => {})
  for (const [file, graph] of Object.entries(graphs)) {
    await writeFile(join(part, 'onnx', `${file}.onnx`), graph.encode(layout.placeOf))
  }
  await writeFile(join(part, 'config.json'), JSON.stringify(configOf(architecture)))
  await rename(part, target)
  return target
}

function configOf({ vision, language }: Checkpoint['architecture']): object {
  const { width, blocks, heads, keyValueHeads, headWidth, vocabulary } = language
  assert(!isGridTower(vision), 'the layout is written of square frames')
  return {
    model_type: 'llava_onevision',
    architectures: ['LlavaOnevisionForConditionalGeneration'],
    image_token_index: IMAGE_TOKEN,
    text_config: {
      model_type: 'qwen2',
      hidden_size: width,
      num_hidden_layers: blocks.length,
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      head_dim: headWidth,
      vocab_size: vocabulary,
    },
    vision_config: { model_type: 'siglip_vision_model', image_size: vision.imagePixels, hidden_size: vision.width },
    // For the runner.
    tokens_per_frame: Math.ceil(sideOf(vision) / POOLED) ** 2,
  }
}

/** pixel_values [T, 3, X, X] -> image_features [T, tokens, Dl]: tower, projector, patches halved bilinearly. */
function visionGraph({ vision, projector }: Checkpoint['architecture'], format: MatrixFormat): GraphBuilder {
  assert(!isGridTower(vision), 'the layout is written of square frames')
  const graph = new GraphBuilder('vision_encoder')
  let rows = addVisionTower(graph, vision, format) // [T * P, Dv]
  for (const [index, layer] of projector.layers.entries()) {
    if (index > 0) rows = activate(graph, rows, projector.activation)
    rows = linear(graph, rows, layer, 'int8')
  }
  const width = projector.layers.at(-1)!.weight.shape[0]!
  const side = sideOf(vision)
  const grid = graph.node('Transpose', [reshape(graph, rows, [-1, side, side, width])], { perm: [0, 3, 1, 2] })
  const half = Math.ceil(side / POOLED)
  const frames = graph.node('Shape', [grid], { start: 0, end: 2 })
  const sizes = graph.node('Concat', [frames, graph.integers([half, half])], { axis: 0 })
  const pooled = graph.node('Resize', [grid, '', '', sizes], {
    mode: text('linear'),
    coordinate_transformation_mode: text('half_pixel'),
  }) // [T, Dl, half, half]
  const features = reshape(graph, graph.node('Transpose', [pooled], { perm: [0, 2, 3, 1] }), [-1, half * half, width])
  graph.output('image_features', features, ['T', half * half, width])
  return graph
}

function sideOf({ imagePixels, patchPixels }: VisionTower): number {
  return Math.floor(imagePixels / patchPixels)
}

/** input_ids [B, S] -> inputs_embeds [B, S, Dl] */
function embedGraph({ embedding, width }: LanguageModel): GraphBuilder {
  const graph = new GraphBuilder('embed_tokens')
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const rows = graph.node('Gather', [graph.weight(storeFloat16(embedding)), ids], { axis: 0 })
  const widened = graph.node('Cast', [rows], { to: DATA_TYPE.float32 })
  graph.output('inputs_embeds', widened, ['batch_size', 'sequence_length', width])
  return graph
}

/** The decoder with exactly the past as input and the past with the new rows as output; logits of the last position. */
function decoderGraph(model: LanguageModel): GraphBuilder {
  const { width, vocabulary, context, headWidth, rotaryBase } = model
  const graph = new GraphBuilder('decoder_model_merged')
  const embeddings = graph.input('inputs_embeds', 'float32', ['batch_size', 'sequence_length', width])
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length'])
  const tables = rotaryTables(context, headWidth, rotaryBase)
  const seen = graph.node('ReduceSum', [mask, graph.integers([1])], { keepdims: 0 }) // [B]
  const last = graph.node('Sub', [seen, graph.integers([1])])
  const total = graph.node('Gather', [graph.node('Shape', [mask]), graph.integers([1], true)], { axis: 0 })
  const attention = {
    lengths: [last, total].map((value) => graph.node('Cast', [value], { to: DATA_TYPE.int32 })),
    tables: [graph.exact(tables.cosines), graph.exact(tables.sines)],
  }
  const sequences = graph.node(
    'Concat',
    [graph.node('Shape', [embeddings], { start: 0, end: 2 }), graph.integers([-1])],
    { axis: 0 },
  )
  let stream = reshape(graph, embeddings, [-1, width]) // [S, Dl]
  let branch: Value | null = null
  for (const [index, block] of model.blocks.entries()) {
    let normed: Value
    if (branch === null) normed = rmsNorm(graph, stream, block.attentionNorm)
    else ({ normed, sum: stream } = addAndRmsNorm(graph, branch, stream, block.attentionNorm))
    const packed = graph.node('Reshape', [linear(graph, normed, block.queryKeyValue, 'int4'), sequences])
    let mixed = linear(graph, attend(graph, model, index, packed, attention), block.output, 'int4')
    if (index === model.blocks.length - 1) {
      const end = graph.integers([-1])
      mixed = graph.node('Gather', [mixed, end], { axis: 0 }) // [1, Dl]
      stream = graph.node('Gather', [stream, end], { axis: 0 })
    }
    const beforeMlp = addAndRmsNorm(graph, mixed, stream, block.mlpNorm)
    stream = beforeMlp.sum
    branch = gatedMlp(graph, beforeMlp.normed, block)
  }
  const { normed } = addAndRmsNorm(graph, branch!, stream, model.finalNorm)
  const logits = reshape(graph, linear(graph, normed, model.head, 'int8'), [1, 1, vocabulary])
  graph.output('logits', logits, ['batch_size', 1, vocabulary])
  return graph
}

function attend(
  graph: GraphBuilder,
  { heads, keyValueHeads, headWidth }: LanguageModel,
  block: number,
  packed: Value,
  { lengths, tables }: { readonly lengths: readonly Value[]; readonly tables: readonly Value[] },
): Value {
  const past = ['batch_size', keyValueHeads, 'past_sequence_length', headWidth]
  const inputs = ['key', 'value'].map((part) => graph.input(`past_key_values.${block}.${part}`, 'float32', past))
  const present = ['key', 'value'].map((part) => `present.${block}.${part}`)
  const [attended] = graph.nodes(
    'GroupQueryAttention',
    [packed, '', '', ...inputs, ...lengths, ...tables],
    attentionAttributes({ heads, keyValueHeads, headWidth }),
    [true, ...present],
  )
  for (const name of present) graph.outputAs(name, ['batch_size', keyValueHeads, 'total_sequence_length', headWidth])
  return reshape(graph, attended!, [-1, heads * headWidth])
}

function gatedMlp(graph: GraphBuilder, rows: Value, block: DecoderBlock): Value {
  const gate = graph.node('QuickGelu', [linear(graph, rows, block.gate, 'int4')], { alpha: float(SILU_ALPHA) })
  return linear(graph, graph.node('Mul', [gate, linear(graph, rows, block.up, 'int4')]), block.down, 'int4')
}
