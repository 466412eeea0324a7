// WebDataset: tar archives in which files that share a name up to its first dot are one sample, here `KEY.json`, the record,
// beside `KEY.mp4`, its clip, or `KEY.0.jpg` and on, its frames. NAME.tar becomes NAME-000000.tar and so on.
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'
import { toJsonRecord } from '../record.ts'
import { OutputFile } from './output-file.ts'
import type { RecordWriter } from './record-writer.ts'
import { TAR_END, tarFilling, tarHead } from './tar.ts'

/** A shard that reached this is closed; WebDataset's own writer has 3 GB, which is much to load for one worker. */
const SHARD_BYTES = 1024 * 1024 * 1024
const NUMBER_DIGITS = 6
const KEY_DIGITS = 9

/**
 * Opens shards of WebDataset.
 * @param clipsFolder where the clips are; null writes the records alone
 * @param shardBytes from which size on a shard is closed
 */
export async function openTarShards(
  path: string,
  clipsFolder: string | null,
  shardBytes: number = SHARD_BYTES,
): Promise<RecordWriter> {
  const shardPath = (number: number) => path.replace(/\.tar$/, `-${String(number).padStart(NUMBER_DIGITS, '0')}.tar`)
  const whole: OutputFile[] = []
  let shard = await OutputFile.open(shardPath(0))
  let count = 0

  async function close(): Promise<void> {
    await shard.write(TAR_END)
    await shard.finish()
    whole.push(shard)
  }

  return {
    async write(record) {
      if (shard.byteLength >= shardBytes) {
        await close()
        shard = await OutputFile.open(shardPath(whole.length))
      }
      // Ids hold whatever their makers liked, dots and slashes too; a number is safe and keeps the order.
      const key = String(count).padStart(KEY_DIGITS, '0')
      count += 1
      await addBytes(shard, `${key}.json`, Buffer.from(JSON.stringify(toJsonRecord(record))))
      const files = clipsFolder === null ? [] : (record.clip?.files ?? [])
      for (const [index, file] of files.entries()) {
        const number = files.length === 1 ? '' : `.${index}`
        await addFile(shard, `${key}${number}${extname(file)}`, join(clipsFolder!, file))
      }
    },
    async finish() {
      await close()
    },
    async abandon() {
      await shard.abandon()
      for (const { path: shardFile } of whole) await rm(shardFile, { force: true })
    },
  }
}

async function addBytes(shard: OutputFile, name: string, bytes: Buffer): Promise<void> {
  await shard.write(tarHead(name, bytes.length))
  await shard.write(bytes)
  await shard.write(tarFilling(bytes.length))
}

async function addFile(shard: OutputFile, name: string, path: string): Promise<void> {
  try {
    const { size } = await stat(path)
    await shard.write(tarHead(name, size))
    let read = 0
    // What is added to the clip meanwhile is not of it; what is taken away breaks the archive.
    for await (const chunk of createReadStream(path, { end: Math.max(0, size - 1) }) as AsyncIterable<Buffer>) {
      read += chunk.length
      await shard.write(chunk)
    }
    if (read !== size) throw dataError(`${path} changed while it was read, ${read} of ${size} bytes. Run it again.`)
    await shard.write(tarFilling(size))
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AppError') throw cause
    const message = `The clip ${path} cannot be read (${fileErrorText(cause)}); every clip of the records is needed. Leave --clips away to write records alone, or fetch it.`
    throw dataError(message, cause)
  }
}
