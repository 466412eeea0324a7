import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Json } from '../json.ts'
import type { World } from '../world/world.ts'
import type { Fault, PlannedFaults } from './faults.ts'
import { basicOf, bearerOf, parseArguments, readBody } from './request-body.ts'
import type { WebApi } from './web-api.ts'

/** One call of the Web API as the double saw it. */
export interface ApiRequest {
  readonly method: string
  /** As sent: in a form, nested values are JSON texts. */
  readonly args: Json
  readonly bearer: string | null
  /** Kind of the planned fault that struck it. */
  readonly fault: Fault['kind'] | null
  readonly receivedMs: number
  /** HTTP status; null while it is not answered and after a cut connection. */
  status: number | null
  answer: Json | null
}

/** Serves `/api/METHOD`: reads the call, lets planned faults strike, answers, keeps a log. */
export class ApiEndpoint {
  readonly requests: ApiRequest[] = []
  readonly #api: WebApi
  readonly #faults: PlannedFaults
  readonly #world: World

  constructor(api: WebApi, faults: PlannedFaults, world: World) {
    this.#api = api
    this.#faults = faults
    this.#world = world
  }

  async serve(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const args = parseArguments(request, await readBody(request))
    const fault = this.#faults.take(method, args)
    const bearer = bearerOf(request) ?? (typeof args.token === 'string' ? args.token : null)
    const entry: ApiRequest = {
      method,
      args,
      bearer,
      fault: fault?.kind ?? null,
      receivedMs: Date.now(),
      status: null,
      answer: null,
    }
    this.requests.push(entry)
    const perform = () => this.#api.answer({ method, args, bearer, basic: basicOf(request) })
    await this.#answer(fault, perform, response, entry)
    this.#world.changed()
  }

  async #answer(fault: Fault | null, perform: () => Json, response: ServerResponse, entry: ApiRequest): Promise<void> {
    switch (fault?.kind) {
      case 'rate-limited':
        response.setHeader('retry-after', fault.retryAfterSeconds)
        return this.#send(response, entry, 429, { ok: false, error: 'ratelimited' })
      case 'http-error':
        entry.status = fault.status
        response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<html>Error</html>')
        return
      case 'api-error':
        return this.#send(response, entry, 200, { ok: false, error: fault.code, ...fault.details })
      case 'connection-cut':
        response.destroy()
        return
      case 'answer-lost':
        entry.answer = perform()
        response.destroy()
        return
      case 'late': {
        const answer = perform()
        this.#world.changed()
        fault.reached()
        await fault.gate
        return this.#send(response, entry, 200, answer)
      }
      default:
        return this.#send(response, entry, 200, perform())
    }
  }

  #send(response: ServerResponse, entry: ApiRequest, status: number, answer: Json): void {
    entry.status = status
    entry.answer = answer
    const scopes = this.#world.tokens.get(entry.bearer ?? '')?.scopes
    if (scopes !== undefined) response.setHeader('x-oauth-scopes', [...scopes].join(','))
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(answer))
  }
}
