// A clip on the network becomes a file in a private folder, within limits of size and time, from allowed hosts only. What
// the server says of the clip is not believed: bytes are counted, and a web page in the clip's place is told apart.
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { tooManyBytes } from './clip-size.ts'
import { addressFailure, networkFailure, pageInstead, statusFailure, tooSlow } from './download-errors.ts'
import { DEFAULT_DOWNLOAD_LIMITS, type DownloadLimits } from './download-limits.ts'
import { type GuardedResponse, guardedRequest, type NameLookup } from './guarded-request.ts'
import { createPrivateFolder } from './private-folder.ts'

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

/** A clip that was fetched; remove it when done. */
export interface DownloadedClip {
  readonly path: string
  readonly bytes: number
  /** Deletes the file and its folder. May be called more than once. */
  remove(): Promise<void>
}

const PROGRESS_STEP_BYTES = 1024 * 1024
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const PAGE_TYPES = /^(?:text\/html|application\/xhtml\+xml)\b/i

/**
 * Downloads a clip.
 * @throws AppError CLIP_UNREACHABLE, CLIP_ACCESS_DENIED, CLIP_MISSING, CLIP_TOO_LARGE, TIMED_OUT; signal.reason on abort.
 *   Nothing is left behind then.
 */
export async function downloadClip(source: DownloadSource, options: DownloadOptions = {}): Promise<DownloadedClip> {
  const { limits = DEFAULT_DOWNLOAD_LIMITS, signal, temporaryFolder } = options
  signal?.throwIfAborted()
  if ((source.statedBytes ?? 0) > limits.maxClipBytes) throw tooManyBytes(source.statedBytes!, limits.maxClipBytes)
  const url = parseUrl(source.url)
  const clock = new DownloadClock(limits, url.host, signal)
  const folder = await createPrivateFolder('download', temporaryFolder)
  try {
    const response = await followRedirects(url, source, options, limits, clock)
    try {
      const path = join(folder.path, 'clip')
      const bytes = await receive(response, path, limits, clock, options.onBytes)
      return { path, bytes, remove: folder.remove }
    } finally {
      response.close()
    }
  } catch (error) {
    await folder.remove()
    signal?.throwIfAborted()
    throw networkFailure(clock.reason ?? error, clock.host)
  } finally {
    clock.stop()
  }
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base)
  } catch {
    // Without the cause: it repeats the address, which may be signed.
    throw addressFailure('gave an address that cannot be understood', base?.host ?? 'the platform')
  }
}

async function followRedirects(
  first: URL,
  { headers = {}, allowedHosts }: DownloadSource,
  { trustedHosts = [], lookup }: DownloadOptions,
  limits: DownloadLimits,
  clock: DownloadClock,
): Promise<GuardedResponse> {
  const guard = { allowedHosts, trustedHosts, lookup }
  let url = first
  let sent = headers
  for (let redirects = 0; ; redirects++) {
    clock.host = url.host
    const guarded = await guardedRequest(url, sent, guard, clock.signal)
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

async function receive(
  { response }: GuardedResponse,
  path: string,
  { maxClipBytes }: DownloadLimits,
  clock: DownloadClock,
  onBytes: DownloadOptions['onBytes'],
): Promise<number> {
  const { statusCode = 0, headers } = response
  if (statusCode !== 200) throw statusFailure(statusCode, clock.host)
  const mediaType = headers['content-type'] ?? ''
  if (PAGE_TYPES.test(mediaType)) throw pageInstead(mediaType.split(';')[0]!, clock.host)
  const length = Number(headers['content-length'] ?? Number.NaN)
  const total = Number.isSafeInteger(length) ? length : undefined
  if (total !== undefined && total > maxClipBytes) throw tooManyBytes(total, maxClipBytes)

  onBytes?.(0, total)
  const file = await open(path, 'wx', 0o600)
  try {
    let received = 0
    let told = 0
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
  } finally {
    await file.close()
  }
}

/** The two limits of time of one download. */
class DownloadClock {
  /** Aborted when the caller stops, when nothing comes any more, or when it takes too long. */
  readonly signal: AbortSignal
  /** Host that is being asked. */
  host: string
  /** Which limit passed; null while none has. */
  reason: Error | null = null
  readonly #limits: DownloadLimits
  readonly #late = new AbortController()
  readonly #total: NodeJS.Timeout
  #stall: NodeJS.Timeout

  constructor(limits: DownloadLimits, host: string, signal: AbortSignal | undefined) {
    this.#limits = limits
    this.host = host
    this.signal = signal === undefined ? this.#late.signal : AbortSignal.any([signal, this.#late.signal])
    this.#total = setTimeout(() => this.#end('totalTimeoutMs'), limits.totalTimeoutMs)
    this.#stall = setTimeout(() => this.#end('stallTimeoutMs'), limits.stallTimeoutMs)
  }

  /** Something came. */
  moved(): void {
    this.#stall.refresh()
  }

  /** Must be called in the end. */
  stop(): void {
    clearTimeout(this.#total)
    clearTimeout(this.#stall)
  }

  #end(limit: 'stallTimeoutMs' | 'totalTimeoutMs'): void {
    this.reason = tooSlow(limit, this.#limits, this.host)
    this.#late.abort(this.reason)
  }
}
