// What a route's handler gets and gives.
import type { World } from '../world/world.ts'
import type { UploadedFile } from './read-body.ts'
import type { RouteName } from './route-names.ts'

/** One request, ready to be handled. */
export interface Context {
  readonly world: World
  readonly gatewayUrl: string
  readonly query: URLSearchParams
  /** The JSON body; an empty object when there was none. Handlers read it as the type that Discord documents. */
  readonly body: unknown
  readonly files: readonly UploadedFile[]
  /** What stands for the route's `:names`. */
  readonly params: Readonly<Record<string, string>>
  /** What stands for a `:name` that the route has. */
  param(name: string): string
}

/** What a handler answers when 200 with a body, or 204 without, is not what is wanted. */
export class Answer {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    this.status = status
    this.body = body
  }
}

/** Handles one route. Undefined becomes 204, anything else 200 with JSON, an ApiError its refusal. */
export type Handler = (context: Context) => unknown

/** Handlers of some routes. */
export type Handlers<Name extends RouteName = RouteName> = Readonly<Record<Name, Handler>>
