// A folder of clips that were fetched. Each content is there once, under its hash, whatever rows and addresses lead to it; the
// names that tables use are further names of the same file.
import { createHash, randomUUID } from 'node:crypto'
import { access, copyFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { dataError, fileErrorText } from '../data-error.ts'
import { beginIncoming, incomingAddresses, tidyIncoming } from './incoming-clips.ts'

/** Everything that tables do not name, below the folder. */
const KEPT_FOLDER = '.content'
const SHA256 = /^[0-9a-f]{64}$/
/** File systems that know no further names, as those of memory cards: the clip is copied there. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS'])

/** A clip that came and is not on the shelf yet. */
export interface CameClip {
  /** Name of its file among what comes. */
  readonly file: string
  readonly bytes: number
  /** SHA-256, hexadecimal. */
  readonly content: string
}

/** Fetched clips by content, by address and by name. */
export class ClipShelf {
  readonly #folder: string
  readonly #incoming: string
  /** Ends when nothing is being put on the shelf: the same content may come twice at once. */
  #putting: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
    this.#incoming = join(folder, KEPT_FOLDER, 'incoming')
  }

  /** Whether a clip is there under a table's name. */
  async has(clip: string): Promise<boolean> {
    return exists(join(this.#folder, clip))
  }

  /** Content of an address that was fetched before; null where that is not there any more. */
  async contentOf(url: string): Promise<string | null> {
    const content = await readFile(this.#addressPath(hashOf(url)), 'utf8').catch(() => null)
    return content !== null && (await exists(this.#contentPath(content))) ? content : null
  }

  /** Where the clip of an address is to be written while it comes; has what earlier tries left. */
  async begin(url: string): Promise<string> {
    await this.#ready(join(this.#incoming, 'any'))
    return beginIncoming(this.#incoming, hashOf(url))
  }

  /** Removes what is not needed of tries for an address. @param mayGoOn leaves what the next try can go on with */
  async tidy(url: string, mayGoOn: boolean): Promise<void> {
    await tidyIncoming(this.#incoming, hashOf(url), mayGoOn)
  }

  /** Removes what tries left that ended when their clip was there already. */
  async sweep(): Promise<void> {
    for (const address of await incomingAddresses(this.#incoming)) {
      if (await exists(this.#addressPath(address))) await tidyIncoming(this.#incoming, address, false)
    }
  }

  /** Takes over what came. @returns whether the content was not there before */
  async keep(url: string, { file, content }: CameClip): Promise<boolean> {
    const incoming = join(this.#incoming, basename(file))
    if (!SHA256.test(content) || !(await exists(incoming))) {
      throw dataError(
        `${incoming} is not there though its clip came; whoever fetches must see this folder under its path. Mount it there.`,
      )
    }
    const putting = this.#putting.then(() => this.#put(incoming, content))
    this.#putting = putting.catch(() => {})
    const isNew = await putting
    const addressPath = await this.#ready(this.#addressPath(hashOf(url)))
    // Whole or not there, also after a power cut.
    await writeFile(`${addressPath}.part`, content)
    await rename(`${addressPath}.part`, addressPath)
    return isNew
  }

  /** Gives a content a table's name. */
  async name(content: string, clip: string): Promise<void> {
    const [path, wanted] = [this.#contentPath(content), await this.#ready(join(this.#folder, clip))]
    try {
      await link(path, wanted)
    } catch (cause) {
      const reason = fileErrorText(cause)
      if (reason === 'EEXIST') return
      if (!NO_LINKS.has(reason)) throw cannotKeep(wanted, cause)
      await this.#copy(path, wanted)
    }
  }

  /** A name means a whole clip, so the copy gets it last. */
  async #copy(path: string, wanted: string): Promise<void> {
    const part = await this.#ready(join(this.#incoming, `copy-${randomUUID()}`))
    try {
      await copyFile(path, part)
      await rename(part, wanted)
    } catch (cause) {
      await rm(part, { force: true })
      throw cannotKeep(wanted, cause)
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

  #addressPath(hash: string): string {
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
