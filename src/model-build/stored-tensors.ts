// The tensors of a checkpoint folder: one file, or shards that an index names; safetensors before PyTorch's .bin.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { requireFetched } from './git-pointer.ts'
import { readSafetensorsHeader, type StoredTensor } from './safetensors-header.ts'
import { readTorchFile } from './torch-file.ts'

/** How weights may be stored, in the order in which they are looked for. */
const FORMATS = [
  {
    singleFile: 'model.safetensors',
    indexFile: 'model.safetensors.index.json',
    shardName: /^[\w.-]+\.safetensors$/,
    ending: '*.safetensors',
    read: readSafetensorsHeader,
  },
  {
    singleFile: 'pytorch_model.bin',
    indexFile: 'pytorch_model.bin.index.json',
    shardName: /^[\w.-]+\.bin$/,
    ending: '*.bin',
    read: readTorchFile,
  },
] as const
type Format = (typeof FORMATS)[number]

/**
 * Finds every tensor of a checkpoint; reads descriptions only.
 * @returns tensors by name
 * @throws AppError CHECKPOINT_INVALID for a broken file or index; CHECKPOINT_UNSUPPORTED without weights, or for a .bin file
 *   that does more than hold tensors
 */
export async function readStoredTensors(directory: string): Promise<Map<string, StoredTensor>> {
  for (const format of FORMATS) {
    if (await exists(join(directory, format.indexFile))) return readShards(directory, format)
    if (await exists(join(directory, format.singleFile))) return readFetched(join(directory, format.singleFile), format)
  }
  const names = FORMATS.flatMap(({ singleFile, indexFile }) => [singleFile, indexFile])
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} holds none of ${names.join(', ')}, so there are no weights that can be read. Fetch the checkpoint in one of these formats.`,
    { details: { directory } },
  )
}

async function readShards(directory: string, format: Format): Promise<Map<string, StoredTensor>> {
  const weightMap = await readWeightMap(directory, format)
  const tensors = new Map<string, StoredTensor>()
  for (const shard of new Set(weightMap.values())) {
    for (const [name, tensor] of await readFetched(join(directory, shard), format)) {
      if (weightMap.get(name) === shard) tensors.set(name, tensor)
    }
  }
  for (const [name, shard] of weightMap) {
    if (!tensors.has(name)) {
      throw invalid(
        directory,
        format,
        `says that ${shard} holds the tensor ${JSON.stringify(name)}, which is not in it`,
      )
    }
  }
  return tensors
}

async function readFetched(path: string, format: Format): Promise<Map<string, StoredTensor>> {
  await requireFetched(path)
  return format.read(path)
}

async function readWeightMap(directory: string, format: Format): Promise<Map<string, string>> {
  let index: unknown
  try {
    index = JSON.parse(await readFile(join(directory, format.indexFile), 'utf8'))
  } catch (cause) {
    throw invalid(directory, format, 'is not JSON', cause)
  }
  const entries = Object.entries((index as { weight_map?: object } | null)?.weight_map ?? {})
  if (entries.length === 0) throw invalid(directory, format, 'has no weight_map from tensor names to files')
  for (const [name, shard] of entries) {
    // A shard lies beside its index; a path could lead anywhere on this machine.
    if (typeof shard !== 'string' || !format.shardName.test(shard)) {
      throw invalid(
        directory,
        format,
        `names the file ${JSON.stringify(shard)} for ${JSON.stringify(name)}; a plain ${format.ending} name is allowed`,
      )
    }
  }
  return new Map(entries)
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

function invalid(directory: string, { indexFile }: Format, problem: string, cause?: unknown): AppError {
  return new AppError(
    'CHECKPOINT_INVALID',
    `${join(directory, indexFile)} ${problem}. Fetch or save the checkpoint again.`,
    { details: { directory }, cause },
  )
}
