// Every value of a foreign graph gets a name of its own, so that no name of it meets one of ours: also within the branches
// of an If and the bodies of functions, which see the names outside.
import { bytesField, joinBytes, readFields, textField, textOf, WireError, type WireField } from './wire.ts'

/** Before each name of the foreign graph. */
export const SOURCE_PREFIX = 'source.'
/** Graphs within graphs: merged decoders have one level. */
const MAX_DEPTH = 8

/** Fields of onnx.proto that hold names of values or messages that do. */
const NODE = { input: 1, output: 2, attribute: 5 } as const
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 } as const
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparse: 15 } as const
const TENSOR = { name: 8, location: 14 } as const
const VALUE_INFO_NAME = 1

/** The name of a foreign value in the new graph; no name stays none. */
export function sourceName(name: string): string {
  return name === '' ? '' : SOURCE_PREFIX + name
}

/** A NodeProto with its names changed. @throws WireError for what a package cannot hold */
export function renameNode(node: Uint8Array, depth = 0): Uint8Array {
  return changeFields(node, (field) => {
    if (field.number === NODE.input || field.number === NODE.output) return renamed(field)
    if (field.number !== NODE.attribute) return field.raw
    return bytesField(field.number, renameAttribute(field.bytes, depth))
  })
}

function renameAttribute(attribute: Uint8Array, depth: number): Uint8Array {
  return changeFields(attribute, (field) => {
    const { number, bytes, raw } = field
    if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) {
      return bytesField(number, renameGraph(bytes, depth + 1))
    }
    if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) requireInline(bytes)
    if (number === ATTRIBUTE.sparse || number === ATTRIBUTE.sparses) throw sparse()
    return raw
  })
}

function renameGraph(graph: Uint8Array, depth: number): Uint8Array {
  if (depth > MAX_DEPTH) throw new WireError(`graphs lie more than ${MAX_DEPTH} deep in each other`)
  return changeFields(graph, (field) => {
    const { number, bytes, raw } = field
    if (number === GRAPH.node) return bytesField(number, renameNode(bytes, depth))
    if (number === GRAPH.initializer) {
      requireInline(bytes)
      return bytesField(number, renameField(bytes, TENSOR.name))
    }
    if (number === GRAPH.input || number === GRAPH.output || number === GRAPH.valueInfo) {
      return bytesField(number, renameField(bytes, VALUE_INFO_NAME))
    }
    if (number === GRAPH.sparse) throw sparse()
    return raw
  })
}

/** A message with the name in one of its fields changed. */
export function renameField(message: Uint8Array, number: number): Uint8Array {
  return changeFields(message, (field) => (field.number === number ? renamed(field) : field.raw))
}

/** A message with each field replaced by what `change` gives for it. */
export function changeFields(message: Uint8Array, change: (field: WireField) => Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  for (const field of readFields(message)) pieces.push(change(field))
  return joinBytes(pieces)
}

function renamed(field: WireField): Uint8Array {
  return textField(field.number, sourceName(textOf(field)))
}

/** Weights in another file are followed in the outermost graph only: whatever else names a file is refused. */
function requireInline(tensor: Uint8Array): void {
  for (const { number, value } of readFields(tensor)) {
    if (number === TENSOR.location && value !== 0) throw new WireError('a tensor within a node lies in another file')
  }
}

function sparse(): WireError {
  return new WireError('it holds sparse tensors')
}
