// What the disk does when nothing is done with what it gives, as dd measures it: past the system's own memory of files.
import { execFile } from 'node:child_process'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const BLOCK_BYTES = 8 * 1024 * 1024
const MOST_BLOCKS = 128

/** Bytes a second. */
export interface DiskSpeed {
  readonly readPerSecond: number
  readonly writePerSecond: number
}

/** Reads the largest file of a folder, up to a gigabyte, and writes as much beside it, which is removed. */
export async function measureDisk(directory: string): Promise<DiskSpeed> {
  const paths = (await readdir(directory)).map((name) => join(directory, name))
  const sizes = await Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })))
  const largest = sizes.reduce((one, other) => (other.bytes > one.bytes ? other : one))
  const blocks = Math.min(MOST_BLOCKS, Math.floor(largest.bytes / BLOCK_BYTES))
  const readPerSecond = await dd(blocks, [`if=${largest.path}`, 'of=/dev/null', 'iflag=direct'])
  const written = join(directory, 'dd.tmp')
  try {
    return { readPerSecond, writePerSecond: await dd(blocks, ['if=/dev/zero', `of=${written}`, 'oflag=direct']) }
  } finally {
    await rm(written, { force: true })
  }
}

async function dd(blocks: number, places: readonly string[]): Promise<number> {
  const started = performance.now()
  await promisify(execFile)('dd', [`bs=${BLOCK_BYTES}`, `count=${blocks}`, ...places])
  return (blocks * BLOCK_BYTES) / ((performance.now() - started) / 1000)
}
