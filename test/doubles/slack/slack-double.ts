// A double of Slack that speaks its protocols on the loopback interface: Web API, Socket Mode, signed HTTP requests,
// files. README.md beside it says how tests use it.
import type { Agent } from 'undici'
import { ManualClock } from './clock.ts'
import { Deliveries } from './delivery/deliveries.ts'
import type { Delivery, FailureReason } from './delivery/delivery.ts'
import { HttpMode, type RequestFlaws } from './delivery/http-mode.ts'
import { type SocketConnection, SocketMode } from './delivery/socket-mode.ts'
import type { DownloadScript } from './files/download-script.ts'
import { type Download, Downloads } from './files/downloads.ts'
import { PendingUploads } from './files/pending-uploads.ts'
import { LoopbackServer } from './http-server.ts'
import type { Json } from './json.ts'
import { createLoopbackDispatcher, type LoopbackDispatcher } from './loopback-dispatcher.ts'
import { Team } from './people/team.ts'
import type { User } from './people/user.ts'
import { ResponseUrls } from './response-urls.ts'
import { serveSlack } from './routes.ts'
import type { Stage } from './stage.ts'
import { DEADLOCK_LIMIT_MS, waitUntil } from './wait.ts'
import { ApiEndpoint, type ApiRequest } from './web-api/api-endpoint.ts'
import { type Fault, type FaultConditions, type HeldCall, holdAnswer, PlannedFaults } from './web-api/faults.ts'
import { OauthGrants } from './web-api/oauth.ts'
import { WebApi } from './web-api/web-api.ts'
import { ALL_EVENTS, registerApp, type SlackApp } from './world/app.ts'
import type { AssistantThread } from './world/assistant-thread.ts'
import type { Channel } from './world/channel.ts'
import type { Message } from './world/message.ts'
import type { StoredFile } from './world/stored-file.ts'
import type { Stream } from './world/stream.ts'
import { ALL_BOT_SCOPES } from './world/token.ts'
import { type RecordedPing, World } from './world/world.ts'

/** How a double is opened; every part has a default. */
export interface SlackDoubleOptions {
  /** Name of the app and its bot user. */
  readonly appName?: string
  /** Bot scopes that workspaces grant; those of the app's manifest show whether it asks for enough. */
  readonly scopes?: readonly string[]
  /** Events that the app subscribes to. */
  readonly events?: readonly string[]
  readonly commands?: readonly string[]
  /** Puts Slack's real hosts into files and response URLs; the client then needs `fetch` or `dispatcher` of the double. */
  readonly usesRealHosts?: boolean
}

/** Opens a double with one workspace, Acme. The caller closes it. */
export async function openSlackDouble(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
  const server = new LoopbackServer()
  return new SlackDouble(server, await server.listen(), options)
}

/** Slack, as far as an app can see it. */
export class SlackDouble {
  readonly app: SlackApp
  /** For `clientOptions.slackApiUrl`; ends with a slash. */
  readonly apiUrl: string
  readonly origin: string
  readonly clock: ManualClock
  readonly world: World
  readonly team: Team
  readonly #server: LoopbackServer
  readonly #scopes: readonly string[]
  readonly #sockets: SocketMode
  readonly #deliveries: Deliveries
  readonly #stage: Stage
  readonly #responseUrls: ResponseUrls
  readonly #oauth: OauthGrants
  readonly #faults = new PlannedFaults()
  readonly #endpoint: ApiEndpoint
  readonly #downloads: Downloads
  readonly #loopback: LoopbackDispatcher
  #http: HttpMode | null = null

  constructor(server: LoopbackServer, port: number, options: SlackDoubleOptions) {
    this.#server = server
    this.#scopes = options.scopes ?? ALL_BOT_SCOPES
    this.origin = `http://127.0.0.1:${port}`
    this.apiUrl = `${this.origin}/api/`
    this.app = registerApp({
      id: 'A0VALLEY',
      name: options.appName ?? 'valley',
      events: options.events ?? ALL_EVENTS,
      commands: options.commands ?? ['/valley'],
    })
    this.clock = new ManualClock()
    const real = options.usesRealHosts === true
    this.world = new World(this.app, this.clock, {
      files: real ? 'https://files.slack.com' : this.origin,
      hooks: real ? 'https://hooks.slack.com' : this.origin,
    })
    const changed = () => this.world.changed()
    this.#sockets = new SocketMode(this.app.id, changed)
    this.#deliveries = new Deliveries(this.#sockets, this.clock, changed)
    this.#stage = { world: this.world, deliveries: this.#deliveries }
    this.#responseUrls = new ResponseUrls(this.#stage)
    this.#oauth = new OauthGrants(this.world)
    this.#downloads = new Downloads(this.world)
    this.#loopback = createLoopbackDispatcher(port)
    const uploads = new PendingUploads()
    const api = new WebApi(this.#stage, this.#sockets, this.#oauth, uploads, `ws://127.0.0.1:${port}`)
    this.#endpoint = new ApiEndpoint(api, this.#faults, this.world)
    serveSlack(server, {
      endpoint: this.#endpoint,
      uploads,
      downloads: this.#downloads,
      responseUrls: this.#responseUrls,
      oauth: this.#oauth,
      sockets: this.#sockets,
      world: this.world,
      scopes: this.#scopes,
    })
    this.team = this.addTeam('Acme')
  }

  /** Adds a workspace. @param isInstalled false for one that installs the app by OAuth later */
  addTeam(name: string, { isInstalled = true } = {}): Team {
    const workspace = this.world.addWorkspace(name, this.#scopes, isInstalled)
    return new Team(this.#stage, workspace, this.#responseUrls)
  }

  /** A code as the redirect of an OAuth consent carries it. */
  oauthCode(team: Team, by: User, scopes: readonly string[] = this.#scopes): string {
    return this.#oauth.newCode(team.workspace, by.id, scopes)
  }

  // What the app is told

  /** Every event, command and interaction, oldest first. */
  get deliveries(): readonly Delivery[] {
    return this.#deliveries.all
  }

  /** Open Socket Mode connections. */
  get connections(): readonly SocketConnection[] {
    return this.#sockets.connections
  }

  /** Delivers everything over one of the open connections from now on, as Slack may; null: over each in its turn. */
  deliverOver(connection: SocketConnection | null): void {
    this.#sockets.chosen = connection
  }

  /** Delivers over HTTP from now on. @param requestUrl of the app, e.g. `http://127.0.0.1:3000/slack/events` */
  deliverOverHttp(requestUrl: string): void {
    this.#http?.close()
    this.#http = new HttpMode(requestUrl, this.app.signingSecret)
    this.#deliveries.transport = this.#http
  }

  /** Sends the challenge that Slack sends when a request URL is entered. @returns the app's response */
  verifyRequestUrl(challenge: string): Promise<Response> {
    return this.#httpMode().postJson({ token: this.app.verificationToken, challenge, type: 'url_verification' })
  }

  /** Posts an event request that is flawed, e.g. signed with another secret. @returns the app's response */
  postForged(body: Json, flaws: RequestFlaws): Promise<Response> {
    return this.#httpMode().postJson(body, flaws)
  }

  /** Sends a delivery once more as retry 1, 2 or 3, although it was acknowledged. */
  deliverAgain(delivery: Delivery, retry: number, reason?: FailureReason): void {
    this.#deliveries.sendAgain(delivery, retry, reason)
  }

  // What the app does

  /** Every Web API call, oldest first; of one method when it is named. */
  requests(method?: string): readonly ApiRequest[] {
    return this.#endpoint.requests.filter((request) => method === undefined || request.method === method)
  }

  /** Makes coming calls of a method go wrong; `*` for any method. One call unless `times` says more. */
  plan(method: string, fault: Fault, conditions?: FaultConditions): void {
    this.#faults.plan(method, fault, conditions)
  }

  /** Keeps back the answer to the next call of a method. */
  hold(method: string, conditions?: FaultConditions): HeldCall {
    const { fault, held } = holdAnswer()
    this.#faults.plan(method, fault, conditions)
    return held
  }

  /** Makes the next downloads of a file go wrong, one for each script. */
  planDownloads(file: StoredFile, ...scripts: readonly DownloadScript[]): void {
    file.downloadScripts.push(...scripts)
  }

  /** Every request for a file's bytes. */
  get downloads(): readonly Download[] {
    return this.#downloads.all
  }

  /** Messages of a channel that are there now, replies in threads too, oldest first. */
  messagesIn(channel: Channel): Message[] {
    return channel.messages.filter(({ isDeleted }) => !isDeleted)
  }

  /** Messages that the app posted in a channel and that are there now. */
  repliesIn(channel: Channel): Message[] {
    return this.messagesIn(channel).filter(({ botId }) => botId !== null)
  }

  /** Everybody whom the app's posts, edits, streams and comments would have notified. */
  pings(): readonly RecordedPing[] {
    return this.world.pings
  }

  get streams(): readonly Stream[] {
    return this.world.streams
  }

  /** Ends a stream from Slack's side, as after some minutes: appending and stopping fail from then on. */
  expireStream(message: Message): void {
    const stream = this.world.streamAt(message.channelId, message.ts)
    if (stream === undefined) throw new Error('The message was never streamed.')
    stream.state = 'expired'
    message.streamingState = 'errored'
  }

  /** The assistant pane of a thread. */
  assistantThread(root: Message): AssistantThread {
    return this.world.assistantThread(root.channelId, root.ts)
  }

  // Waiting

  /** Waits for a message of the app in a channel, or an edit of one, that matches. */
  waitForMessage(
    channel: Channel,
    match: RegExp | ((message: Message) => boolean),
    limitMs = DEADLOCK_LIMIT_MS,
  ): Promise<Message> {
    const matches = typeof match === 'function' ? match : ({ text }: Message) => match.test(text)
    const describe = () => `There are: ${JSON.stringify(this.repliesIn(channel).map(({ text }) => text))}`
    return this.waitUntil(`a message in ${channel.name}`, () => this.repliesIn(channel).find(matches), {
      limitMs,
      describe,
    })
  }

  /** Waits until so many Socket Mode connections are open. */
  waitForConnections(count = 1): Promise<true> {
    return this.waitUntil(`${count} connections`, () => this.connections.length === count)
  }

  /** Waits until a look finds something; looks after every change of the double. */
  waitUntil<T>(
    what: string,
    look: () => T | undefined | null | false,
    options?: { limitMs?: number; describe?: () => string },
  ): Promise<T> {
    return waitUntil(this.world, what, look, options)
  }

  // Reaching the double by Slack's real hosts

  /** A dispatcher that leads `*.slack.com` to the double and refuses every other host. */
  get dispatcher(): Agent {
    return this.#loopback.agent
  }

  /** `fetch` over that dispatcher, for `clientOptions.fetch`. */
  readonly fetch: typeof globalThis.fetch = (input, init) =>
    // Node's fetch takes a dispatcher, which its types leave out. Undici's own fetch would not know Node's FormData.
    fetch(input, { ...init, dispatcher: this.#loopback.agent } as unknown as RequestInit)

  /** Other hosts that the dispatcher was asked to connect to, by name or address. */
  get strayConnections(): readonly string[] {
    return this.#loopback.strayConnections
  }

  /** Ends connections, server and timers; nothing of it keeps the process alive afterwards. */
  async close(): Promise<void> {
    this.clock.clear()
    this.#http?.close()
    this.#sockets.close()
    await Promise.all([this.#server.close(), this.#loopback.agent.destroy()])
  }

  #httpMode(): HttpMode {
    if (this.#http === null) throw new Error('The double delivers over Socket Mode; call deliverOverHttp first.')
    return this.#http
  }
}
