// A decoder of random weights as llama.cpp reads it: format GGUF 3, matrices in Q4_0 (4 bits, a scale for 32 inputs), the
// table of embeddings and head in Q8_0, as many bits as Valley's int4 packages give them.
// Layout: ggml-org/llama.cpp docs/gguf.md and ggml/src/ggml-common.h.
import { existsSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { LanguageShape } from './shapes.ts'

const ALIGNMENT_BYTES = 32
const BLOCK_VALUES = 32
/** Numbers of value types in the metadata. */
const VALUE = { uint32: 4, int32: 5, float32: 6, text: 8, list: 9, uint64: 10 } as const
/** Numbers and bytes of the tensor types that are written; a quantised block is a float16 scale and its quanta. */
const TENSOR = {
  float32: { number: 0, blockBytes: 4, blockValues: 1 },
  q4: { number: 2, blockBytes: 18, blockValues: BLOCK_VALUES },
  q8: { number: 8, blockBytes: 34, blockValues: BLOCK_VALUES },
} as const
/** About 0.005 as a float16. */
const SCALE = 0x1d1f

interface TensorPlan {
  readonly name: string
  /** Inputs first, as GGUF has it. */
  readonly sizes: readonly number[]
  readonly type: keyof typeof TENSOR
}

/** Writes the file unless it is there. @returns its path */
export async function writeGguf(folder: string, name: string, shape: LanguageShape): Promise<string> {
  const path = join(folder, `${name}.gguf`)
  if (existsSync(path)) return path
  const file = await open(`${path}.part`, 'w')
  try {
    await writeModel(file, shape)
  } finally {
    await file.close()
  }
  await rename(`${path}.part`, path)
  return path
}

async function writeModel(file: FileHandle, shape: LanguageShape): Promise<void> {
  const tensors = planTensors(shape)
  const infos: Buffer[] = []
  let offset = 0
  for (const tensor of tensors) {
    infos.push(
      text(tensor.name),
      uint32(tensor.sizes.length),
      ...tensor.sizes.map(uint64),
      uint32(TENSOR[tensor.type].number),
      uint64(offset),
    )
    offset += aligned(bytesOf(tensor))
  }
  const metadata = describeModel(shape)
  const count = [uint64(tensors.length), uint64(metadata.length)]
  const header = Buffer.concat([Buffer.from('GGUF'), uint32(3), ...count, ...metadata, ...infos])
  await file.write(Buffer.concat([header, Buffer.alloc(aligned(header.length) - header.length)]))
  for (const tensor of tensors) await file.write(drawTensor(tensor))
}

function planTensors(shape: LanguageShape): TensorPlan[] {
  const { width, mlpWidth, heads, keyValueHeads, headWidth, vocabulary, bias, tied } = shape
  const queries = heads * headWidth
  const keys = keyValueHeads * headWidth
  const vector = (name: string, size: number): TensorPlan => ({ name, sizes: [size], type: 'float32' })
  const matrix = (name: string, outputs: number, inputs: number, type: 'q4' | 'q8' = 'q4'): TensorPlan => ({
    name,
    sizes: [inputs, outputs],
    type,
  })
  const plans = [matrix('token_embd.weight', vocabulary, width, 'q8'), vector('output_norm.weight', width)]
  if (!tied) plans.push(matrix('output.weight', vocabulary, width, 'q8'))
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `blk.${layer}`
    plans.push(
      vector(`${block}.attn_norm.weight`, width),
      matrix(`${block}.attn_q.weight`, queries, width),
      matrix(`${block}.attn_k.weight`, keys, width),
      matrix(`${block}.attn_v.weight`, keys, width),
      matrix(`${block}.attn_output.weight`, width, queries),
      vector(`${block}.ffn_norm.weight`, width),
      matrix(`${block}.ffn_gate.weight`, mlpWidth, width),
      matrix(`${block}.ffn_up.weight`, mlpWidth, width),
      matrix(`${block}.ffn_down.weight`, width, mlpWidth),
    )
    if (bias) {
      plans.push(
        vector(`${block}.attn_q.bias`, queries),
        vector(`${block}.attn_k.bias`, keys),
        vector(`${block}.attn_v.bias`, keys),
      )
    }
  }
  return plans
}

function describeModel(shape: LanguageShape): Buffer[] {
  const words = Array.from({ length: shape.vocabulary }, (_, id) => `w${id}`)
  return [
    pair('general.architecture', VALUE.text, text('qwen2')),
    pair('general.name', VALUE.text, text('random')),
    pair('qwen2.block_count', VALUE.uint32, uint32(shape.layers)),
    pair('qwen2.context_length', VALUE.uint32, uint32(shape.context)),
    pair('qwen2.embedding_length', VALUE.uint32, uint32(shape.width)),
    pair('qwen2.feed_forward_length', VALUE.uint32, uint32(shape.mlpWidth)),
    pair('qwen2.attention.head_count', VALUE.uint32, uint32(shape.heads)),
    pair('qwen2.attention.head_count_kv', VALUE.uint32, uint32(shape.keyValueHeads)),
    pair('qwen2.attention.layer_norm_rms_epsilon', VALUE.float32, float32(1e-6)),
    pair('qwen2.rope.freq_base', VALUE.float32, float32(shape.rotaryBase)),
    pair('tokenizer.ggml.model', VALUE.text, text('gpt2')),
    pair('tokenizer.ggml.pre', VALUE.text, text('qwen2')),
    pair('tokenizer.ggml.tokens', VALUE.list, list(VALUE.text, words.map(text))),
    pair(
      'tokenizer.ggml.token_type',
      VALUE.list,
      list(
        VALUE.int32,
        words.map(() => uint32(1)),
      ),
    ),
    pair('tokenizer.ggml.merges', VALUE.list, list(VALUE.text, [text('w 0')])),
    pair('tokenizer.ggml.eos_token_id', VALUE.uint32, uint32(1)),
  ]
}

/** Repeatable bytes; the scales stand where the format wants them. */
function drawTensor(tensor: TensorPlan): Buffer {
  const { blockBytes } = TENSOR[tensor.type]
  const bytes = Buffer.alloc(aligned(bytesOf(tensor)))
  if (tensor.type === 'float32') {
    for (let at = 0; at + 4 <= bytesOf(tensor); at += 4) bytes.writeFloatLE(tensor.name.endsWith('bias') ? 0.01 : 1, at)
    return bytes
  }
  let state = 0x1234567
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes.writeInt32LE(state ^ (state >>> 13), at)
  }
  for (let at = 0; at + blockBytes <= bytesOf(tensor); at += blockBytes) bytes.writeUInt16LE(SCALE, at)
  return bytes
}

function bytesOf({ sizes, type }: TensorPlan): number {
  const { blockBytes, blockValues } = TENSOR[type]
  return (sizes.reduce((product, size) => product * size, 1) / blockValues) * blockBytes
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
}

function pair(key: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), uint32(type), value])
}

function list(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(type), uint64(items.length), ...items])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}
