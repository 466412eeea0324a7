// Writes a checkpoint of a public size filled with noise, in the layout of the Hugging Face hub, shard by shard: to build and
// run it as if it had been downloaded. Nothing larger than a piece of noise is held in memory.
import { copyFile, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCheckpoint } from '../src/model-build/checkpoint.ts'
import { elementsOf } from '../src/model-build/weight-source.ts'
import { withAllWords } from './build-shape.ts'
import { CHECKPOINT_SHAPES, type CheckpointShape, type CheckpointShapeName } from './checkpoint-shapes.ts'
import { hashOf, NOISE } from './random-weights.ts'

const FAMILIES = join(import.meta.dirname, '../test/fixtures/families')
const SHARD_BYTES = 4_000_000_000
const BFLOAT16_BYTES = 2
/** Files of the tiny checkpoint that are taken as they are. */
const SETTINGS = /^(?:preprocessor|video_preprocessor|chat_template|generation|special_tokens)/

/** Writes a checkpoint into a new folder. @returns bytes of weights */
export async function writeCheckpoint(directory: string, name: CheckpointShapeName): Promise<number> {
  const shape = CHECKPOINT_SHAPES[name]()
  await mkdir(directory, { recursive: true })
  await writeSettings(directory, name, shape)
  const shards = divide(shape.tensors)
  const weightMap: Record<string, string> = {}
  let bytes = 0
  for (const [index, names] of shards.entries()) {
    const numbers = [index + 1, shards.length].map((number) => String(number).padStart(5, '0'))
    const file = `model-${numbers.join('-of-')}.safetensors`
    for (const tensor of names) weightMap[tensor] = file
    bytes += await writeShard(join(directory, file), names, shape)
  }
  await writeJson(directory, 'model.safetensors.index.json', { weight_map: weightMap })
  return bytes
}

async function writeSettings(directory: string, name: string, { family, config, side, vocabulary }: CheckpointShape) {
  const folder = join(FAMILIES, family)
  for (const file of await readdir(folder)) {
    if (SETTINGS.test(file)) await copyFile(join(folder, file), join(directory, file))
  }
  const { tokenizer } = await readCheckpoint(folder)
  await writeJson(directory, 'tokenizer.json', withAllWords(tokenizer.tokenizer, vocabulary))
  await writeJson(directory, 'tokenizer_config.json', tokenizer.config)
  const own = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Json
  await writeJson(directory, 'config.json', { ...merged(own, config), _name_or_path: `random/${name}` })
  const processors = await readFile(join(folder, 'processor_config.json'), 'utf8').catch(() => null)
  if (processors !== null) await writeJson(directory, 'processor_config.json', withSide(JSON.parse(processors), side))
}

type Json = Record<string, unknown>

function writeJson(directory: string, file: string, value: object): Promise<void> {
  return writeFile(join(directory, file), JSON.stringify(value))
}

/** Keys of the second over those of the first; groups are joined. What is undefined falls away. */
function merged(own: Json, over: Json): Json {
  const joined = Object.entries(over).map(([key, value]) => {
    const isGroup = isJson(value) && isJson(own[key])
    return [key, isGroup ? merged(own[key] as Json, value) : value]
  })
  return { ...own, ...Object.fromEntries(joined) }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Processors that make squares of the tower's own size, or with other keys. */
function withSide(processors: Json, side: CheckpointShape['side']): Json {
  const resized = Object.entries(processors).map(([name, one]) => {
    if (!isJson(one)) return [name, one]
    if (typeof side !== 'number') return [name, { ...one, ...side }]
    const { size } = one
    const own = isJson(size) && 'height' in size ? { height: side, width: side } : { longest_edge: side }
    // A picture is first made four times as large as a part of it.
    const largest = name === 'image_processor' && 'longest_edge' in own ? { longest_edge: 4 * side } : own
    const part = 'max_image_size' in one ? { max_image_size: { longest_edge: side } } : {}
    return [name, { ...one, size: largest, ...part }]
  })
  return Object.fromEntries(resized)
}

/** Names of tensors, file by file. */
function divide(tensors: CheckpointShape['tensors']): string[][] {
  const shards: string[][] = [[]]
  let bytes = 0
  for (const [name, shape] of tensors) {
    const own = elementsOf(shape) * BFLOAT16_BYTES
    if (bytes > 0 && bytes + own > SHARD_BYTES) {
      shards.push([])
      bytes = 0
    }
    shards.at(-1)!.push(name)
    bytes += own
  }
  return shards
}

async function writeShard(path: string, names: readonly string[], { tensors }: CheckpointShape): Promise<number> {
  const header: Json = {}
  let end = 0
  for (const name of names) {
    const shape = tensors.get(name)!
    const begin = end
    end += elementsOf(shape) * BFLOAT16_BYTES
    header[name] = { dtype: 'BF16', shape, data_offsets: [begin, end] }
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const file = await open(path, 'wx')
  try {
    await file.appendFile(Buffer.concat([length, text]))
    for (const name of names) {
      // Factors of norms lie near one, so that nothing grows without bound.
      const values = /norm\d?\.weight$|layernorm\.weight$|layrnorm\.weight$|ln_q\.weight$/.test(name)
        ? NEAR_ONE
        : NEAR_ZERO
      // From a place of its own on: the runtime would keep equal matrices once.
      let at = (hashOf(name) % (values.length / BFLOAT16_BYTES)) * BFLOAT16_BYTES
      let left = elementsOf(tensors.get(name)!) * BFLOAT16_BYTES
      while (left > 0) {
        const piece = values.subarray(at, Math.min(at + left, values.length))
        await file.appendFile(piece)
        left -= piece.length
        at = 0
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return end
}

const NEAR_ZERO = bfloat16(NOISE)
const NEAR_ONE = bfloat16(NOISE.map((value) => value + 1))

/** The upper halves of float32 values. */
function bfloat16(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.buffer, values.byteOffset, values.length * 2)
  return new Uint8Array(Uint16Array.from({ length: values.length }, (_, at) => halves[2 * at + 1]!).buffer)
}
