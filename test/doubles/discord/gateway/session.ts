// A bot's session: which events it gets, numbered, and kept so that RESUME can send again what was missed.
import { GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes } from 'discord.js'
import { may } from '../world/permissions.ts'
import type { Dispatch, World } from '../world/world.ts'
import type { Connection } from './connection.ts'

const SHARD_SHIFT = 22n

interface SentEvent {
  readonly s: number
  readonly t: string
  readonly d: unknown
}

/** One session of the gateway; it outlives its connections. */
export class Session {
  readonly id: string
  /** Intent bits that IDENTIFY asked for. */
  readonly intents: number
  readonly shard: readonly [id: number, count: number]
  /** Null while the bot is not connected. */
  connection: Connection | null
  readonly #sent: SentEvent[] = []

  constructor(options: { id: string; intents: number; shard: readonly [number, number]; connection: Connection }) {
    this.id = options.id
    this.intents = options.intents
    this.shard = options.shard
    this.connection = options.connection
  }

  /** The number of the last event. */
  get sequence(): number {
    return this.#sent.length
  }

  /** Sends an event, or keeps it for RESUME while nobody is connected. */
  send(event: GatewayDispatchEvents, data: unknown): void {
    const sent = { s: this.sequence + 1, t: event, d: data }
    this.#sent.push(sent)
    this.connection?.send({ op: GatewayOpcodes.Dispatch, ...sent })
  }

  /** True when the session's intents, shard and permissions let the event through. */
  wants(world: World, dispatch: Dispatch): boolean {
    if (dispatch.intents !== 0 && !(this.intents & dispatch.intents)) return false
    if (!this.isOfShard(dispatch.guildId)) return false
    if (dispatch.guildId !== null && dispatch.intents !== 0) {
      if (!world.guilds.get(dispatch.guildId)?.members.has(world.bot.id)) return false
    }
    const channel = dispatch.channelId === null ? undefined : world.channels.get(dispatch.channelId)
    if (channel === undefined || dispatch.intents === 0) return true
    return may(world, channel, world.bot.id, 'ViewChannel')
  }

  /** Sends an event with message content as the intents allow. */
  dispatch(dispatch: Dispatch): void {
    this.send(dispatch.event, dispatch.render((this.intents & GatewayIntentBits.MessageContent) !== 0))
  }

  /** DMs and events of no guild go to shard 0. */
  isOfShard(guildId: string | null): boolean {
    const [id, count] = this.shard
    return guildId === null ? id === 0 : Number((BigInt(guildId) >> SHARD_SHIFT) % BigInt(count)) === id
  }

  /**
   * Goes on over a new connection.
   * @param sequence the last event that the bot saw
   * @param repeated how many events that it saw are sent once more, as Discord sometimes does
   * @returns the number of events sent again
   */
  resume(connection: Connection, sequence: number, repeated: number): number {
    this.connection = connection
    const again = this.#sent.slice(Math.max(0, sequence - repeated))
    for (const sent of again) connection.send({ op: GatewayOpcodes.Dispatch, ...sent })
    this.send(GatewayDispatchEvents.Resumed, { _trace: [] })
    return again.length
  }
}
