// One WebSocket of a bot: says hello, hears heartbeats, and hands over what else comes.
// https://discord.com/developers/docs/events/gateway
import { GatewayCloseCodes, GatewayOpcodes } from 'discord.js'
import type { RawData, WebSocket } from 'ws'

/** Sends that a connection may make, and the time in which it may. */
const MAX_SENDS = 120
const SENDS_WINDOW_MS = 60_000
const MAX_PAYLOAD_BYTES = 4096
/** A heartbeat is late when it comes after this many intervals. */
const LATE_AFTER_INTERVALS = 1.5
/** A connection is given up when no heartbeat came for this many intervals. */
const GIVE_UP_AFTER_INTERVALS = 2.5

/** What a bot sent. */
export interface Received {
  readonly op: GatewayOpcodes
  readonly d: unknown
}

/** What the double saw of a connection's heartbeats. */
export interface Heartbeats {
  count: number
  /** Times that a heartbeat came later than one and a half intervals, or not at all. */
  missed: number
  longestGapMs: number
}

/** One WebSocket that the bot opened. */
export class Connection {
  readonly heartbeats: Heartbeats = { count: 0, missed: 0, longestGapMs: 0 }
  /** False makes a connection that looks alive and is not: heartbeats get no answer. */
  acknowledges = true
  readonly #socket: WebSocket
  readonly #intervalMs: number
  readonly #onHeartbeat: () => void
  #lastHeartbeatMs = performance.now()
  #silence: NodeJS.Timeout | undefined
  #sendTimes: number[] = []

  constructor(
    socket: WebSocket,
    options: {
      intervalMs: number
      onReceive: (received: Received) => void
      onHeartbeat: () => void
      onClose: (code: number) => void
    },
  ) {
    this.#socket = socket
    this.#intervalMs = options.intervalMs
    this.#onHeartbeat = options.onHeartbeat
    socket.on('message', (data) => this.#receive(data, options.onReceive))
    // A connection that breaks ends in `close` as well.
    socket.on('error', () => socket.terminate())
    socket.on('close', (code) => {
      clearTimeout(this.#silence)
      options.onClose(code)
    })
    this.send({ op: GatewayOpcodes.Hello, d: { heartbeat_interval: this.#intervalMs } })
    this.#expectHeartbeat()
  }

  /** True when a heartbeat is due for too long right now. */
  get isLate(): boolean {
    return performance.now() - this.#lastHeartbeatMs > this.#intervalMs * LATE_AFTER_INTERVALS
  }

  /** Sends one payload; nothing happens when the socket is no longer open. */
  send(payload: { op: GatewayOpcodes; d?: unknown; s?: number | null; t?: string | null }): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(JSON.stringify({ t: null, s: null, d: null, ...payload }))
  }

  /** Closes with a code, as Discord does when it says why. */
  close(code: number): void {
    this.#socket.close(code)
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#socket.terminate()
  }

  #receive(data: RawData, onReceive: (received: Received) => void): void {
    const text = String(data)
    const now = performance.now()
    this.#sendTimes = [...this.#sendTimes.filter((sent) => now - sent < SENDS_WINDOW_MS), now]
    if (this.#sendTimes.length > MAX_SENDS) {
      this.close(GatewayCloseCodes.RateLimited)
      return
    }
    if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
      this.close(GatewayCloseCodes.DecodeError)
      return
    }
    let received: Received
    try {
      received = JSON.parse(text) as Received
    } catch {
      this.close(GatewayCloseCodes.DecodeError)
      return
    }
    if (received.op === GatewayOpcodes.Heartbeat) this.#hearHeartbeat()
    else onReceive(received)
  }

  #hearHeartbeat(): void {
    this.heartbeats.count += 1
    if (this.isLate) this.heartbeats.missed += 1
    this.#measureGap()
    this.#lastHeartbeatMs = performance.now()
    this.#expectHeartbeat()
    if (this.acknowledges) this.send({ op: GatewayOpcodes.HeartbeatAck })
    this.#onHeartbeat()
  }

  #measureGap(): void {
    const gapMs = performance.now() - this.#lastHeartbeatMs
    this.heartbeats.longestGapMs = Math.max(this.heartbeats.longestGapMs, gapMs)
  }

  #expectHeartbeat(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      this.heartbeats.missed += 1
      this.#measureGap()
      this.close(GatewayCloseCodes.SessionTimedOut)
    }, this.#intervalMs * GIVE_UP_AFTER_INTERVALS)
  }
}
