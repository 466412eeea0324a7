// Begins a GET request, through a proxy where one stands between: addresses of http are asked of the proxy itself, those of
// https through a tunnel that it opens (CONNECT), in which it sees neither address nor token.
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { proxyFailure } from './hub-errors.ts'
import type { Proxies } from './proxy.ts'
import { proxyFor } from './proxy.ts'

/** What belongs to one request. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Without a byte coming, also for connecting. */
  readonly stallTimeoutMs: number
}

/** An answer, and the request that it belongs to, which ends the connection when it is destroyed. */
export interface StartedRequest {
  readonly response: IncomingMessage
  readonly request: ClientRequest
}

/**
 * Asks an address.
 * @returns once the answer's head is there; its body is still to be read
 * @throws what Node's client throws; AppError HUB_UNREACHABLE when a proxy refuses; signal.reason when aborted
 */
export async function startRequest(url: URL, proxies: Proxies, options: RequestOptions): Promise<StartedRequest> {
  const proxy = proxyFor(proxies, url)
  const isSecure = url.protocol === 'https:'
  const sent = { headers: options.headers, ...signalOf(options) }
  if (proxy === null) return answerOf((isSecure ? requestHttps : requestHttp)(url, { ...sent, agent: false }), options)
  if (!isSecure) {
    const headers = { ...options.headers, host: url.host }
    const started = await answerOf(askProxy(proxy, { path: url.href, headers }, options), options)
    if (started.response.statusCode !== 407) return started
    started.request.destroy()
    throw proxyFailure(407, proxy)
  }
  const socket = await openTunnel(proxy, url, options)
  const servername = isIP(url.hostname) === 0 ? { servername: url.hostname } : {}
  // Not by an agent: the connection is there already.
  const createConnection = () => connectTls({ socket, host: url.hostname, ...servername })
  return answerOf(requestHttps(url, { ...sent, createConnection }), options)
}

/** A connection to the host of an address, made by the proxy. */
async function openTunnel(proxy: URL, url: URL, options: RequestOptions): Promise<Socket> {
  const target = `${url.hostname}:${url.port === '' ? 443 : url.port}`
  const asking = askProxy(proxy, { method: 'CONNECT', path: target, headers: { host: target } }, options)
  const opened = new Promise<{ status: number; socket: Socket }>((resolve) => {
    asking.once('connect', ({ statusCode = 0 }, socket: Socket) => resolve({ status: statusCode, socket }))
  })
  // A proxy answers CONNECT with that event, whatever the status.
  const { status, socket } = await settled(asking, opened, options)
  if (status !== 200) {
    socket.destroy()
    throw proxyFailure(status, proxy)
  }
  socket.setTimeout(0)
  return socket
}

function askProxy(
  proxy: URL,
  asked: { readonly method?: string; readonly path: string; readonly headers: Readonly<Record<string, string>> },
  options: RequestOptions,
): ClientRequest {
  const { protocol, hostname, port } = proxy
  const request = protocol === 'https:' ? requestHttps : requestHttp
  const headers = { ...asked.headers, ...identity(proxy) }
  const place = { hostname: hostname.replace(/^\[|\]$/g, ''), port, agent: false } as const
  return request({ ...asked, ...place, headers, ...signalOf(options) })
}

function signalOf({ signal }: RequestOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

/** The name and password that an address of a proxy holds. */
function identity({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` }
}

async function answerOf(request: ClientRequest, options: RequestOptions): Promise<StartedRequest> {
  const answered = new Promise<IncomingMessage>((resolve) => request.once('response', resolve))
  const response = await settled(request, answered, options)
  // Whoever reads the body gets its errors too; one that nobody reads must not end the program.
  response.on('error', () => {})
  return { response, request }
}

/** Sends a request and waits for what it promises. Silence ends it, also later, while the body comes. */
async function settled<Result>(
  request: ClientRequest,
  promised: Promise<Result>,
  { stallTimeoutMs }: RequestOptions,
): Promise<Result> {
  request.setTimeout(stallTimeoutMs, () => request.destroy(stalled(stallTimeoutMs)))
  const failed = new Promise<never>((_, reject) => request.on('error', reject))
  request.end()
  return Promise.race([promised, failed])
}

function stalled(timeoutMs: number): Error {
  return Object.assign(new Error(`nothing came for ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
}
