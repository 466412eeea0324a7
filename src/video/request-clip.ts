// Asks for a clip on the network: redirects are followed, each checked anew, and what comes is the clip's bytes and not a
// page in their place.
import type { FileHandle } from 'node:fs/promises'
import { tooManyBytes } from './clip-size.ts'
import type { DownloadClock } from './download-clock.ts'
import { addressFailure, pageInstead } from './download-errors.ts'
import type { DownloadLimits } from './download-limits.ts'
import { type GuardedResponse, guardedRequest, type NameLookup } from './guarded-request.ts'

/** What to fetch. */
export interface DownloadSource {
  readonly url: string
  /** Sent to the scheme, host and port of `url` only, never past a redirect elsewhere. */
  readonly headers?: Readonly<Record<string, string>>
  /** Hosts that may serve the clip, redirects included; see matchesHost. */
  readonly allowedHosts: readonly string[]
  /** Size that the platform states, bytes: a clip that is too large by it is not even asked for. */
  readonly statedBytes?: number | undefined
}

/** How to fetch it. */
export interface DownloadOptions {
  /** Default DEFAULT_DOWNLOAD_LIMITS. */
  readonly limits?: DownloadLimits | undefined
  /**
   * Hosts, as in allowedHosts, that may be reached by plain http and at addresses that are not public: a proxy of the
   * operator's own, or a test's server. Default none.
   */
  readonly trustedHosts?: readonly string[] | undefined
  /** Told how many bytes came, and of how many where the server says so; once at the start, then now and then. */
  readonly onBytes?: ((received: number, total: number | undefined) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Where the private folder is made; default the system's temporary folder. */
  readonly temporaryFolder?: string | undefined
  /** Looks names up; default the system's. */
  readonly lookup?: NameLookup | undefined
}

const PROGRESS_STEP_BYTES = 1024 * 1024
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const PAGE_TYPES = /^(?:text\/html|application\/xhtml\+xml)\b/i

/** Reads an address. @throws AppError CLIP_UNREACHABLE for what is none */
export function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base)
  } catch {
    // Without the cause: it repeats the address, which may be signed.
    throw addressFailure('gave an address that cannot be understood', base?.host ?? 'the platform')
  }
}

/**
 * Asks for a clip until a server answers with something else than a redirect.
 * @param everywhere headers that are sent to every host, so that hold nothing secret
 */
export async function requestClip(
  source: DownloadSource,
  { trustedHosts = [], lookup }: DownloadOptions,
  limits: DownloadLimits,
  clock: DownloadClock,
  everywhere: Readonly<Record<string, string>> = {},
): Promise<GuardedResponse> {
  const guard = { allowedHosts: source.allowedHosts, trustedHosts, lookup }
  let url = parseUrl(source.url)
  let sent = source.headers ?? {}
  for (let redirects = 0; ; redirects++) {
    clock.host = url.host
    const guarded = await guardedRequest(url, { ...sent, ...everywhere }, guard, clock.signal)
    clock.moved()
    const { statusCode = 0, headers: answered } = guarded.response
    if (!REDIRECTS.has(statusCode)) return guarded
    guarded.close()
    const { location } = answered
    if (redirects >= limits.maxRedirects) {
      throw addressFailure(`redirects once more after ${redirects}; ${limits.maxRedirects} are allowed`, url.host)
    }
    if (location === undefined) throw addressFailure('redirects without saying where to', url.host)
    const next = parseUrl(location, url)
    if (next.origin !== url.origin) sent = {}
    url = next
  }
}

/**
 * Writes what comes to the end of a file, bytes counted.
 * @param before bytes that the file has from an earlier time
 * @returns the bytes of the whole file
 */
export async function receiveClip(
  { response }: GuardedResponse,
  file: FileHandle,
  { maxClipBytes }: DownloadLimits,
  clock: DownloadClock,
  { before = 0, onBytes }: { before?: number; onBytes?: DownloadOptions['onBytes'] } = {},
): Promise<number> {
  const { headers } = response
  const mediaType = headers['content-type'] ?? ''
  if (PAGE_TYPES.test(mediaType)) throw pageInstead(mediaType.split(';')[0]!, clock.host)
  const length = Number(headers['content-length'] ?? Number.NaN)
  const total = Number.isSafeInteger(length) ? before + length : undefined
  if (total !== undefined && total > maxClipBytes) throw tooManyBytes(total, maxClipBytes)

  onBytes?.(before, total)
  let received = before
  let told = before
  for await (const chunk of response as AsyncIterable<Buffer>) {
    clock.moved()
    received += chunk.length
    if (received > maxClipBytes) throw tooManyBytes(received, maxClipBytes)
    await file.write(chunk)
    if (received - told < PROGRESS_STEP_BYTES) continue
    told = received
    onBytes?.(received, total)
  }
  return received
}
