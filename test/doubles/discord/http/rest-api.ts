// Answers one REST request: bearer, fault, bucket, handler, log.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../world/world.ts'
import { ApiError, apiError } from './api-error.ts'
import { Answer, type Context, type Handlers } from './context.ts'
import type { Fault, Faults } from './faults.ts'
import { type RateLimits, rateLimited } from './rate-limits.ts'
import { readBody } from './read-body.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'
import { type Matched, matchRoute } from './router.ts'

const PREFIX = '/api/v10'
/** Their tokens in the path are all the permission they need. */
const NEEDS_NO_BEARER = /^\/(interactions|webhooks)\//

interface Reply {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

/** The REST API of one pretended Discord. */
export class RestApi {
  readonly #world: World
  readonly #parts: { log: RequestLog; faults: Faults; limits: RateLimits; handlers: Handlers; gatewayUrl(): string }
  readonly #closing = new AbortController()

  constructor(
    world: World,
    parts: { log: RequestLog; faults: Faults; limits: RateLimits; handlers: Handlers; gatewayUrl(): string },
  ) {
    this.#world = world
    this.#parts = parts
  }

  /** Answers a request below `/api`. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#world.origin)
    const method = request.method ?? 'GET'
    const path = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : ''
    const matched = matchRoute(method, path)
    const logged: LoggedRequest = {
      method,
      route: matched?.route ?? null,
      path: path === '' ? url.pathname : path,
      query: url.search,
      body: undefined,
      reason: reasonOf(request),
      files: [],
      atMs: this.#world.clock.now(),
      status: 0,
    }
    this.#parts.log.push(logged)
    const reply = await this.#reply(request, url, matched, logged).catch((error: unknown) => {
      response.destroy()
      // A mistake of the double, not of the bot: it ends the test run as an unhandled rejection.
      throw error
    })
    if (reply === 'cut') response.destroy()
    else {
      logged.status = reply.status
      send(response, reply)
    }
    this.#world.changes.announce()
  }

  /** Lets nothing slow hold the end up. */
  close(): void {
    this.#closing.abort()
  }

  async #reply(
    request: IncomingMessage,
    url: URL,
    matched: Matched | null,
    logged: LoggedRequest,
  ): Promise<Reply | 'cut'> {
    try {
      const body = await readBody(request)
      if (body === null) return 'cut'
      const files = body.files.map(({ name, contentType, bytes }) => ({ name, contentType, bytes: bytes.length }))
      Object.assign(logged, { body: body.json, files })
      if (matched === null) return { status: 404, body: { message: '404: Not Found', code: 0 } }
      const { route, params } = matched
      const path = logged.path
      if (!NEEDS_NO_BEARER.test(path) && !this.#isAuthorized(request)) {
        return { status: 401, body: { message: '401: Unauthorized', code: 0 } }
      }
      const admission = this.#parts.limits.admit(matched)
      const fault = this.#parts.faults.take(route)
      const early = fault === null ? null : this.#failBefore(fault)
      if (early === 'cut') return early
      if (early !== null) return { ...early, headers: { ...admission.headers, ...early.headers } }
      if (admission.retryAfterMs !== null) {
        const limited = rateLimited(admission.retryAfterMs, 'user')
        return { ...limited, headers: { ...admission.headers, ...limited.headers } }
      }
      const reply = await this.#handle(matched, {
        world: this.#world,
        gatewayUrl: this.#parts.gatewayUrl(),
        query: url.searchParams,
        body: body.json ?? {},
        files: body.files,
        params,
        param: (name) => params[name]!,
      })
      const late = fault === null ? null : await this.#failAfter(fault)
      return late ?? { ...reply, headers: { ...admission.headers, ...reply.headers } }
    } catch (error) {
      if (error instanceof ApiError) return refusal(error)
      throw error
    }
  }

  async #handle(matched: Matched, context: Context): Promise<Reply> {
    try {
      const result = await this.#parts.handlers[matched.route](context)
      if (result instanceof Answer) return { status: result.status, body: result.body }
      return result === undefined ? { status: 204 } : { status: 200, body: result }
    } catch (error) {
      if (error instanceof ApiError) return refusal(error)
      throw error
    }
  }

  #isAuthorized(request: IncomingMessage): boolean {
    return this.#world.token !== null && request.headers.authorization === `Bot ${this.#world.token}`
  }

  #failBefore(fault: Fault): Reply | 'cut' | null {
    if (fault.kind === 'rate-limited') return rateLimited(fault.retryAfterMs, fault.scope ?? 'user')
    if (fault.kind === 'refused') return refusal(apiError(fault.code))
    if (fault.kind === 'slow' || fault.afterwards) return null
    return fault.kind === 'cut' ? 'cut' : { status: fault.status }
  }

  async #failAfter(fault: Fault): Promise<Reply | 'cut' | null> {
    if (fault.kind === 'cut') return 'cut'
    if (fault.kind === 'broken') return { status: fault.status }
    if (fault.kind === 'slow') await sleep(fault.delayMs, undefined, { signal: this.#closing.signal }).catch(() => {})
    return null
  }
}

function refusal(error: ApiError): Reply {
  const { status, code, message, errors } = error
  return { status, body: { message, code, ...(errors === undefined ? {} : { errors }) } }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const json = body === undefined ? undefined : JSON.stringify(body)
  response.writeHead(status, { ...headers, ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) })
  response.end(json)
}

/** https://discord.com/developers/docs/resources/audit-log: the header is URL-encoded. */
function reasonOf({ headers }: IncomingMessage): string | null {
  const reason = headers['x-audit-log-reason']
  return typeof reason === 'string' ? decodeURIComponent(reason) : null
}
