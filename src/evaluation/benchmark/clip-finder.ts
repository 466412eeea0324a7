// Where the clips of a set are: people unpack sets in their own way, so a clip is looked for where the set says, then by its
// name anywhere below the folder.
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { WantedClip } from './benchmark-question.ts'
import { benchmarkError, fileErrorText } from './read-rows.ts'

const ENDING = /\.(mp4|avi|mkv|webm|mov|m4v|gif|mpg|mpeg|wmv|flv|3gp|ogv|ts)$/i

/** Endings of pictures, which in a folder of their own are a clip. */
export const PICTURE_ENDING = /\.(jpe?g|png)$/i

/** Finds clips below a folder, whose names were read once. */
export class ClipFinder {
  readonly #folder: string
  /** By path and by name, both small and without ending. */
  readonly #byPath = new Map<string, string>()
  readonly #byName = new Map<string, string>()

  private constructor(folder: string, files: readonly string[]) {
    this.#folder = folder
    for (const file of files) {
      this.#byPath.set(keyOf(file), file)
      const name = keyOf(basename(file))
      if (!this.#byName.has(name)) this.#byName.set(name, file)
    }
  }

  /** @throws AppError BENCHMARK_INVALID when the folder cannot be read */
  static async open(folder: string): Promise<ClipFinder> {
    let names: string[]
    try {
      names = await readdir(folder, { recursive: true })
    } catch (cause) {
      throw benchmarkError(
        `The folder ${folder} cannot be read (${fileErrorText(cause)}); the clips of the set are needed. Correct --videos.`,
        cause,
      )
    }
    const paths = names.map((name) => name.replaceAll('\\', '/'))
    const files = paths.filter((path) => ENDING.test(path))
    const folders = new Set(paths.filter((path) => PICTURE_ENDING.test(path)).map((path) => dirname(path)))
    return new ClipFinder(resolve(folder), [...files, ...folders].toSorted())
  }

  /** Absolute path of a clip, or of a folder with its pictures; null where there is none of its names. A name that leads out of the folder is none. */
  find({ name, alsoNamed = [], folders = [] }: WantedClip): string | null {
    const names = [name, ...alsoNamed]
    const paths = [...folders, ''].flatMap((folder) => names.map((one) => keyOf(join(folder, one))))
    const found =
      paths.map((path) => this.#byPath.get(path)).find((file) => file !== undefined) ??
      names.map((one) => this.#byName.get(keyOf(basename(one)))).find((file) => file !== undefined)
    return found === undefined ? null : join(this.#folder, found)
  }
}

function keyOf(path: string): string {
  return path.replace(ENDING, '').toLowerCase()
}
