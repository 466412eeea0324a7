// A foreign .onnx file, taken apart as far as an import needs it: its nodes as bytes with names of their own, its weights
// with where they lie, its inputs and outputs.
import { renameNode, sourceName } from './source-values.ts'
import { joinBytes, readFields, textField, textOf, WireError, type WireField } from './wire.ts'

/** An input or output. */
export interface SourceValue {
  /** As the file has it. */
  readonly name: string
  /** TensorProto.DataType */
  readonly elementType: number
  /** A size, or null where it varies; null altogether where it is not stated. */
  readonly dimensions: readonly (number | null)[] | null
}

/** Weights: all fields but where the bytes are, and the bytes or the place of them. */
export interface SourceTensor {
  /** In the new graph. */
  readonly name: string
  readonly fields: Uint8Array
  readonly place:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly location: string; readonly offset: number; readonly bytes: number | null }
    /** Small, or in a field of another type than raw bytes: stays in the graph. */
    | { readonly kind: 'kept' }
}

/** What a file holds. */
export interface SourceGraph {
  readonly irVersion: number
  /** OperatorSetIdProto each. */
  readonly operatorSets: readonly Uint8Array[]
  /** FunctionProto each, unchanged: their names are their own. */
  readonly functions: readonly Uint8Array[]
  readonly nodes: readonly Uint8Array[]
  readonly tensors: readonly SourceTensor[]
  /** Without those that are weights. */
  readonly inputs: readonly SourceValue[]
  readonly outputs: readonly SourceValue[]
  /** Of ONNX's own operators. */
  readonly operatorSet: number
}

/** Fields of onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, operatorSet: 8, function: 25 } as const
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparse: 15 } as const
const TENSOR = { name: 8, raw: 9, external: 13, location: 14 } as const
const FUNCTION_NODE = 7
/** Constants of shapes must stand in the graph, where the runtime reads them before it runs. */
const SMALLEST_MOVED_BYTES = 1024

/** Takes a file apart. The result holds views of the bytes. @throws WireError for what is no ONNX file or cannot be taken */
export function readSourceGraph(file: Uint8Array): SourceGraph {
  let irVersion = 0
  const graphs: Uint8Array[] = []
  const operatorSets: WireField[] = []
  const functions: Uint8Array[] = []
  for (const field of readFields(file)) {
    if (field.number === MODEL.irVersion) irVersion = field.value
    else if (field.number === MODEL.graph) graphs.push(field.bytes)
    else if (field.number === MODEL.operatorSet) operatorSets.push(field)
    else if (field.number === MODEL.function) functions.push(checkedFunction(field.bytes))
  }
  if (graphs.length === 0 || irVersion === 0) throw new WireError('it is no ONNX model')

  const nodes: Uint8Array[] = []
  const tensors: SourceTensor[] = []
  const inputs: SourceValue[] = []
  const outputs: SourceValue[] = []
  for (const field of readFields(graphs.length === 1 ? graphs[0]! : joinBytes(graphs))) {
    if (field.number === GRAPH.node) nodes.push(renameNode(field.bytes))
    else if (field.number === GRAPH.initializer) tensors.push(readTensor(field.bytes))
    else if (field.number === GRAPH.input) inputs.push(readValue(field.bytes))
    else if (field.number === GRAPH.output) outputs.push(readValue(field.bytes))
    else if (field.number === GRAPH.sparse) throw new WireError('it holds sparse tensors')
  }
  const weights = new Set(tensors.map(({ name }) => name))
  return {
    irVersion,
    operatorSets: operatorSets.map(({ bytes }) => bytes),
    functions,
    nodes,
    tensors,
    inputs: inputs.filter(({ name }) => !weights.has(sourceName(name))),
    outputs,
    operatorSet: Math.max(0, ...operatorSets.map(versionOf)),
  }
}

/** A function is taken as it is, once nothing in it names a file. */
function checkedFunction(bytes: Uint8Array): Uint8Array {
  for (const field of readFields(bytes)) if (field.number === FUNCTION_NODE) renameNode(field.bytes)
  return bytes
}

/** Version of ONNX's own operators; 0 for another domain. */
function versionOf({ bytes }: WireField): number {
  let version = 0
  let domain = ''
  for (const field of readFields(bytes)) {
    if (field.number === 1) domain = textOf(field)
    else if (field.number === 2) version = field.value
  }
  return domain === '' || domain === 'ai.onnx' ? version : 0
}

function readTensor(tensor: Uint8Array): SourceTensor {
  const rest: Uint8Array[] = []
  const external = new Map<string, string>()
  let name = ''
  let raw: WireField | null = null
  let isElsewhere = false
  for (const field of readFields(tensor)) {
    if (field.number === TENSOR.name) {
      name = sourceName(textOf(field))
      rest.push(textField(field.number, name))
    } else if (field.number === TENSOR.raw) raw = field
    else if (field.number === TENSOR.external) external.set(...readPair(field.bytes))
    else if (field.number === TENSOR.location) isElsewhere = field.value !== 0
    else rest.push(field.raw)
  }
  if (isElsewhere) return { name, fields: joinBytes(rest), place: filePlace(name, external) }
  if (raw === null) return { name, fields: joinBytes(rest), place: { kind: 'kept' } }
  if (raw.bytes.length < SMALLEST_MOVED_BYTES) {
    return { name, fields: joinBytes([...rest, raw.raw]), place: { kind: 'kept' } }
  }
  return { name, fields: joinBytes(rest), place: { kind: 'inline', bytes: raw.bytes } }
}

function filePlace(name: string, external: ReadonlyMap<string, string>): SourceTensor['place'] {
  const number = (key: string): number | null => {
    const text = external.get(key)
    if (text === undefined) return null
    if (!/^\d{1,15}$/.test(text)) throw new WireError(`${name} has the ${key} ${JSON.stringify(text)}`)
    return Number(text)
  }
  return {
    kind: 'file',
    location: external.get('location') ?? '',
    offset: number('offset') ?? 0,
    bytes: number('length'),
  }
}

function readPair(bytes: Uint8Array): [string, string] {
  let key = ''
  let value = ''
  for (const field of readFields(bytes)) {
    if (field.number === 1) key = textOf(field)
    else if (field.number === 2) value = textOf(field)
  }
  return [key, value]
}

/** A ValueInfoProto of a tensor. */
function readValue(bytes: Uint8Array): SourceValue {
  let name = ''
  let elementType = 0
  let dimensions: (number | null)[] | null = null
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = textOf(field)
    for (const type of field.number === 2 ? fieldsOf(field, 1) : []) {
      for (const part of readFields(type.bytes)) {
        if (part.number === 1) elementType = part.value
        if (part.number === 2) dimensions = fieldsOf(part, 1).map(({ bytes: dimension }) => sizeOf(dimension))
      }
    }
  }
  return { name, elementType, dimensions }
}

function sizeOf(dimension: Uint8Array): number | null {
  for (const field of readFields(dimension)) if (field.number === 1) return field.value
  return null
}

function fieldsOf({ bytes }: WireField, number: number): WireField[] {
  return [...readFields(bytes)].filter((field) => field.number === number)
}
