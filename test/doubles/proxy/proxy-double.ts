// A proxy on loopback: forwards requests for addresses of http, and opens tunnels to hosts of https (CONNECT), as RFC 9110
// sections 7.6 and 9.3.6 and RFC 9112 section 3.2.2 have it. Hosts are names that exist nowhere else; behind each stands an
// origin of plain http on loopback, before which the double itself ends the encryption, with a certificate made for this.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'

/** For NODE_EXTRA_CA_CERTS: vouches for hub.test, storage.test and the proxy itself. */
export const CERTIFICATE_FILE = join(import.meta.dirname, 'certificate.pem')
const IDENTITY = { cert: readFileSync(CERTIFICATE_FILE), key: readFileSync(join(import.meta.dirname, 'key.pem')) }

/** Something that the proxy was asked for. */
export interface SeenByProxy {
  readonly method: string
  /** The whole address, or for CONNECT host and port. */
  readonly target: string
  /** Everything that it could read of the request. */
  readonly headers: IncomingMessage['headers']
}

/** The running proxy; ends with its test. */
export interface ProxyDouble {
  /** `host:port` */
  readonly place: string
  readonly seen: readonly SeenByProxy[]
}

/** How a proxy behaves. */
export interface ProxyBehaviour {
  /** `name:password`; null lets everyone pass. */
  readonly wants?: string | null
  /** Status for each tunnel, where none is opened. */
  readonly refusal?: number | null
  /** Whether it is spoken to over TLS. */
  readonly isSecure?: boolean
}

/**
 * Starts a proxy.
 * @param origins what stands behind each host
 */
export async function startProxy(
  origins: Readonly<Record<string, string>>,
  { wants = null, refusal = null, isSecure = false }: ProxyBehaviour = {},
): Promise<ProxyDouble> {
  const seen: SeenByProxy[] = []
  const sockets = new Set<Socket>()
  const expected = wants === null ? undefined : `Basic ${Buffer.from(wants).toString('base64')}`
  const isKnown = ({ headers }: IncomingMessage) => headers['proxy-authorization'] === expected
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(seenOf(request))
    if (isKnown(request)) forward(request, response, origins)
    else response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end()
  }
  const server = isSecure ? createSecureServer(IDENTITY, answer) : createServer(answer)
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(seenOf(request))
    const status = isKnown(request) ? (refusal ?? 200) : 407
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    return passOn(socket, new URL(origins[request.url!.replace(/:443$/, '')]!))
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { place: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

function seenOf({ method = '', url = '', headers }: IncomingMessage): SeenByProxy {
  return { method, target: url, headers }
}

function forward(request: IncomingMessage, response: ServerResponse, origins: Readonly<Record<string, string>>): void {
  const { pathname, search, hostname } = new URL(request.url!)
  const { 'proxy-authorization': _, ...headers } = request.headers
  requestHttp(new URL(pathname + search, origins[hostname]), { headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  }).end()
}

/** What comes through a tunnel is the client's encrypted connection to the host. */
function passOn(tunnel: Socket, origin: URL): void {
  const secured = new TLSSocket(tunnel, { isServer: true, ...IDENTITY })
  const behind = connect(Number(origin.port), origin.hostname)
  for (const [from, to] of [
    [secured, behind],
    [behind, secured],
  ] as const) {
    from.on('error', () => to.destroy()).once('close', () => to.destroy())
    from.pipe(to)
  }
}
