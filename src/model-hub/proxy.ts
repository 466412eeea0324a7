// Whether a proxy stands between this machine and a host: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, read as curl reads them.
import { AppError } from '../errors.ts'

/** The variables as they are set; null for those that are not. */
export interface ProxyVariables {
  readonly https: string | null
  readonly http: string | null
  /** Hosts that are asked without one. */
  readonly none: string | null
}

/** The proxies in use. */
export interface Proxies {
  /** For addresses of https; null for none. */
  readonly https: URL | null
  readonly http: URL | null
  /** Lower-case names or addresses, perhaps with a port; `*` for all. */
  readonly exceptions: readonly string[]
}

/** Everything is asked directly. */
export const NO_PROXIES: Proxies = { https: null, http: null, exceptions: [] }

/**
 * Understands the variables.
 * @throws AppError CONFIG_INVALID for a proxy that is none of http or https
 */
export function readProxies({ https, http, none }: ProxyVariables): Proxies {
  return {
    https: proxyUrl('HTTPS_PROXY', https),
    http: proxyUrl('HTTP_PROXY', http),
    exceptions: (none ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((entry) => entry !== '')
      .map((entry) => entry.replace(/^\*?\./, '')),
  }
}

/** The proxy that an address is asked through; null for none. This machine itself is never asked through one. */
export function proxyFor({ https, http, exceptions }: Proxies, url: URL): URL | null {
  const proxy = url.protocol === 'https:' ? https : http
  if (proxy === null) return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return null
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return exceptions.some((entry) => covers(entry, host, port)) ? null : proxy
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  // More than one colon is an address of IPv6, which has no port here.
  const [, name, wantedPort] = /^([^:]+)(?::(\d+))?$/.exec(entry) ?? [entry, entry.replace(/^\[|\]$/g, '')]
  if (wantedPort !== undefined && wantedPort !== port) return false
  return host === name || host.endsWith(`.${name}`)
}

function proxyUrl(variable: string, value: string | null): URL | null {
  if (value === null) return null
  // Without a scheme it is http, as with curl.
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '') return url
  // Its name and password are shown to nobody.
  const shown = JSON.stringify(value.replace(/\/\/.*@/, '//'))
  throw new AppError(
    'CONFIG_INVALID',
    `${variable} is ${shown}; a proxy of http or https is allowed, like http://proxy.example.com:3128. Correct the variable, or unset it.`,
    { details: { variable } },
  )
}
