// One file of a repository onto the disk. Bytes go into NAME.part and stay there when something stops the download, also
// the program; the next try reads what is there and asks for the rest. Only a file of the listed size and hash gets its name.
import type { Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../errors.ts'
import { type RetryOptions, withRetries } from '../retry.ts'
import { writeFailure } from './disk-space.ts'
import { beginHash, hashBeginning } from './file-hash.ts'
import { type Hub, hubUrl } from './hub-access.ts'
import { misbehaviour, networkFailure, statusFailure } from './hub-errors.ts'
import { type HubResponse, hubRequest } from './hub-request.ts'
import type { Repository, RepositoryFile } from './repository.ts'

/** How to download. */
export interface DownloadFileOptions extends RetryOptions {
  /** Told how many bytes of this file are on the disk: once at the start, then as they come. */
  readonly onBytes?: ((bytesDone: number) => void) | undefined
  /** Default STALL_TIMEOUT_MS of hub-request.ts. */
  readonly stallTimeoutMs?: number | undefined
}

/** Name of a file that is not complete. */
export function partName(target: string): string {
  return `${target}.part`
}

/** Bytes of a file that are on the disk already, complete or not. */
export async function bytesOnDisk(target: string, file: RepositoryFile): Promise<number> {
  const complete = await sizeOf(target)
  return complete === file.bytes ? complete : Math.min((await sizeOf(partName(target))) ?? 0, file.bytes)
}

/**
 * Downloads a file, or the rest of it. A file that is there in its listed size was checked when it got its name.
 * @param target where it goes; folders are made
 * @throws AppError HUB_*, DOWNLOAD_CORRUPT (what was wrong is removed), DISK_FULL; signal.reason when aborted. What came
 *   is kept in all other cases.
 */
export async function downloadFile(
  hub: Hub,
  repository: Repository,
  file: RepositoryFile,
  target: string,
  options: DownloadFileOptions = {},
): Promise<void> {
  const { onBytes, signal } = options
  if ((await sizeOf(target)) === file.bytes) {
    onBytes?.(file.bytes)
    return
  }
  await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, target)
  })
  const part = await Part.open(partName(target), file, signal)
  try {
    onBytes?.(part.bytes)
    await withRetries((gained) => fetchRest(hub, repository, file, part, options, gained), options)
    await part.check(repository)
  } finally {
    await part.close()
  }
  await rename(part.path, target)
}

/** Asks for what is missing and writes it. */
async function fetchRest(
  hub: Hub,
  { name, revision }: Repository,
  file: RepositoryFile,
  part: Part,
  { onBytes, signal, stallTimeoutMs }: DownloadFileOptions,
  gained: () => void,
): Promise<void> {
  if (part.bytes === file.bytes) return
  const url = hubUrl(hub, ...name.split('/'), 'resolve', revision, ...file.path.split('/'))
  const headers: Record<string, string> = part.bytes === 0 ? {} : { range: `bytes=${part.bytes}-` }
  const answer = await hubRequest(hub, url, { headers, what: `${file.path} of ${name}`, signal, stallTimeoutMs })
  try {
    await part.startAt(firstByteOf(answer, part.bytes))
    for await (const piece of answer.response as AsyncIterable<Buffer>) {
      await part.append(piece)
      gained()
      onBytes?.(part.bytes)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw networkFailure(error, answer.asked)
  } finally {
    answer.close()
  }
  if (part.bytes < file.bytes) throw cutShort(file, part.bytes, answer)
}

/** Where in the file the body of an answer begins. */
function firstByteOf({ response, asked }: HubResponse, wanted: number): number {
  const { statusCode = 0, headers } = response
  // A server that knows no ranges sends the whole again.
  if (statusCode === 200) return 0
  if (statusCode !== 206) throw statusFailure(statusCode, headers, asked)
  const start = /^bytes (\d{1,15})-/.exec(headers['content-range'] ?? '')?.[1]
  if (Number(start) === wanted) return wanted
  const seen = JSON.stringify(headers['content-range'] ?? null)
  throw misbehaviour(`sends the range ${seen} where bytes from ${wanted} on were asked for`, asked.host)
}

function cutShort(file: RepositoryFile, bytes: number, { asked }: HubResponse): AppError {
  return new AppError(
    'HUB_UNREACHABLE',
    `${JSON.stringify(asked.host)} ended ${asked.what} after ${bytes} of ${file.bytes} bytes. Run it again; it goes on where it stopped.`,
    { details: { host: asked.host, bytes, wanted: file.bytes }, retryable: true },
  )
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  )
}

/** A file that is not complete yet: its bytes on the disk and the hash of them. */
class Part {
  readonly path: string
  /** On the disk and in the hash. */
  bytes = 0
  readonly #file: RepositoryFile
  readonly #handle: FileHandle
  #hash: Hash

  private constructor(path: string, file: RepositoryFile, handle: FileHandle) {
    this.path = path
    this.#file = file
    this.#handle = handle
    this.#hash = beginHash(file)
  }

  /** Opens what is there, or begins. */
  static async open(path: string, file: RepositoryFile, signal: AbortSignal | undefined): Promise<Part> {
    const there = (await sizeOf(path)) ?? 0
    const handle = await open(path, there === 0 ? 'w' : 'r+').catch((error: unknown) => {
      throw writeFailure(error, path)
    })
    const part = new Part(path, file, handle)
    try {
      // More bytes than the file has belong to something else.
      if (there > file.bytes) await handle.truncate(0)
      else {
        await hashBeginning(part.#hash, path, there, signal)
        part.bytes = there
      }
      return part
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Goes on behind what is there, or begins anew. */
  async startAt(position: number): Promise<void> {
    if (position === this.bytes) return
    await this.#handle.truncate(position)
    this.#hash = beginHash(this.#file)
    this.bytes = 0
  }

  async append(piece: Uint8Array): Promise<void> {
    if (this.bytes + piece.length > this.#file.bytes) {
      throw await this.#refuse(`goes on after its ${this.#file.bytes} bytes`)
    }
    let written = 0
    try {
      while (written < piece.length) {
        const { bytesWritten } = await this.#handle.write(piece, written, piece.length - written, this.bytes + written)
        written += bytesWritten
      }
    } catch (error) {
      throw writeFailure(error, this.path)
    }
    this.#hash.update(piece)
    this.bytes += piece.length
  }

  /** Holds the complete file against the listed hash. */
  async check({ name }: Repository): Promise<void> {
    const { algorithm, value } = this.#file.hash
    const seen = this.#hash.digest('hex')
    if (seen !== value) throw await this.#refuse(`has the ${algorithm} ${seen}; ${name} lists ${value}`)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async #refuse(problem: string): Promise<AppError> {
    await rm(this.path, { force: true })
    return new AppError(
      'DOWNLOAD_CORRUPT',
      `The downloaded ${this.#file.path} ${problem}. It was removed: run it again, and if it stays so, try without HF_ENDPOINT or from another network.`,
      { details: { file: this.#file.path } },
    )
  }
}
