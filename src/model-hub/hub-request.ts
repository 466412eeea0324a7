// One GET request to a hub, redirects followed: the hub sends large files from other hosts. The token goes to the hub's own
// origin and nowhere else, and no redirect leads from https to http.
//
// By Node's own client, as src/video/guarded-request.ts: undici 7 lets a server end the program
// (https://github.com/nodejs/undici/issues/5360).
import type { IncomingMessage } from 'node:http'
import type { Hub } from './hub-access.ts'
import { type Asked, misbehaviour, networkFailure } from './hub-errors.ts'
import type { Proxies } from './proxy.ts'
import { startRequest } from './start-request.ts'

/** Without a byte coming, also for connecting. Longer than a slow disk takes to write what is at hand. */
export const STALL_TIMEOUT_MS = 60_000
/** One to the hub's own storage address, one to the storage, three to spare for mirrors. */
const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** How to ask. */
export interface HubRequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** What is asked for, for messages. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
  /** Default STALL_TIMEOUT_MS. */
  readonly stallTimeoutMs?: number | undefined
}

/** A response whose body is still to be read. Close it when done, whatever happened. */
export interface HubResponse {
  readonly response: IncomingMessage
  /** For messages: the host that answered in the end. */
  readonly asked: Asked
  /** Ends the connection. */
  close(): void
}

/**
 * Asks a hub.
 * @returns the first answer that is no redirect, whatever its status
 * @throws AppError HUB_UNREACHABLE; signal.reason when aborted
 */
export async function hubRequest(hub: Hub, url: URL, options: HubRequestOptions): Promise<HubResponse> {
  let next = url
  let withToken = hub.token !== null
  for (let redirects = 0; ; redirects++) {
    withToken &&= next.origin === hub.endpoint.origin
    const asked = { what: options.what, host: next.host, withToken }
    const answer = await send(next, hub.proxies, withToken ? hub.token : null, asked, options)
    const { statusCode = 0, headers } = answer.response
    if (!REDIRECTS.has(statusCode)) return answer
    answer.close()
    if (redirects >= MAX_REDIRECTS) {
      throw misbehaviour(`redirects once more after ${redirects}; ${MAX_REDIRECTS} are allowed`, next.host)
    }
    next = redirectTarget(headers.location, next)
  }
}

function redirectTarget(location: string | undefined, from: URL): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw misbehaviour('redirects to an address that cannot be understood', from.host)
  }
  const target = new URL(location, from)
  const mayBePlain = from.protocol === 'http:'
  if (target.protocol !== 'https:' && !(mayBePlain && target.protocol === 'http:')) {
    throw misbehaviour(`redirects to ${target.protocol.slice(0, -1)}, and only https is allowed`, from.host)
  }
  return target
}

async function send(
  url: URL,
  proxies: Proxies,
  token: string | null,
  asked: Asked,
  { headers = {}, signal, stallTimeoutMs = STALL_TIMEOUT_MS }: HubRequestOptions,
): Promise<HubResponse> {
  signal?.throwIfAborted()
  const sent = {
    'user-agent': 'valley',
    // Sizes and ranges are those of the file itself.
    'accept-encoding': 'identity',
    ...headers,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  try {
    const { response, request } = await startRequest(url, proxies, { headers: sent, signal, stallTimeoutMs })
    return { response, asked, close: () => void request.destroy() }
  } catch (error) {
    signal?.throwIfAborted()
    throw networkFailure(error, asked)
  }
}
