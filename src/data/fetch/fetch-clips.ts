// Fetches the clips that a table knows by their addresses. Some come at once; each that cannot be had is told with its row, and
// the rest goes on. What is there is not asked for, so a run that was broken off goes on where it stopped.
import { isAboutClipOrItsTime } from '../../errors.ts'
import { type LeftOut, problemAt } from '../left-out.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { readClipTable } from '../tables/open-table.ts'
import type { ClipFetcher } from './clip-fetcher.ts'
import { ClipShelf } from './clip-shelf.ts'

/** What is fetched, and how. */
export interface FetchRequest {
  readonly table: string
  /** Folder of clips, which is what other commands get as `--clips`. */
  readonly folder: string
  /** Clips under way at once. */
  readonly concurrency: number
  readonly signal?: AbortSignal
  readonly onProgress?: (counts: FetchCounts) => void
}

/** What became of the rows. */
export interface FetchCounts {
  rows: number
  /** Clips that came, and their bytes. */
  fetched: number
  bytes: number
  /** Rows whose clip was there before. */
  there: number
  /** Rows whose clip another row has, too: by the same address, or by the same bytes from another one. */
  shared: number
}

interface Obtained {
  readonly content: string
  readonly isNew: boolean
}

/**
 * Fetches what is missing.
 * @param fetch has one clip come, here or elsewhere; what comes twice is on the shelf once
 * @throws AppError DATASET_INVALID; what the signal was aborted with
 */
export async function fetchClips(request: FetchRequest, fetch: ClipFetcher, leftOut: LeftOut): Promise<FetchCounts> {
  const { table, folder, concurrency, signal, onProgress } = request
  const counts: FetchCounts = { rows: 0, fetched: 0, bytes: 0, there: 0, shared: 0 }
  const shelf = new ClipShelf(folder)
  /** Addresses that are being fetched: rows that share one wait for the same clip. */
  const coming = new Map<string, Promise<Obtained>>()

  async function obtain(url: string): Promise<Obtained> {
    const known = await shelf.contentOf(url)
    if (known !== null) return { content: known, isNew: false }
    try {
      const came = await fetch(url)
      const isNew = await shelf.keep(url, came)
      if (isNew) {
        counts.fetched += 1
        counts.bytes += came.bytes
      }
      await shelf.tidy(url, false)
      return { content: came.content, isNew }
    } catch (error) {
      await shelf.tidy(url, true)
      // Another run may have fetched it into the same folder meanwhile, and tidied up.
      const known = await shelf.contentOf(url)
      if (known !== null) return { content: known, isNew: false }
      throw error
    }
  }

  /** One download for all rows that name the same address at the same time. */
  function obtainOnce(url: string): Promise<Obtained> {
    const begun = coming.get(url)
    if (begun !== undefined) return begun.then(({ content }) => ({ content, isNew: false }))
    const obtaining = obtain(url).finally(() => coming.delete(url))
    coming.set(url, obtaining)
    return obtaining
  }

  async function take({ file, row, url, clip }: ClipRow): Promise<void> {
    if (await shelf.has(clip)) counts.there += 1
    else if (url === null) leftOut.add(problemAt(file, row, 'missing-clip', `${clip}, and no address`))
    else {
      try {
        const { content, isNew } = await obtainOnce(url)
        await shelf.name(content, clip)
        if (!isNew) counts.shared += 1
      } catch (error) {
        if (!isAboutClipOrItsTime(error)) throw error
        leftOut.add(problemAt(file, row, 'not-fetched', `${error.code}: ${error.message}`))
      }
    }
  }

  const underWay = new Set<Promise<void>>()
  await shelf.sweep()
  try {
    for await (const row of readClipTable(table, leftOut)) {
      signal?.throwIfAborted()
      counts.rows += 1
      const taking = take(row).finally(() => {
        underWay.delete(taking)
        onProgress?.(counts)
      })
      // It may fail before its turn to be awaited comes, which would end the program.
      taking.catch(() => {})
      underWay.add(taking)
      if (underWay.size >= concurrency) await Promise.race(underWay)
    }
    await Promise.all(underWay)
  } finally {
    // Whatever ended the run, what is under way comes to its end: half-written files would be in the next run's way.
    await Promise.allSettled(underWay)
  }
  return counts
}
