// The gateway: takes the bot's connections, begins and resumes sessions, and does on demand what goes wrong in real life.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes } from 'discord.js'
import { type WebSocket, WebSocketServer } from 'ws'
import type { World } from '../world/world.ts'
import { Connection, type Received } from './connection.ts'
import { guildsOf, renderGuildCreate, renderReady } from './ready.ts'
import { Session } from './session.ts'

/** What Discord really uses. */
export const DEFAULT_HEARTBEAT_INTERVAL_MS = 41_250
const API_VERSION = '10'

/** An IDENTIFY that was accepted. */
export interface Identified {
  readonly intents: number
  readonly shard: readonly [id: number, count: number]
}

/** A RESUME that was accepted. */
export interface Resumed {
  /** The last event that the bot said it saw. */
  readonly sequence: number
  /** Events that were sent again. */
  readonly replayed: number
}

/** The gateway of one pretended Discord. */
export class Gateway {
  readonly identified: Identified[] = []
  readonly resumed: Resumed[] = []
  readonly #world: World
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #sessions = new Map<string, Session>()
  readonly #connections = new Set<Connection>()
  readonly #pastConnections: Connection[] = []
  readonly #heartbeatIntervalMs: number
  #repeatedAtNextResume = 0

  constructor(world: World, heartbeatIntervalMs: number) {
    this.#world = world
    this.#heartbeatIntervalMs = heartbeatIntervalMs
    world.onDispatch = (dispatch) => {
      for (const session of this.#sessions.values()) if (session.wants(world, dispatch)) session.dispatch(dispatch)
    }
  }

  /** Where bots connect. */
  get url(): string {
    return `${this.#world.origin.replace('http', 'ws')}/gateway`
  }

  /** Heartbeats of all connections so far. `missed` of 0 means that every one came in time. */
  get heartbeats(): { count: number; missed: number; longestGapMs: number } {
    const all = this.#pastConnections.map(({ heartbeats }) => heartbeats)
    const late = [...this.#connections].filter(({ isLate }) => isLate).length
    return {
      count: all.reduce((sum, { count }) => sum + count, 0),
      missed: late + all.reduce((sum, { missed }) => sum + missed, 0),
      longestGapMs: Math.max(0, ...all.map(({ longestGapMs }) => longestGapMs)),
    }
  }

  /** True while a session has a connection. */
  get isConnected(): boolean {
    return [...this.#sessions.values()].some(({ connection }) => connection !== null)
  }

  /** True while nobody reaches the gateway. */
  isCut = false

  /** Op 7: asks the bot to connect again and resume. */
  requestReconnect(): void {
    for (const connection of this.#connections) connection.send({ op: GatewayOpcodes.Reconnect })
  }

  /** Op 9: ends the sessions, or lets the bot resume them at once. */
  invalidateSessions(options: { resumable: boolean }): void {
    for (const connection of this.#connections) {
      connection.send({ op: GatewayOpcodes.InvalidSession, d: options.resumable })
    }
    if (!options.resumable) this.#sessions.clear()
  }

  /** Cuts every connection without a word, or closes it with a code; sessions stay resumable. */
  drop(code?: GatewayCloseCodes): void {
    for (const connection of this.#connections) {
      if (code === undefined) connection.cut()
      else connection.close(code)
    }
    for (const session of this.#sessions.values()) session.connection = null
  }

  /** Forgets the sessions without telling, so that the next RESUME is answered by op 9. */
  forgetSessions(): void {
    this.#sessions.clear()
  }

  /** The next RESUME sends this many events once more that the bot has seen already. */
  repeatAtNextResume(count: number): void {
    this.#repeatedAtNextResume = count
  }

  /** Op 1: asks for a heartbeat now. */
  requestHeartbeat(): void {
    for (const connection of this.#connections) connection.send({ op: GatewayOpcodes.Heartbeat })
  }

  /** Leaves heartbeats of the present connections unanswered: they look alive and are not. */
  stopAcknowledging(): void {
    for (const connection of this.#connections) connection.acknowledges = false
  }

  /** Takes an HTTP upgrade, or hangs up while the network is said to be cut. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.isCut) {
      socket.destroy()
      return
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#connect(webSocket, request))
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #connect(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? '/', this.#world.origin).searchParams
    if (query.get('v') !== API_VERSION) {
      socket.close(GatewayCloseCodes.InvalidAPIVersion)
      return
    }
    if (query.get('encoding') !== 'json' || query.has('compress')) {
      socket.close(GatewayCloseCodes.DecodeError)
      return
    }
    const connection = new Connection(socket, {
      intervalMs: this.#heartbeatIntervalMs,
      onReceive: (received) => this.#receive(connection, received),
      onHeartbeat: () => this.#world.changes.announce(),
      onClose: (code) => this.#disconnect(connection, code),
    })
    this.#connections.add(connection)
    this.#pastConnections.push(connection)
  }

  #disconnect(connection: Connection, code: number): void {
    this.#connections.delete(connection)
    const session = this.#sessionOf(connection)
    if (session === undefined) return
    session.connection = null
    // As documented, a bot that closes with 1000 or 1001 gives its session up.
    if (code === 1000 || code === 1001) this.#sessions.delete(session.id)
    this.#world.changes.announce()
  }

  #receive(connection: Connection, { op, d }: Received): void {
    if (op === GatewayOpcodes.Identify) this.#identify(connection, d as IdentifyData)
    else if (op === GatewayOpcodes.Resume) this.#resume(connection, d as ResumeData)
    else if (this.#sessionOf(connection) === undefined) connection.close(GatewayCloseCodes.NotAuthenticated)
    else if (!IGNORED.includes(op)) connection.close(GatewayCloseCodes.UnknownOpcode)
  }

  #identify(connection: Connection, data: IdentifyData): void {
    if (this.#sessionOf(connection) !== undefined) {
      connection.close(GatewayCloseCodes.AlreadyAuthenticated)
      return
    }
    if (data.token !== this.#world.token) {
      connection.close(GatewayCloseCodes.AuthenticationFailed)
      return
    }
    if (data.intents & ~allowedIntents(this.#world)) {
      connection.close(GatewayCloseCodes.DisallowedIntents)
      return
    }
    const shard = data.shard ?? [0, 1]
    const session = new Session({ id: this.#world.ids.next(), intents: data.intents, shard, connection })
    this.#sessions.set(session.id, session)
    this.identified.push({ intents: data.intents, shard })
    session.send(GatewayDispatchEvents.Ready, renderReady(this.#world, session, this.url))
    if (data.intents & GatewayIntentBits.Guilds) {
      for (const guild of guildsOf(this.#world, session)) {
        session.send(GatewayDispatchEvents.GuildCreate, renderGuildCreate(this.#world, guild))
      }
    }
    this.#world.changes.announce()
  }

  #resume(connection: Connection, data: ResumeData): void {
    if (data.token !== this.#world.token) {
      connection.close(GatewayCloseCodes.AuthenticationFailed)
      return
    }
    const session = this.#sessions.get(data.session_id)
    if (session === undefined || data.seq > session.sequence) {
      connection.send({ op: GatewayOpcodes.InvalidSession, d: false })
      return
    }
    const replayed = session.resume(connection, data.seq, this.#repeatedAtNextResume)
    this.#repeatedAtNextResume = 0
    this.resumed.push({ sequence: data.seq, replayed })
    this.#world.changes.announce()
  }

  #sessionOf(connection: Connection): Session | undefined {
    return [...this.#sessions.values()].find((session) => session.connection === connection)
  }
}

interface IdentifyData {
  readonly token: string
  readonly intents: number
  readonly shard?: readonly [number, number]
}

interface ResumeData {
  readonly token: string
  readonly session_id: string
  readonly seq: number
}

/** What a bot may send besides; nothing in the double depends on it. */
const IGNORED: readonly GatewayOpcodes[] = [GatewayOpcodes.PresenceUpdate, GatewayOpcodes.VoiceStateUpdate]

/** All intents but the privileged ones that are switched off. */
function allowedIntents(world: World): number {
  const all = Object.values(GatewayIntentBits).reduce<number>((bits, one) => bits | (one as number), 0)
  const { messageContent, guildMembers, presences } = world.privileged
  return (
    all &
    ~(messageContent ? 0 : GatewayIntentBits.MessageContent) &
    ~(guildMembers ? 0 : GatewayIntentBits.GuildMembers) &
    ~(presences ? 0 : GatewayIntentBits.GuildPresences)
  )
}
