// A pretended Discord on loopback, for the real discord.js client: REST, gateway and CDN over the wire, and a world that
// tests drive in a person's words. README.md shows how it is used.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { APIApplicationCommand, APIMessage, ClientOptions } from 'discord.js'
import { DEFAULT_HEARTBEAT_INTERVAL_MS, Gateway } from './gateway/gateway.ts'
import { Cdn } from './http/cdn.ts'
import { Faults } from './http/faults.ts'
import { RateLimits } from './http/rate-limits.ts'
import { RequestLog } from './http/request-log.ts'
import { RestApi } from './http/rest-api.ts'
import { renderMessage } from './messages/render-message.ts'
import { Channel } from './people/channel.ts'
import { Guild } from './people/guild.ts'
import { Person } from './people/person.ts'
import { allRoutes } from './routes/all-routes.ts'
import { foundGuild, installBot } from './world/guilds.ts'
import type { Ping } from './world/state.ts'
import { type PrivilegedIntents, World } from './world/world.ts'

/** How a pretended Discord is set up; everything can be left out. */
export interface DiscordOptions {
  readonly botName?: string
  /** Privileged intents that are switched on in the developer portal; all when left out. */
  readonly privileged?: Partial<PrivilegedIntents>
  /** Short ones show within a test that heartbeats go on while the bot is busy; 41250 when left out. */
  readonly heartbeatIntervalMs?: number
  /** How many shards Discord recommends; 1 when left out. */
  readonly shards?: number
}

/** Opens a pretended Discord on a free port. The caller closes it. */
export async function openDiscordDouble(options: DiscordOptions = {}): Promise<DiscordDouble> {
  const double = new DiscordDouble(options)
  await double.listen()
  return double
}

/** One pretended Discord with one app. */
export class DiscordDouble {
  /** The connections of the bot: what it identified with, its heartbeats, and everything that can go wrong. */
  readonly gateway: Gateway
  /** All requests so far. */
  readonly requests = new RequestLog()
  readonly faults = new Faults()
  readonly rateLimits = new RateLimits()
  readonly cdn: Cdn
  readonly #world: World
  readonly #rest: RestApi
  readonly #server: Server

  constructor(options: DiscordOptions) {
    const privileged = { messageContent: true, guildMembers: true, presences: true, ...options.privileged }
    this.#world = new World({ botName: options.botName ?? 'valley', privileged })
    this.gateway = new Gateway(this.#world, options.heartbeatIntervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS)
    this.cdn = new Cdn(this.#world, this.requests)
    this.#rest = new RestApi(this.#world, {
      log: this.requests,
      faults: this.faults,
      limits: this.rateLimits,
      handlers: allRoutes(options.shards ?? 1),
      gatewayUrl: () => this.gateway.url,
    })
    this.#server = createServer((request, response) => {
      if (request.url?.startsWith('/api')) void this.#rest.answer(request, response)
      else this.cdn.answer(request, response)
    })
    this.#server.on('upgrade', (request, socket, head) => this.gateway.accept(request, socket, head))
  }

  /** Starts to listen; `openDiscordDouble` has done so. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#world.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The part of the client's options that leads it here. */
  get rest(): NonNullable<ClientOptions['rest']> {
    const { origin } = this.#world
    return { api: `${origin}/api`, cdn: origin, version: '10' }
  }

  /** Host and port of REST, gateway and CDN alike, e.g. `127.0.0.1:4711`. */
  get host(): string {
    return new URL(this.#world.origin).host
  }

  /** The bot's token. */
  get token(): string {
    return this.#world.token ?? 'revoked'
  }

  /** The bot, as a target of permissions and mentions. */
  get bot(): { readonly id: string; readonly mention: string } {
    return { id: this.#world.bot.id, mention: `<@${this.#world.bot.id}>` }
  }

  /** Founds a guild with the bot in it, unless told otherwise. */
  guild(name = 'Clips', options: { withoutBot?: boolean; locale?: string } = {}): Guild {
    const owner = Person.join(this.#world, `Owner of ${name}`)
    const guild = foundGuild(this.#world, name, owner.id, options.locale ?? 'en-US')
    if (!options.withoutBot) installBot(this.#world, guild)
    return new Guild(this.#world, guild)
  }

  /** A person in no guild; `guild.person` makes one who is a member. */
  person(name: string, options: { locale?: string } = {}): Person {
    return Person.join(this.#world, name, options)
  }

  /** A channel or thread by its id. */
  channel(id: string): Channel {
    return new Channel(this.#world, this.#world.channel(id))
  }

  /** The threads of a channel, oldest first. */
  threadsOf(channel: Channel): Channel[] {
    const states = [...this.#world.channels.values()].filter(({ parentId }) => parentId === channel.id)
    return states.map((state) => new Channel(this.#world, state))
  }

  /** The messages of a channel as everybody sees them now, oldest first; ephemeral ones only for their person. */
  messagesIn(channel: Pick<Channel, 'id'>, seenBy?: Person): APIMessage[] {
    return this.#world
      .messagesOf(channel.id)
      .filter(({ onlyFor }) => onlyFor === null || onlyFor === seenBy?.id)
      .map((message) => renderMessage(this.#world, message, true))
  }

  /** The bot's messages of a channel as everybody sees them now, oldest first. */
  botMessagesIn(channel: Pick<Channel, 'id'>): APIMessage[] {
    return this.messagesIn(channel).filter(({ author }) => author.id === this.bot.id)
  }

  /** Waits until a message of the bot in the channel is as wanted, however often it is edited before. */
  waitForMessage(
    channel: Pick<Channel, 'id'>,
    accepts: (message: APIMessage) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<APIMessage> {
    const find = () => this.botMessagesIn(channel).find(accepts)
    const describe = () =>
      `The bot's messages: ${JSON.stringify(this.botMessagesIn(channel).map((one) => one.content))}`
    return this.#world.changes.waitFor(find, describe, timeoutMs)
  }

  /** Waits until a thread of the channel is there. */
  waitForThread(channel: Channel, timeoutMs?: number): Promise<Channel> {
    return this.#world.changes.waitFor(
      () => this.threadsOf(channel)[0],
      () => 'The channel has no thread.',
      timeoutMs,
    )
  }

  /** Waits for anything else in this Discord, looked at after every change. */
  async waitUntil(isSo: () => boolean, timeoutMs?: number): Promise<void> {
    await this.#world.changes.waitFor(
      () => isSo() || undefined,
      () => `Never was: ${isSo}`,
      timeoutMs,
    )
  }

  /** Everybody whom messages of the bot notified, in order. */
  pings(): readonly Ping[] {
    return [...this.#world.pings]
  }

  /** Where and when the bot was typing. */
  get typing(): readonly { readonly channelId: string; readonly atMs: number }[] {
    return this.#world.typing
  }

  /** The commands that the app has registered. */
  get commands(): APIApplicationCommand[] {
    return [...this.#world.commands.values()]
  }

  /** Moves Discord's clock on: tokens and signed addresses grow old; timers do not notice. */
  advance(durationMs: number): void {
    this.#world.clock.advance(durationMs)
  }

  /** Makes the bot's token worthless and closes its sessions with 4004. */
  revokeToken(): void {
    this.#world.token = null
    this.gateway.drop(4004)
    this.gateway.forgetSessions()
  }

  /** Ends everything: sockets, timers, waits. */
  async close(): Promise<void> {
    this.#world.changes.close()
    this.#rest.close()
    await this.gateway.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
