// Puts a foreign graph between nodes of ours, so that it has the inputs and outputs that the pipeline knows. Fields of
// protocol buffers that stand behind each other count as one message, so the three parts are simply joined.
import { AppError } from '../errors.ts'
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../model-build/onnx-proto.ts'
import type { SourceGraph, SourceTensor, SourceValue } from './source-graph.ts'
import { sourceName } from './source-values.ts'
import { bytesField, joinBytes, numberField, readFields, textField } from './wire.ts'

/** Name of a value of the new graph. */
export type Value = string
/** Where a weight lies in the package's data file. */
export interface WeightPlace {
  readonly file: string
  readonly offset: number
  readonly bytes: number
}

/** The first with every operator that is put around a graph in the form that is written here. */
const LEAST_OPERATOR_SET = 11
/** Since this version weights need not be listed among the inputs. */
const LEAST_IR_VERSION = 4
const MODEL = { irVersion: 1, graph: 7, operatorSet: 8, function: 25 } as const
const GRAPH = { node: 1, initializer: 5 } as const
const TENSOR = { external: 13, location: 14 } as const
const EXTERNAL = 1

/** One foreign graph being wrapped. */
export class GraphWrapper {
  readonly #file: string
  readonly #source: SourceGraph
  readonly #inputs: ValueInfoProto[] = []
  readonly #outputs: ValueInfoProto[] = []
  readonly #before: NodeProto[] = []
  readonly #after: NodeProto[] = []
  readonly #constants = new Map<string, TensorProto>()
  readonly #given = new Set<string>()
  #isBehind = false

  /**
   * @param file of the foreign graph, for messages
   * @throws AppError CHECKPOINT_UNSUPPORTED for a graph older than what is put around it
   */
  constructor(file: string, source: SourceGraph) {
    this.#file = file
    this.#source = source
    if (source.operatorSet >= LEAST_OPERATOR_SET) return
    throw this.unsupported(
      `is written for operator set ${source.operatorSet}; ${LEAST_OPERATOR_SET} or later is needed`,
    )
  }

  /** Declares an input of the new graph. */
  input(name: string, elementType: number, dimensions: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, elementType, dimensions))
    return name
  }

  /** Adds a node with one output. */
  node(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, number>> = {}): Value {
    const value = `${operator}.${this.#before.length + this.#after.length}`
    this.#add(operator, inputs, value, attributes)
    return value
  }

  /** A constant of whole numbers; without `scalar` a list. */
  integers(values: readonly number[], scalar = false): Value {
    const name = `${scalar ? 'scalar' : 'list'}:${values.join(',')}`
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    this.#constants.set(name, { name, dims: scalar ? [] : [values.length], dataType: DATA_TYPE.int64, rawData })
    return name
  }

  /** An input of the foreign graph; null when it has none of the name. */
  sourceInput(name: string): SourceValue | null {
    return this.#source.inputs.find((one) => one.name === name) ?? null
  }

  /** The foreign graph's outputs. */
  get sourceOutputs(): readonly SourceValue[] {
    return this.#source.outputs
  }

  /** Gives a value to an input of the foreign graph, in the type that it wants. */
  give(input: SourceValue, value: Value): void {
    this.#given.add(input.name)
    this.#add('Cast', [value], sourceName(input.name), { to: input.elementType })
  }

  /**
   * Takes an output of the foreign graph; from here on nodes stand behind it.
   * @throws AppError CHECKPOINT_UNSUPPORTED when it has none of the name, or an input that was given nothing
   */
  take(name: string): Value {
    this.#isBehind = true
    const missing = this.#source.inputs.find((one) => !this.#given.has(one.name))
    if (missing !== undefined)
      throw this.unsupported(`wants the input ${JSON.stringify(missing.name)}, which is not known`)
    if (this.#source.outputs.some((one) => one.name === name)) return sourceName(name)
    const names = this.#source.outputs.map((one) => one.name).join(', ')
    throw this.unsupported(`has no output ${JSON.stringify(name)} among ${names.slice(0, 200)}`)
  }

  /** Declares an output of the new graph, in float32. */
  output(name: string, value: Value, dimensions: readonly (number | string)[]): void {
    this.#add('Cast', [value], name, { to: DATA_TYPE.float32 })
    this.#outputs.push(valueInfo(name, DATA_TYPE.float32, dimensions))
  }

  /** CHECKPOINT_UNSUPPORTED for this graph; `problem` follows its name. */
  unsupported(problem: string): AppError {
    return new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `The graph ${this.#file} ${problem}; graphs as transformers.js takes them are supported. Choose another repository or precision, or build from the checkpoint itself.`,
      { details: { file: this.#file } },
    )
  }

  /**
   * Bytes of the new .onnx file.
   * @param placeOf where each weight lies that does not stay in the graph
   */
  encode(placeOf: (tensor: SourceTensor) => WeightPlace): Uint8Array {
    const { irVersion, operatorSets, functions, nodes, tensors } = this.#source
    const part = (graph: { node: NodeProto[]; initializer: TensorProto[]; input?: ValueInfoProto[] }) =>
      graphBytes({ name: 'valley', input: [], output: [], ...graph })
    const graph = joinBytes([
      part({ node: this.#before, initializer: [...this.#constants.values()], input: this.#inputs }),
      ...nodes.map((node) => bytesField(GRAPH.node, node)),
      ...tensors.map((tensor) => bytesField(GRAPH.initializer, tensorBytes(tensor, placeOf))),
      graphBytes({ name: 'valley', node: this.#after, initializer: [], input: [], output: this.#outputs }),
    ])
    return joinBytes([
      numberField(MODEL.irVersion, Math.max(irVersion, LEAST_IR_VERSION)),
      ...operatorSets.map((set) => bytesField(MODEL.operatorSet, set)),
      bytesField(MODEL.graph, graph),
      ...functions.map((one) => bytesField(MODEL.function, one)),
    ])
  }

  #add(operator: string, inputs: readonly Value[], output: Value, attributes: Readonly<Record<string, number>>): void {
    const attribute: AttributeProto[] = Object.entries(attributes).map(([name, i]) => ({
      name,
      type: ATTRIBUTE_TYPE.int,
      i,
    }))
    const nodes = this.#isBehind ? this.#after : this.#before
    nodes.push({ opType: operator, domain: '', name: output, input: [...inputs], output: [output], attribute })
  }
}

function valueInfo(name: string, elemType: number, dimensions: readonly (number | string)[]): ValueInfoProto {
  const dim = dimensions.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType, shape: { dim } } } }
}

/** Fields of a GraphProto, cut out of a model that holds nothing else. */
function graphBytes(graph: Parameters<typeof encodeModel>[0]['graph']): Uint8Array {
  const model = encodeModel({ irVersion: LEAST_IR_VERSION, producerName: '', opsetImport: [], graph })
  return [...readFields(model)].find(({ number }) => number === MODEL.graph)!.bytes
}

function tensorBytes(tensor: SourceTensor, placeOf: (tensor: SourceTensor) => WeightPlace): Uint8Array {
  if (tensor.place.kind === 'kept') return tensor.fields
  const { file, offset, bytes } = placeOf(tensor)
  const entries = { location: file, offset: String(offset), length: String(bytes) }
  const pairs = Object.entries(entries).map(([key, value]) =>
    bytesField(TENSOR.external, joinBytes([textField(1, key), textField(2, value)])),
  )
  return joinBytes([tensor.fields, ...pairs, numberField(TENSOR.location, EXTERNAL)])
}
