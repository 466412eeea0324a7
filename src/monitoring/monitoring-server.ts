// The port that looks in from outside: is it alive, is it ready, what are the numbers. It answers GET and nothing else,
// takes nothing in, and says no word of anybody, so that it needs no password where the operator opens it to others.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { openPort } from '../open-port.ts'
import type { Metrics } from './metrics.ts'
import type { ProgramState } from './program-state.ts'
import { reportStatus } from './status-report.ts'

/** Where it listens, and what it tells. */
export interface MonitoringOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly state: ProgramState
  readonly metrics: Metrics
}

/** A port that is open. */
export interface MonitoringServer {
  readonly port: number
  /** Closes it with its connections. */
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** A scrape is one short request; whoever takes longer is none. */
const REQUEST_TIMEOUT_MS = 5000
const MAX_CONNECTIONS = 16
const NO_SUCH_PAGE: Answer = {
  status: 404,
  type: 'text/plain; charset=utf-8',
  text: 'There are /health, /ready, /status and /metrics.\n',
}

/** Opens the port. @throws AppError CONFIG_INVALID when it cannot be had */
export async function openMonitoring({ host, port, state, metrics }: MonitoringOptions): Promise<MonitoringServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void respond(request, response, state, metrics)
  })
  server.maxConnections = MAX_CONNECTIONS
  const name = 'The monitoring port'
  const opened = await openPort(server, { host, port, name, setting: 'monitoring.port or monitoring.host' })
  return { port: opened, close: () => close(server) }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  state: ProgramState,
  metrics: Metrics,
): Promise<void> {
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const path = request.url?.split('?', 1)[0] ?? ''
  const { status, type, text } = await answerTo(path, state, metrics).catch(() => ({ ...NO_SUCH_PAGE, status: 500 }))
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(request.method === 'HEAD' ? undefined : text)
}

async function answerTo(path: string, state: ProgramState, metrics: Metrics): Promise<Answer> {
  switch (path) {
    case '/health':
      // That this thread answers is all that is asked.
      return json(200, { alive: true })
    case '/ready': {
      const phase = state.phase()
      return json(phase === 'ready' ? 200 : 503, { phase, platforms: state.platforms() })
    }
    case '/status':
      return json(200, reportStatus(state))
    case '/metrics':
      return { status: 200, type: metrics.contentType, text: await metrics.text() }
    default:
      return NO_SUCH_PAGE
  }
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', text: `${JSON.stringify(value)}\n` }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
