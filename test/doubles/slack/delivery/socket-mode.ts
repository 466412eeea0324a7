import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { isJson, type Json, stringIn } from '../json.ts'
import type { Attempt, Delivery } from './delivery.ts'
import type { AttemptReport, Transport } from './transport.ts'

/** Documented maximum of Socket Mode connections of one app. */
const MAX_CONNECTIONS = 10

/** Reasons that a `disconnect` message may give. */
export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets'

/** One open Socket Mode connection of the app. */
export class SocketConnection {
  readonly id: string
  /** Envelopes that went out on it, oldest first. */
  readonly envelopes: Json[] = []
  readonly #socket: WebSocket

  constructor(id: string, socket: WebSocket) {
    this.id = id
    this.#socket = socket
  }

  send(message: Json): void {
    this.#socket.send(JSON.stringify(message))
  }

  /** Tells the client to go, as Slack does before it recycles a connection; the client closes. */
  disconnect(reason: DisconnectReason): void {
    this.send({ type: 'disconnect', reason, debug_info: { host: this.id } })
  }

  /** Breaks the connection with no closing handshake. */
  cut(): void {
    this.#socket.terminate()
  }

  /** Stops reading, so that pings stay unanswered and acknowledgements unseen. */
  freeze(): void {
    this.#socket.pause()
  }
}

/** The Socket Mode side of Slack: hands out addresses, greets, sends each envelope to one connection, reads acknowledgements. */
export class SocketMode implements Transport {
  readonly lateReason = 'timeout'
  readonly connections: SocketConnection[] = []
  readonly #appId: string
  readonly #changed: () => void
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #tickets = new Set<string>()
  readonly #awaited = new Map<string, AttemptReport>()
  /** The connection that everything goes over; null: each in its turn. */
  chosen: SocketConnection | null = null
  #opened = 0
  #turn = 0

  constructor(appId: string, changed: () => void) {
    this.#appId = appId
    this.#changed = changed
  }

  /** Path and query of a new address, good for one connection. */
  newLink(): string {
    const ticket = crypto.randomUUID()
    this.#tickets.add(ticket)
    return `/link/?ticket=${ticket}&app_id=${this.#appId}`
  }

  /** Takes over an upgrade request; one without a valid ticket is refused. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (!this.#tickets.delete(searchParams.get('ticket') ?? '')) {
      socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#greet(webSocket))
  }

  send(delivery: Delivery, attempt: Attempt, report: AttemptReport): void {
    const connection = this.chosen ?? this.connections[this.#turn % Math.max(1, this.connections.length)]
    if (connection === undefined) {
      report.failed('connection_failed', true)
      return
    }
    this.#turn += 1
    const envelopeId = crypto.randomUUID()
    this.#awaited.set(envelopeId, report)
    attempt.sentTo = connection.id
    const envelope = {
      envelope_id: envelopeId,
      type: delivery.kind,
      payload: delivery.payload,
      accepts_response_payload: delivery.kind !== 'events_api',
      ...(delivery.kind === 'events_api' ? { retry_attempt: attempt.number, retry_reason: attempt.reason } : {}),
    }
    connection.envelopes.push(envelope)
    connection.send(envelope)
  }

  close(): void {
    for (const connection of [...this.connections]) connection.cut()
    this.#server.close()
  }

  #greet(webSocket: WebSocket): void {
    this.#opened += 1
    const connection = new SocketConnection(`connection-${this.#opened}`, webSocket)
    if (this.connections.length >= MAX_CONNECTIONS) {
      connection.disconnect('too_many_websockets')
      return
    }
    this.connections.push(connection)
    webSocket.on('message', (data) => this.#read(String(data)))
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('close', () => {
      this.connections.splice(this.connections.indexOf(connection), 1)
      this.#changed()
    })
    connection.send({
      type: 'hello',
      num_connections: this.connections.length,
      debug_info: { host: connection.id, build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: this.#appId },
    })
    this.#changed()
  }

  #read(text: string): void {
    const message: unknown = JSON.parse(text)
    const report = this.#awaited.get(stringIn(message, 'envelope_id') ?? '')
    if (report === undefined || !isJson(message)) return
    report.acknowledged(isJson(message.payload) ? message.payload : {})
  }
}
