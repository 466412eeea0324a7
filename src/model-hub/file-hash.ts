// The hashes that a hub lists, computed as bytes come.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { RepositoryFile } from './repository.ts'

const READ_BYTES = 1024 * 1024

/** Begins the hash of a file. git's id of a blob is the SHA-1 of a short head and the content. */
export function beginHash({ hash, bytes }: RepositoryFile): Hash {
  return hash.algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`)
}

/** Feeds the first bytes of a file on the disk into a hash. */
export async function hashBeginning(hash: Hash, path: string, bytes: number, signal?: AbortSignal): Promise<void> {
  if (bytes === 0) return
  for await (const piece of createReadStream(path, { end: bytes - 1, highWaterMark: READ_BYTES })) {
    signal?.throwIfAborted()
    hash.update(piece)
  }
}
