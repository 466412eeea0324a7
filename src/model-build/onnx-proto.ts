// The part of ONNX's protobuf schema that the builder writes. Field numbers are those of onnx/onnx.proto (ONNX 1.x, which
// never renumbers); the types below are how graph-builder.ts fills them.
import protobuf from 'protobufjs/light.js'

/** TensorProto.DataType */
export const DATA_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10, float64: 11 } as const
/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const
/** TensorProto.DataLocation.EXTERNAL */
export const EXTERNAL_LOCATION = 1

/** AttributeProto: one of f, i, s and ints, as `type` says. */
export interface AttributeProto {
  name: string
  type: number
  f?: number
  i?: number
  s?: Uint8Array
  ints?: number[]
}

/** NodeProto */
export interface NodeProto {
  opType: string
  domain: string
  name: string
  /** Names of values; an empty name is an optional input left out. */
  input: string[]
  output: string[]
  attribute: AttributeProto[]
}

/** TensorProto with its bytes either in `rawData` or in another file. */
export interface TensorProto {
  name: string
  dims: number[]
  dataType: number
  rawData?: Uint8Array
  dataLocation?: number
  externalData?: { key: string; value: string }[]
}

/** TypeProto of a tensor, whose dimensions are sizes or letters, or of a sequence of tensors. */
export type TypeProto =
  | { tensorType: { elemType: number; shape: { dim: ({ dimValue: number } | { dimParam: string })[] } } }
  | { sequenceType: { elemType: { tensorType: { elemType: number } } } }

/** ValueInfoProto */
export interface ValueInfoProto {
  name: string
  type: TypeProto
}

/** ModelProto with its one graph. */
export interface ModelProto {
  irVersion: number
  producerName: string
  opsetImport: { domain: string; version: number }[]
  graph: {
    name: string
    node: NodeProto[]
    initializer: TensorProto[]
    input: ValueInfoProto[]
    output: ValueInfoProto[]
  }
}

const root = protobuf.Root.fromJSON({
  nested: {
    Pair: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    OperatorSet: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        ints: { rule: 'repeated', type: 'int64', id: 8 },
        type: { type: 'int32', id: 20 },
      },
    },
    Node: {
      fields: {
        input: { rule: 'repeated', type: 'string', id: 1 },
        output: { rule: 'repeated', type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: 'repeated', type: 'Attribute', id: 5 },
        domain: { type: 'string', id: 7 },
      },
    },
    Tensor: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
        externalData: { rule: 'repeated', type: 'Pair', id: 13 },
        dataLocation: { type: 'int32', id: 14 },
      },
    },
    Dimension: {
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } },
    },
    Shape: { fields: { dim: { rule: 'repeated', type: 'Dimension', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } } },
    SequenceType: { fields: { elemType: { type: 'Type', id: 1 } } },
    Type: {
      oneofs: { value: { oneof: ['tensorType', 'sequenceType'] } },
      fields: { tensorType: { type: 'TensorType', id: 1 }, sequenceType: { type: 'SequenceType', id: 4 } },
    },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'Type', id: 2 } } },
    Graph: {
      fields: {
        node: { rule: 'repeated', type: 'Node', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'Tensor', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfo', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfo', id: 12 },
      },
    },
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OperatorSet', id: 8 },
      },
    },
  },
})

const modelType = root.lookupType('Model')

/** Bytes of an .onnx file. */
export function encodeModel(model: ModelProto): Uint8Array {
  return modelType.encode(modelType.create(model)).finish()
}

/** The opposite of encodeModel; fields that the builder does not write are dropped, whole numbers come as numbers. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true }) as ModelProto
}
