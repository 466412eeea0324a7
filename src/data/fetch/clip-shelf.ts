// A folder of clips that were fetched. Each content is there once, under its hash, whatever rows and addresses lead to it; the
// names that tables use are further names of the same file.
import { createHash } from 'node:crypto'
import { access, copyFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'
import { contentHash } from '../file-content.ts'

/** Everything that tables do not name, below the folder. */
const KEPT_FOLDER = '.content'
/** File systems that know no further names, as those of memory cards: the clip is copied there. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS'])

/** Fetched clips by content, by address and by name. */
export class ClipShelf {
  readonly #folder: string
  /** Ends when nothing is being put on the shelf: the same content may come twice at once. */
  #putting: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Whether a clip is there under a table's name. */
  async has(clip: string): Promise<boolean> {
    return exists(join(this.#folder, clip))
  }

  /** Content of an address that was fetched before; null where that is not there any more. */
  async contentOf(url: string): Promise<string | null> {
    const content = await readFile(this.#addressPath(url), 'utf8').catch(() => null)
    return content !== null && (await exists(this.#contentPath(content))) ? content : null
  }

  /** Where the clip of an address is written while it comes. */
  async incomingPath(url: string): Promise<string> {
    return this.#ready(join(this.#folder, KEPT_FOLDER, 'incoming', hashOf(url)))
  }

  /**
   * Takes over what came.
   * @returns its content, and whether that was there before
   */
  async keep(url: string): Promise<{ readonly content: string; readonly isNew: boolean }> {
    const incoming = await this.incomingPath(url)
    const content = await contentHash(incoming)
    if (content === null) throw dataError(`${incoming} went away while it was read. Run the same command again.`)
    const putting = this.#putting.then(() => this.#put(incoming, content))
    this.#putting = putting.catch(() => {})
    const isNew = await putting
    const addressPath = await this.#ready(this.#addressPath(url))
    // Whole or not there, also after a power cut.
    await writeFile(`${addressPath}.part`, content)
    await rename(`${addressPath}.part`, addressPath)
    return { content, isNew }
  }

  /** Gives a content a table's name. */
  async name(content: string, clip: string): Promise<void> {
    const [path, wanted] = [this.#contentPath(content), await this.#ready(join(this.#folder, clip))]
    try {
      await link(path, wanted)
    } catch (cause) {
      const reason = fileErrorText(cause)
      if (reason === 'EEXIST') return
      if (NO_LINKS.has(reason)) await copyFile(path, wanted)
      else throw cannotKeep(wanted, cause)
    }
  }

  async #put(incoming: string, content: string): Promise<boolean> {
    const path = this.#contentPath(content)
    const isNew = !(await exists(path))
    if (isNew) await rename(incoming, await this.#ready(path))
    else await rm(incoming)
    return isNew
  }

  #contentPath(content: string): string {
    return join(this.#folder, KEPT_FOLDER, content.slice(0, 2), content)
  }

  #addressPath(url: string): string {
    const hash = hashOf(url)
    return join(this.#folder, KEPT_FOLDER, 'addresses', hash.slice(0, 2), hash)
  }

  async #ready(path: string): Promise<string> {
    try {
      await mkdir(dirname(path), { recursive: true })
      return path
    } catch (cause) {
      throw cannotKeep(path, cause)
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Addresses may be signed and longer than names of files can be. */
function hashOf(url: string): string {
  return createHash('sha256').update(url).digest('hex')
}

function cannotKeep(path: string, cause: unknown): Error {
  return dataError(
    `${path} cannot be written (${fileErrorText(cause)}); a folder with room and permission is needed. Name another.`,
    cause,
  )
}
