// Which hub is asked, and with which token.
import { AppError } from '../errors.ts'
import { NO_PROXIES, type Proxies } from './proxy.ts'

/** A hub that speaks as huggingface.co does. */
export interface Hub {
  /** Address without a slash at its end: the hub itself or a mirror. */
  readonly endpoint: URL
  /** Sent to the endpoint's scheme, host and port only; null when there is none. */
  readonly token: string | null
  /** What stands between this machine and the hub. */
  readonly proxies: Proxies
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Opens a hub.
 * @param endpoint value of HF_ENDPOINT or the hub's own address
 * @throws AppError CONFIG_INVALID when a token would travel in the clear
 */
export function openHub(endpoint: string, token: string | null, proxies: Proxies = NO_PROXIES): Hub {
  const url = new URL(endpoint)
  if (token !== null && url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    throw new AppError(
      'CONFIG_INVALID',
      `HF_ENDPOINT is ${url.origin} and HF_TOKEN is set: everyone on the way could read the token. Give an https address, or unset HF_TOKEN.`,
      { details: { endpoint: url.origin } },
    )
  }
  url.pathname = url.pathname.replace(/\/+$/, '')
  return { endpoint: url, token, proxies }
}

/** Address below the endpoint; each part of the path is escaped. */
export function hubUrl({ endpoint }: Hub, ...parts: readonly string[]): URL {
  const base = endpoint.href.replace(/\/+$/, '')
  return new URL(`${base}/${parts.map(encodeURIComponent).join('/')}`)
}
