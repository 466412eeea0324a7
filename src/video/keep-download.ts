// A clip on the network becomes a file that stays, by the rules of every download. What was cut off goes on: until the clip is
// whole it is NAME.part, and NAME.part.json has what the server called this version of it, so that two versions never mix.
import { createHash } from 'node:crypto'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../errors.ts'
import { DownloadClock } from './download-clock.ts'
import { addressFailure, networkFailure, statusFailure } from './download-errors.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from './download-limits.ts'
import type { GuardedResponse } from './guarded-request.ts'
import { type DownloadOptions, type DownloadSource, parseUrl, receiveClip, requestClip } from './request-clip.ts'

/** What there is of a clip that was cut off. */
interface Begun {
  readonly bytes: number
  /** ETag or date by which the server knows its version. */
  readonly version: string
}

/**
 * Downloads a clip to a path, or goes on where an earlier call for the same address was cut off.
 * @returns bytes of the clip
 * @throws AppError CLIP_UNREACHABLE, CLIP_ACCESS_DENIED, CLIP_MISSING, CLIP_TOO_LARGE, TIMED_OUT; signal.reason on abort.
 *   What came stays for the next call where that may help.
 */
export async function keepDownload(
  source: DownloadSource,
  path: string,
  options: DownloadOptions = {},
): Promise<number> {
  const { limits = DEFAULT_DOWNLOAD_LIMITS, signal } = options
  signal?.throwIfAborted()
  const clock = new DownloadClock(limits, parseUrl(source.url).host, signal)
  try {
    const bytes = await fetchRest(source, path, options, clock)
    signal?.throwIfAborted()
    await rename(partOf(path), path)
    await rm(versionOf(path), { force: true })
    return bytes
  } catch (error) {
    signal?.throwIfAborted()
    const failure = networkFailure(clock.reason ?? error, clock.host)
    if (!failure.retryable) await forget(path)
    throw failure
  } finally {
    clock.stop()
  }
}

async function fetchRest(
  source: DownloadSource,
  path: string,
  options: DownloadOptions,
  clock: DownloadClock,
): Promise<number> {
  const { limits = DEFAULT_DOWNLOAD_LIMITS, onBytes } = options
  const begun = await readBegun(path, source.url)
  // A server that has another version by now sends all of it (RFC 9110, 13.1.5).
  const range: Readonly<Record<string, string>> =
    begun === null ? {} : { range: `bytes=${begun.bytes}-`, 'if-range': begun.version }
  const guarded = await requestClip(source, options, limits, clock, range)
  try {
    const { statusCode = 0, headers } = guarded.response
    const before = statusCode === 206 && begun !== null ? begun.bytes : 0
    if (statusCode === 206 && !beginsAt(guarded, before)) {
      await forget(path)
      throw addressFailure(
        `sends ${headers['content-range'] ?? 'a part'} of the clip, which was not asked for`,
        clock.host,
      )
    }
    if (statusCode === 416) {
      // Nothing is left of it, so what there is was of another version.
      await forget(path)
      throw new AppError(
        'CLIP_UNREACHABLE',
        `${JSON.stringify(clock.host)} has fewer bytes of the clip than came before. Try again.`,
        {
          details: { host: clock.host },
          retryable: true,
        },
      )
    }
    if (statusCode !== 200 && statusCode !== 206) throw statusFailure(statusCode, clock.host)
    await writeVersion(path, source.url, headers)
    const file = await open(partOf(path), before === 0 ? 'w' : 'a', 0o644)
    try {
      return await receiveClip(guarded, file, limits, clock, { before, onBytes })
    } finally {
      await file.close()
    }
  } finally {
    guarded.close()
  }
}

function beginsAt({ response }: GuardedResponse, before: number): boolean {
  const [, first] = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '') ?? []
  return first !== undefined && Number(first) === before
}

async function readBegun(path: string, url: string): Promise<Begun | null> {
  try {
    const known: unknown = JSON.parse(await readFile(versionOf(path), 'utf8'))
    const { size } = await stat(partOf(path))
    const isKnown = typeof known === 'object' && known !== null && 'version' in known && 'address' in known
    if (!isKnown || known.address !== hashOf(url) || typeof known.version !== 'string' || size === 0) return null
    return { bytes: size, version: known.version }
  } catch {
    // Nothing there, or nothing that can be gone on with: the clip is fetched from its beginning.
    return null
  }
}

async function writeVersion(path: string, url: string, headers: IncomingHttpHeaders): Promise<void> {
  const { etag, 'last-modified': modified } = headers
  // A weak tag promises the same sense, not the same bytes.
  const version = (etag?.startsWith('W/') === true ? '' : etag) || modified || ''
  // The address may be signed, so its hash stands for it.
  if (version !== '') await writeFile(versionOf(path), JSON.stringify({ address: hashOf(url), version }))
  else await rm(versionOf(path), { force: true })
}

async function forget(path: string): Promise<void> {
  await Promise.all([partOf(path), versionOf(path)].map((file) => rm(file, { force: true })))
}

function partOf(path: string): string {
  return `${path}.part`
}

function versionOf(path: string): string {
  return `${path}.part.json`
}

function hashOf(url: string): string {
  return createHash('sha256').update(url).digest('hex')
}
