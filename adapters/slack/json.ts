// Reading what Slack sends without trusting its shape: payloads have fields beyond the published types and lack others.

/** An object as it came over the wire. */
export type Json = Readonly<Record<string, unknown>>

/** The value as an object; an empty one for anything else. */
export function objectIn(value: unknown, key?: string): Json {
  const found = key === undefined ? value : objectIn(value)[key]
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : {}
}

/** The text under a key; undefined when there is none or it is empty. */
export function textIn(value: unknown, key: string): string | undefined {
  const found = objectIn(value)[key]
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The number under a key. */
export function numberIn(value: unknown, key: string): number | undefined {
  const found = objectIn(value)[key]
  return typeof found === 'number' ? found : undefined
}

/** The objects of the list under a key; none when it is no list. */
export function listIn(value: unknown, key: string): readonly Json[] {
  const found = objectIn(value)[key]
  return Array.isArray(found) ? found.map((one: unknown) => objectIn(one)) : []
}
