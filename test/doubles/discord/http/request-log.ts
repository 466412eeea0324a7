// Everything that the bot asked of the REST API and the CDN, for tests to look into.
import type { RouteName } from './route-names.ts'

/** One request, and how it was answered. */
export interface LoggedRequest {
  readonly method: string
  /** Null when the double has no such route; `cdn` for files. */
  readonly route: RouteName | 'cdn' | null
  /** Path below the API's version, e.g. `/channels/1/messages`. */
  readonly path: string
  readonly query: string
  /** The JSON of the body or of `payload_json`. */
  readonly body: unknown
  /** For the audit log of the server, decoded; null when the request gives none. */
  readonly reason: string | null
  readonly files: readonly { readonly name: string; readonly contentType: string | null; readonly bytes: number }[]
  /** Milliseconds since 1970, on the double's clock. */
  readonly atMs: number
  /** HTTP status; 0 while it is not answered or when the connection was cut. */
  status: number
}

/** Requests in the order they came. */
export class RequestLog extends Array<LoggedRequest> {
  /** Requests of one route, e.g. `POST /channels/:channel/messages`. */
  to(route: RouteName | 'cdn'): LoggedRequest[] {
    return Array.from(this).filter((request) => request.route === route)
  }

  /** Requests that the double has no route for; a test that ends with one should know why. */
  get unknown(): LoggedRequest[] {
    return Array.from(this).filter(({ route }) => route === null)
  }
}
