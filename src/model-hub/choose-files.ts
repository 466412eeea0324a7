// Which files of a repository a checkpoint needs. Repositories also hold pictures, weights in other formats, and the same
// weights twice.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import type { Repository, RepositoryFile } from './repository.ts'

/** Settings, tokenizer, chat template, model card, licence: all that is small and lies at the top. */
const SMALL_FILE = /^(?:[\w.-]+\.(?:json|jinja|model)|merges\.txt|README\.md|LICEN[CS]E(?:[\w.-]*)?)$/
/** The largest known tokenizer has 35 MB. */
const MAX_SMALL_FILE_BYTES = 100_000_000
/** Each kind of weights: the index of its shards, and its single file. In the order of preference. */
const WEIGHTS = [
  { index: 'model.safetensors.index.json', single: 'model.safetensors' },
  { index: 'pytorch_model.bin.index.json', single: 'pytorch_model.bin' },
] as const

/** Everything but the weights. */
export function smallFiles({ files }: Repository): readonly RepositoryFile[] {
  return files.filter(({ path, bytes }) => SMALL_FILE.test(path) && bytes <= MAX_SMALL_FILE_BYTES)
}

/** Whether a repository holds weights of a checkpoint. */
export function hasWeights(repository: Repository): boolean {
  return WEIGHTS.some(
    ({ index, single }) => (findFile(repository, index) ?? findFile(repository, single)) !== undefined,
  )
}

/** Whether a repository holds a file. */
export function findFile({ files }: Repository, path: string): RepositoryFile | undefined {
  return files.find((file) => file.path === path)
}

/**
 * The files with the weights.
 * @param directory holds the small files already: an index says which shards there are
 * @throws AppError CHECKPOINT_UNSUPPORTED without weights that can be read; CHECKPOINT_INVALID when the index names a file
 *   that is not listed
 */
export async function weightFiles(repository: Repository, directory: string): Promise<readonly RepositoryFile[]> {
  for (const { index, single } of WEIGHTS) {
    if (findFile(repository, index) !== undefined) {
      const shards = await shardNames(join(directory, index))
      return shards.map((shard) => findFile(repository, shard) ?? fail(repository, index, shard))
    }
    const file = findFile(repository, single)
    if (file !== undefined) return [file]
  }
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${repository.name} holds no weights that can be read; ${WEIGHTS.map(({ single }) => single).join(' or ')}, whole or in shards, is needed. Choose another repository, most often the one that this was made from.`,
    { details: { repository: repository.name } },
  )
}

async function shardNames(path: string): Promise<string[]> {
  let index: unknown
  try {
    index = JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return []
  }
  const map = (index as { weight_map?: unknown } | null)?.weight_map
  const names = typeof map === 'object' && map !== null ? Object.values(map) : []
  return [...new Set(names.map(String))]
}

function fail({ name }: Repository, index: string, shard: string): never {
  throw new AppError(
    'CHECKPOINT_INVALID',
    `${index} of ${name} names ${JSON.stringify(shard)}, which the repository does not hold. Choose another revision or repository.`,
    { details: { repository: name, file: shard } },
  )
}
