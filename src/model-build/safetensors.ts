// The tensors of a checkpoint folder: one model.safetensors, or shards that an index names.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { readSafetensorsHeader, type StoredTensor } from './safetensors-header.ts'

const SINGLE_FILE = 'model.safetensors'
const INDEX_FILE = 'model.safetensors.index.json'

/**
 * Finds every tensor of a checkpoint; reads headers only.
 * @returns tensors by name
 * @throws AppError CHECKPOINT_INVALID for a broken file or index; CHECKPOINT_UNSUPPORTED without any .safetensors
 */
export async function readStoredTensors(directory: string): Promise<Map<string, StoredTensor>> {
  if (await exists(join(directory, INDEX_FILE))) return readShards(directory)
  if (await exists(join(directory, SINGLE_FILE))) return readSafetensorsHeader(join(directory, SINGLE_FILE))
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} holds neither ${SINGLE_FILE} nor ${INDEX_FILE}. Weights must be in the safetensors format: convert .bin files with transformers' save_pretrained first.`,
    { details: { directory } },
  )
}

async function readShards(directory: string): Promise<Map<string, StoredTensor>> {
  const weightMap = await readWeightMap(directory)
  const tensors = new Map<string, StoredTensor>()
  for (const shard of new Set(weightMap.values())) {
    for (const [name, tensor] of await readSafetensorsHeader(join(directory, shard))) {
      if (weightMap.get(name) === shard) tensors.set(name, tensor)
    }
  }
  for (const [name, shard] of weightMap) {
    if (!tensors.has(name)) {
      throw invalid(directory, `says that ${shard} holds the tensor ${JSON.stringify(name)}, which is not in it`)
    }
  }
  return tensors
}

async function readWeightMap(directory: string): Promise<Map<string, string>> {
  let index: unknown
  try {
    index = JSON.parse(await readFile(join(directory, INDEX_FILE), 'utf8'))
  } catch (cause) {
    throw invalid(directory, 'is not JSON', cause)
  }
  const entries = Object.entries((index as { weight_map?: object } | null)?.weight_map ?? {})
  if (entries.length === 0) throw invalid(directory, 'has no weight_map from tensor names to files')
  for (const [name, shard] of entries) {
    // A shard lies beside its index; a path could lead anywhere on this machine.
    if (typeof shard !== 'string' || !/^[\w.-]+\.safetensors$/.test(shard)) {
      throw invalid(
        directory,
        `names the file ${JSON.stringify(shard)} for ${JSON.stringify(name)}; a plain *.safetensors name is allowed`,
      )
    }
  }
  return new Map(entries)
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

function invalid(directory: string, problem: string, cause?: unknown): AppError {
  return new AppError(
    'CHECKPOINT_INVALID',
    `${join(directory, INDEX_FILE)} ${problem}. Fetch or save the checkpoint again.`,
    { details: { directory }, cause },
  )
}
