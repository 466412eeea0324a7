// One clip of an address: asked for until it came or cannot be had. This is what several machines may do of a table's fetching.
import { basename } from 'node:path'
import { type Sleep, withRetries } from '../../retry.ts'
import { dataError } from '../data-error.ts'
import { contentHash } from '../file-content.ts'
import { type CameClip, ClipShelf } from './clip-shelf.ts'

/**
 * Fetches an address to a path, going on where an earlier try was cut off, and looks whether a clip came.
 * @returns bytes of the clip
 * @throws AppError about the clip or its server; retryable where asking again may help
 */
export type ClipDownload = (url: string, path: string) => Promise<number>

/** Has a clip come. @throws AppError about the clip or its server, when it was asked for often enough */
export type ClipFetcher = (url: string) => Promise<CameClip>

const MAX_TRIES = 4

/** Fetches in this process. @param folder of clips @param sleep waits before it is asked again; default by the clock */
export function clipFetcher(
  folder: string,
  download: ClipDownload,
  { signal, sleep }: { readonly signal?: AbortSignal | undefined; readonly sleep?: Sleep | undefined } = {},
): ClipFetcher {
  const shelf = new ClipShelf(folder)
  return async (url) => {
    const path = await shelf.begin(url)
    const bytes = await withRetries(() => download(url, path), { signal, sleep, maxAttempts: MAX_TRIES })
    const content = await contentHash(path)
    if (content === null) throw dataError(`${path} went away while it was read. Run the same command again.`)
    return { file: basename(path), bytes, content }
  }
}
