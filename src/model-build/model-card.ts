// What a public checkpoint says of itself for people: its name and its licence.
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

/** A model card is text; more than this is something else. */
const MAX_CARD_CHARACTERS = 200_000
/** Said where a checkpoint has no model card, or one without a licence. */
const UNKNOWN_LICENCE = 'unknown; see the page that the checkpoint came from'

/** Licence of the weights, from the front matter of README.md. */
export async function readLicence(directory: string): Promise<string> {
  const card = await readFile(join(directory, 'README.md'), 'utf8').catch(() => '')
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card.slice(0, MAX_CARD_CHARACTERS))?.[1] ?? ''
  const entry = (key: string) => new RegExp(`^${key}:[ \\t]*["']?([^"'\\r\\n]+)`, 'm').exec(front)?.[1]?.trim()
  const licence = entry('license')
  // The hub writes "other" where the name says which.
  return (licence === 'other' ? (entry('license_name') ?? licence) : licence) ?? UNKNOWN_LICENCE
}

/** A package's name: the checkpoint's own, or its folder's, in lower case without what a name may not hold. */
export function packageName(directory: string, ownName: string | undefined): string {
  const stated = ownName === undefined || ownName === '' ? resolve(directory) : ownName
  const name = basename(stated)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
  return name === '' ? 'model' : name
}
