// A file that has its name only once it is whole: until then it is NAME.part.
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'

const BUFFERED_BYTES = 1024 * 1024

/** Takes bytes in order, some at a time. Either finish() or abandon() ends it. */
export class OutputFile {
  readonly path: string
  readonly #handle: FileHandle
  #held: Buffer[] = []
  #heldBytes = 0
  #writtenBytes = 0

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  /** Opens the file, its folders made. @throws AppError DATASET_INVALID when that cannot be */
  static async open(path: string): Promise<OutputFile> {
    await readyFor(path)
    try {
      return new OutputFile(path, await open(partOf(path), 'w'))
    } catch (cause) {
      throw cannotWrite(path, cause)
    }
  }

  /** Bytes taken so far. */
  get byteLength(): number {
    return this.#writtenBytes + this.#heldBytes
  }

  /** Adds text or bytes. @throws AppError DATASET_INVALID when the disk takes no more */
  async write(content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    if (this.#heldBytes >= BUFFERED_BYTES) await this.#flush()
  }

  /** Makes the file whole and gives it its name. */
  async finish(): Promise<void> {
    await this.#flush()
    await this.#handle.close()
    await giveName(this.path)
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    await this.#handle.close()
    await rm(partOf(this.path), { force: true })
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#held)
    this.#held = []
    this.#heldBytes = 0
    try {
      await this.#handle.writeFile(bytes)
    } catch (cause) {
      throw cannotWrite(this.path, cause)
    }
    this.#writtenBytes += bytes.length
  }
}

/** Name of a file that is not whole yet. */
export function partOf(path: string): string {
  return `${path}.part`
}

/** Makes the folders of a file that is to be written. @throws AppError DATASET_INVALID, also where a folder has its name */
export async function readyFor(path: string): Promise<void> {
  const there = await stat(path).catch(() => null)
  // Told now: a run of hours would only fail when it gives the file its name.
  if (there?.isDirectory() === true) throw cannotWrite(path, 'a folder has that name')
  try {
    await mkdir(dirname(path), { recursive: true })
  } catch (cause) {
    throw cannotWrite(path, cause)
  }
}

/** Gives a file that is whole its name. @throws AppError DATASET_INVALID */
export async function giveName(path: string): Promise<void> {
  try {
    await rename(partOf(path), path)
  } catch (cause) {
    throw cannotWrite(path, cause)
  }
}

function cannotWrite(path: string, cause: unknown): Error {
  return dataError(
    `${path} cannot be written (${fileErrorText(cause)}); a file in a folder with room and permission is needed. Name another.`,
    cause,
  )
}
