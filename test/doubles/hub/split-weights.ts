// One file of weights as two shards and their index, as large checkpoints are published.
import type { HubFile } from './hub-double.ts'

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const
const INDEX = 'model.safetensors.index.json'

/** The files of a repository with model.safetensors split in two. */
export function splitWeights(files: readonly HubFile[]): HubFile[] {
  const single = files.find(({ path }) => path === 'model.safetensors')
  if (single === undefined) throw new Error('there is no model.safetensors to split')
  const bytes = Buffer.from(single.content)
  const headerBytes = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, Entry>
  const names = Object.keys(header).filter((name) => name !== '__metadata__')
  const half = Math.ceil(names.length / 2)
  const weightMap: Record<string, string> = {}
  const shards = [names.slice(0, half), names.slice(half)].map((part, index): HubFile => {
    for (const name of part) weightMap[name] = SHARDS[index]!
    return { path: SHARDS[index]!, content: shard(part, header, bytes.subarray(8 + headerBytes)), large: true }
  })
  const index = { path: INDEX, content: Buffer.from(JSON.stringify({ metadata: {}, weight_map: weightMap })) }
  return [...files.filter((file) => file !== single), index, ...shards]
}

function shard(names: readonly string[], header: Record<string, Entry>, data: Uint8Array): Uint8Array {
  const entries: Record<string, Entry> = {}
  const pieces: Uint8Array[] = []
  let end = 0
  for (const name of names) {
    const { dtype, shape, data_offsets } = header[name]!
    const piece = data.subarray(...data_offsets)
    entries[name] = { dtype, shape, data_offsets: [end, end + piece.length] }
    end += piece.length
    pieces.push(piece)
  }
  const text = Buffer.from(JSON.stringify(entries))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, ...pieces])
}
