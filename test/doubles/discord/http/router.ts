// Finds the route of a request.
import { ROUTE_NAMES, type RouteName } from './route-names.ts'

const ROUTES = ROUTE_NAMES.map((name) => {
  const [method, path] = name.split(' ')
  const pattern = path!.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')
  return { name, method: method!, pattern: new RegExp(`^${pattern}$`) }
})

/** A request's route and what stood for its `:names`, percent decoding undone. */
export interface Matched {
  readonly route: RouteName
  readonly params: Readonly<Record<string, string>>
}

/** @param path below `/api/v10`, percent encoded or not, e.g. `/channels/1/messages` */
export function matchRoute(method: string, path: string): Matched | null {
  const plain = decode(path)
  for (const { name, method: routeMethod, pattern } of ROUTES) {
    const groups = routeMethod === method ? pattern.exec(plain)?.groups : undefined
    if (groups === undefined && !(routeMethod === method && pattern.test(plain))) continue
    return { route: name, params: { ...groups } }
  }
  return null
}

/** Clients encode `@me` and emojis alike, or leave `@me` as it is. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
