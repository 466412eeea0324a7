// A small way to write ONNX graphs: values are names, each call adds one node and gives its output's name.
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  EXTERNAL_LOCATION,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-proto.ts'
import { storeFloat32 } from './store-float.ts'
import type { StoredWeight } from './stored-weight.ts'
import type { WeightSource } from './weight-source.ts'

/** ONNX 1.16: the first with Gelu and with everything else used here; ONNX Runtime 1.30 knows it. */
const IR_VERSION = 10
const OPERATOR_SET = 21
/** Domain of ONNX Runtime's own operators (attention with a KV cache, quantised products). */
const RUNTIME_DOMAIN = 'com.microsoft'
const RUNTIME_OPERATORS = new Set([
  'DynamicQuantizeMatMul',
  'GroupQueryAttention',
  'MatMulIntegerToFloat',
  'MatMulNBits',
  'MultiHeadAttention',
  'QuickGelu',
  'RotaryEmbedding',
  'SkipLayerNormalization',
  'SkipSimplifiedLayerNormalization',
])

/** Name of a value in a graph; '' stands for an optional input that is left out. */
export type Value = string
/** A whole-number, whole-number list, float or text attribute; floats are marked, since 1 may be either. */
export type Attribute = number | readonly number[] | { readonly float: number } | { readonly text: string }
/** Where a stored weight lies in the package's data file. */
export interface ExternalPlace {
  readonly file: string
  readonly offset: number
  readonly bytes: number
}

/** Marks an attribute as a float. */
export function float(value: number): { float: number } {
  return { float: value }
}

/** Marks an attribute as a text. */
export function text(value: string): { text: string } {
  return { text: value }
}

/** One graph being written. */
export class GraphBuilder {
  readonly name: string
  readonly #nodes: NodeProto[] = []
  readonly #inputs: ValueInfoProto[] = []
  readonly #outputs: ValueInfoProto[] = []
  readonly #weights = new Map<string, StoredWeight>()
  readonly #constants = new Map<string, TensorProto>()

  /** @param name shown by viewers of the graph */
  constructor(name: string) {
    this.name = name
  }

  /** Declares an input; a dimension is a size, or a letter where it is known at run time only. */
  input(name: string, type: 'float32' | 'int32' | 'int64', dimensions: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, type, dimensions))
    return name
  }

  /** Declares an output under a name of its own. */
  output(name: string, value: Value, dimensions: readonly (number | string)[]): void {
    this.#nodes.push({ opType: 'Identity', domain: '', name, input: [value], output: [name], attribute: [] })
    this.#outputs.push(valueInfo(name, 'float32', dimensions))
  }

  /** Declares a value that a node gave under its final name as an output, without a copy under another one. */
  outputAs(name: Value, dimensions: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(name, 'float32', dimensions))
  }

  /**
   * Declares an output that is an empty sequence of tensors. What reads outputs one by one and knows only tensors stops
   * there, when all of them are computed; see OnnxSession.runInPlace.
   */
  emptySequence(name: string): void {
    this.#nodes.push({ opType: 'SequenceEmpty', domain: '', name, input: [], output: [name], attribute: [] })
    const elemType = { tensorType: { elemType: DATA_TYPE.float32 } }
    this.#outputs.push({ name, type: { sequenceType: { elemType } } })
  }

  /** A weight in the package's data file. */
  weight(weight: StoredWeight): Value {
    this.#weights.set(weight.key, weight)
    return weight.key
  }

  /** A weight that stays float32 in every precision, because it is small or sensitive. */
  exact(source: WeightSource): Value {
    return this.weight(storeFloat32(source))
  }

  /** A small constant of int64 inside the graph: shapes, axes, indices. Without `scalar` it is a list. */
  integers(values: readonly number[], scalar = false): Value {
    const name = `${scalar ? 'scalar' : 'list'}:${values.join(',')}`
    this.#constants.set(name, {
      name,
      dims: scalar ? [] : [values.length],
      dataType: DATA_TYPE.int64,
      rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    })
    return name
  }

  /** A constant inside the graph: one number. */
  scalar(type: 'float32' | 'uint8', value: number): Value {
    const name = `${type}:${value}`
    const values = type === 'float32' ? Float32Array.of(value) : Uint8Array.of(value)
    const rawData = new Uint8Array(values.buffer)
    this.#constants.set(name, { name, dims: [], dataType: DATA_TYPE[type], rawData })
    return name
  }

  /** Adds a node with one output. */
  node(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.nodes(operator, inputs, attributes, [true])[0]!
  }

  /**
   * Adds a node with several outputs.
   * @param outputs which of the operator's outputs are wanted, in its order; a text is the name that one gets
   * @returns a name for each, '' for those not wanted
   */
  nodes(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: readonly (boolean | string)[],
  ): Value[] {
    const name = `${operator}.${this.#nodes.length}`
    const made = (wanted: boolean, index: number) => (wanted ? `${name}:${index}` : '')
    const names = outputs.map((wanted, index) => (typeof wanted === 'string' ? wanted : made(wanted, index)))
    this.#nodes.push({
      opType: operator,
      domain: RUNTIME_OPERATORS.has(operator) ? RUNTIME_DOMAIN : '',
      name,
      input: [...inputs],
      output: names,
      attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
    })
    return names
  }

  /** All weights of the graph, each once. */
  weights(): readonly StoredWeight[] {
    return [...this.#weights.values()]
  }

  /**
   * Bytes of the .onnx file.
   * @param placeOf where each weight lies; the file name is relative to the .onnx file
   */
  encode(placeOf: (weight: StoredWeight) => ExternalPlace): Uint8Array {
    const weights = this.weights().map((weight) => externalTensor(weight, placeOf(weight)))
    return this.#encode(weights, this.#inputs)
  }

  /** Bytes of an .onnx file whose weights, all float32, are fed at each run like its inputs, under their keys. */
  encodeFed(): Uint8Array {
    const weights = this.weights().map(({ key, dimensions }) => valueInfo(key, 'float32', dimensions))
    return this.#encode([], [...this.#inputs, ...weights])
  }

  #encode(weights: readonly TensorProto[], inputs: readonly ValueInfoProto[]): Uint8Array {
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: 'valley',
      opsetImport: [
        { domain: '', version: OPERATOR_SET },
        { domain: RUNTIME_DOMAIN, version: 1 },
      ],
      graph: {
        name: this.name,
        node: this.#nodes,
        initializer: [...this.#constants.values(), ...weights],
        input: [...inputs],
        output: this.#outputs,
      },
    })
  }
}

function valueInfo(
  name: string,
  type: 'float32' | 'int32' | 'int64',
  dimensions: readonly (number | string)[],
): ValueInfoProto {
  const dim = dimensions.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } }
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value }
  if ('text' in value) return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value.text) }
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float }
  return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value] }
}

function externalTensor(weight: StoredWeight, place: ExternalPlace): TensorProto {
  return {
    name: weight.key,
    dims: [...weight.dimensions],
    dataType: DATA_TYPE[weight.elementType],
    dataLocation: EXTERNAL_LOCATION,
    externalData: [
      { key: 'location', value: place.file },
      { key: 'offset', value: String(place.offset) },
      { key: 'length', value: String(place.bytes) },
    ],
  }
}
