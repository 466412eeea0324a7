import type { Json } from '../json.ts'
import { isJson } from '../json.ts'
import { invalidArguments } from './api-error.ts'

/** Arguments of a call, read alike from a form, where nested values are JSON texts, and from a JSON body. */
export class ApiArguments {
  readonly raw: Json

  constructor(raw: Json) {
    this.raw = raw
  }

  /** @throws ApiError invalid_arguments when it is missing or empty */
  required(name: string): string {
    const value = this.optional(name)
    if (value === undefined || value === '') throw invalidArguments(`missing required field: ${name}`)
    return value
  }

  optional(name: string): string | undefined {
    const value = this.raw[name]
    return value === undefined || value === null ? undefined : String(value)
  }

  flag(name: string): boolean {
    return ['true', '1'].includes(this.optional(name) ?? '')
  }

  /** @throws ApiError invalid_arguments when it is no whole number */
  wholeNumber(name: string, otherwise: number): number {
    const text = this.optional(name)
    if (text === undefined) return otherwise
    if (!/^\d+$/.test(text)) throw invalidArguments(`must be an integer [json-pointer:/${name}]`)
    return Number(text)
  }

  /** A list of objects. @returns null when the argument is missing @throws ApiError with the given code when it is none */
  objects(name: string, code: string): Json[] | null {
    const value = this.#nested(name)
    if (value === undefined) return null
    if (!Array.isArray(value) || !value.every(isJson)) throw invalidArguments(`${code}: ${name} must be an array`)
    return value
  }

  object(name: string): Json | null {
    const value = this.#nested(name)
    if (value === undefined) return null
    if (!isJson(value)) throw invalidArguments(`must be an object [json-pointer:/${name}]`)
    return value
  }

  #nested(name: string): unknown {
    const value = this.raw[name]
    if (typeof value !== 'string') return value ?? undefined
    if (value === '') return undefined
    try {
      return JSON.parse(value)
    } catch {
      throw invalidArguments(`must be valid JSON [json-pointer:/${name}]`)
    }
  }
}
