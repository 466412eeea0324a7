import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

/** What serves a path that begins with the key. */
export type Routes = Readonly<
  Record<string, (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void>
>

/** The double's one server, on a free port of the loopback interface. */
export class LoopbackServer {
  readonly #server: Server
  #routes: Routes = {}
  #upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void = (_request, socket) => socket.destroy()

  constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** @returns the port */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Begins to serve; until then every request is answered 404. */
  serve(routes: Routes, upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
    this.#routes = routes
    this.#upgrade = upgrade
  }

  /** Stops listening and breaks what is still open, stalled downloads among it. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const route = Object.entries(this.#routes).find(([prefix]) => url.pathname.startsWith(prefix))?.[1]
    if (route === undefined) {
      response.writeHead(404).end()
      return
    }
    Promise.resolve(route(request, response, url)).catch((error: unknown) => {
      // A fault of the double itself must not pass for one of Slack's answers.
      if (response.headersSent) response.destroy()
      else response.writeHead(599, { 'content-type': 'text/plain' }).end(`The Slack double failed: ${String(error)}`)
    })
  }
}
