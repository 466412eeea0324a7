// One request to an address that came from outside: https only, allowed hosts only, public addresses only. A name is looked
// up once and the connection goes to an address of that answer, so that the name cannot mean something else a moment later.
import { lookup as systemLookup } from 'node:dns/promises'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
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
}

/** A response whose body is still to be read. Close it when done, whatever happened. */
export interface GuardedResponse {
  readonly response: IncomingMessage
  /** Ends the connection. */
  close(): void
}

const resolveBySystem: NameLookup = (hostname) => systemLookup(hostname, { all: true, verbatim: true })

/**
 * Sends one GET request on a connection of its own; a redirect is returned, not followed.
 *
 * By Node's own client: undici 7 raises an error that nothing can catch when a server ends the connection while its reader
 * is behind (https://github.com/nodejs/undici/issues/5360), so that any server could end the program.
 * @throws AppError CLIP_UNREACHABLE for an address that is not allowed; system errors of the connection; AbortError
 */
export async function guardedRequest(
  url: URL,
  headers: Readonly<Record<string, string>>,
  guard: RequestGuard,
  signal: AbortSignal,
): Promise<GuardedResponse> {
  const isTrusted = checkUrl(url, guard)
  const lookup = pinnedLookup(guard.lookup ?? resolveBySystem, isTrusted)
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const options = { headers: { ...headers, 'accept-encoding': 'identity' }, lookup, agent: false, signal } as const
  let request: ClientRequest | null = null
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request = send(url, options, resolve).on('error', reject).end()
  })
  // Whoever reads the body gets its errors too; one that nobody reads must not end the program.
  response.on('error', () => {})
  return { response, close: () => void request?.destroy() }
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
