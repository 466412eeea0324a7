// JSON as it travels: the double reads it defensively, because what a client sends is what is under test.

/** A JSON object of unknown keys. */
export type Json = Record<string, unknown>

/** True for a JSON object, not for an array or null. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The JSON objects of an array; empty when the value is no array. */
export function jsonArray(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : []
}

/** The string under a key, or undefined when there is none. */
export function stringIn(value: unknown, key: string): string | undefined {
  const found = isJson(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}
