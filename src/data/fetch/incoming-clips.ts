// Clips while they come. Each try has a file of its own, so that whoever was taken for lost and is not spoils nothing for the one
// that took over; what other tries have left of the same address is copied first, and gone on with.
import { randomUUID } from 'node:crypto'
import { copyFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** As src/video/keep-download.ts names what was cut off, and what it knows of it. */
const PART_ENDING = '.part'
const VERSION_ENDING = '.part.json'

/**
 * Begins a try, with what earlier ones have left.
 * @param folder of what comes, which is there
 * @param address hash of the clip's address
 * @returns where the clip is to be written
 */
export async function beginIncoming(folder: string, address: string): Promise<string> {
  const path = join(folder, `${address}-${randomUUID()}`)
  const [largest] = await partsOf(folder, address)
  if (largest !== undefined) {
    // The version first: should its writer begin another one meanwhile, the server is told of the old one and sends all anew.
    await copyFile(join(folder, `${largest}${VERSION_ENDING}`), `${path}${VERSION_ENDING}`)
      .then(() => copyFile(join(folder, `${largest}${PART_ENDING}`), `${path}${PART_ENDING}`))
      // It went away, or its server named no version: the clip is fetched from its beginning.
      .catch(() => {})
  }
  return path
}

/** Removes what tries for an address have left. @param keepsLargest leaves what the next try may go on with */
export async function tidyIncoming(folder: string, address: string, keepsLargest: boolean): Promise<void> {
  const [largest] = keepsLargest ? await partsOf(folder, address) : []
  const names = (await namesIn(folder)).filter((name) => name.startsWith(address))
  for (const name of names) {
    if (largest === undefined || !name.startsWith(largest)) await rm(join(folder, name), { force: true })
  }
}

/** The addresses of all that is there. */
export async function incomingAddresses(folder: string): Promise<ReadonlySet<string>> {
  return new Set((await namesIn(folder)).map((name) => name.split(/[-.]/)[0]!))
}

/** Names of what was cut off, without their ending, the largest first. */
async function partsOf(folder: string, address: string): Promise<string[]> {
  const names = (await namesIn(folder)).filter((name) => name.startsWith(address) && name.endsWith(PART_ENDING))
  const sizes = await Promise.all(
    names.map(async (name) => {
      const { size } = await stat(join(folder, name)).catch(() => ({ size: 0 }))
      return { name: name.slice(0, -PART_ENDING.length), size }
    }),
  )
  return sizes.toSorted((a, b) => b.size - a.size).map(({ name }) => name)
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
