// One request to an address that came from outside: https only, allowed hosts only, public addresses only. A name is looked
// up once and the connection goes to an address of that answer, so that the name cannot mean something else a moment later.
import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { AppError } from '../errors.ts'
import { isPublicAddress, literalAddress, matchesHost } from './network-address.ts'

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** Looks a name up. */
export type NameLookup = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** What a request may reach. */
export interface RequestGuard {
  /** Hosts that may be asked; see matchesHost. */
  readonly allowedHosts: readonly string[]
  /** Of these, hosts that the operator trusts: plain http and addresses that are not public are allowed for them. */
  readonly trustedHosts: readonly string[]
  /** Default the system's. */
  readonly lookup?: NameLookup | undefined
  /** For connecting, milliseconds. */
  readonly connectTimeoutMs: number
}

/** A response whose body is still to be read. Close it when done, whatever happened. */
export interface GuardedResponse extends Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'> {
  close(): Promise<void>
}

const resolveBySystem: NameLookup = (hostname) => systemLookup(hostname, { all: true, verbatim: true })

/**
 * Sends one GET request; a redirect is returned, not followed.
 * @throws AppError CLIP_UNREACHABLE for an address that is not allowed; what undici throws; signal.reason on abort
 */
export async function guardedRequest(
  url: URL,
  headers: Readonly<Record<string, string>>,
  guard: RequestGuard,
  signal: AbortSignal,
): Promise<GuardedResponse> {
  const isTrusted = checkUrl(url, guard)
  const resolve = guard.lookup ?? resolveBySystem
  const agent = new Agent({
    connect: { lookup: pinnedLookup(resolve, isTrusted), timeout: guard.connectTimeoutMs },
    // The download has its own clock, which says more than these would.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 0,
  })
  // Ends the connection too; the request's own signal is not heard while it still connects.
  const abort = () => void agent.destroy(asError(signal.reason))
  const close = async () => {
    signal.removeEventListener('abort', abort)
    await agent.destroy()
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const response = await request(url, { headers: { ...headers, 'accept-encoding': 'identity' }, dispatcher: agent })
    return { statusCode: response.statusCode, headers: response.headers, body: response.body, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** @returns whether the operator trusts the host */
function checkUrl(url: URL, { allowedHosts, trustedHosts }: RequestGuard): boolean {
  if (!allowedHosts.some((pattern) => matchesHost(url, pattern))) {
    throw refused(url, `only ${allowedHosts.join(', ') || 'no hosts'} may serve it`)
  }
  const isTrusted = trustedHosts.some((pattern) => matchesHost(url, pattern))
  if (url.protocol !== 'https:' && !(isTrusted && url.protocol === 'http:')) {
    throw refused(url, `the protocol is ${url.protocol.slice(0, -1)} and only https is allowed`)
  }
  if (url.username !== '' || url.password !== '') throw refused(url, 'it carries a name or a password')
  const literal = literalAddress(url.hostname)
  if (literal !== null && !isTrusted && !isPublicAddress(literal)) throw refused(url, 'it is not a public address')
  return isTrusted
}

/** Connections ask this for the addresses of a name, and connect to nothing else. */
function pinnedLookup(resolve: NameLookup, isTrusted: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        // One address that is not public spoils the answer: an honest name has none.
        const spoiled = !isTrusted && addresses.some(({ address }) => !isPublicAddress(address))
        if (spoiled || addresses.length === 0) {
          const seen = spoiled ? 'leads to an address that is not public' : 'leads nowhere'
          callback(unreachable(hostname, seen), '')
        } else if (options.all)
          callback(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          )
        else callback(null, addresses[0]!.address, addresses[0]!.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

function refused(url: URL, why: string): AppError {
  // The host alone: the rest of an address may be signed.
  return unreachable(url.host, `is refused: ${why}`)
}

function unreachable(host: string, seen: string): AppError {
  return new AppError(
    'CLIP_UNREACHABLE',
    `The clip's address on ${JSON.stringify(host)} ${seen}. Send the clip as a file of the platform, or have the operator allow the host.`,
    { details: { host } },
  )
}
