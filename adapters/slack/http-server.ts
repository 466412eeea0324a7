// A server on this machine for signed events and for the pages of OAuth.
import { createServer, type RequestListener, type Server } from 'node:http'
import { openPort } from '../../src/open-port.ts'
import { STOP_LIMIT_MS } from './limits.ts'

/** A server that listens. */
export interface ListeningServer {
  readonly port: number
  /** Lets requests under way end, within a limit, and no connection beyond them. */
  close(): Promise<void>
}

const DEFAULT_HOST = '127.0.0.1'

/**
 * Listens.
 * @param port 0 for any free one
 * @throws AppError CONFIG_INVALID when the port cannot be had
 */
export async function listen(
  handle: RequestListener,
  { host = DEFAULT_HOST, port }: { readonly host?: string | undefined; readonly port: number },
): Promise<ListeningServer> {
  const server = createServer(handle)
  const name = 'The port for requests of Slack'
  const opened = await openPort(server, { host, port, name, setting: 'slack.port or slack.host' })
  return { port: opened, close: () => close(server) }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), STOP_LIMIT_MS)
  await closed
  clearTimeout(cut)
}
