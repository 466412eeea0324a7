// A value that never prints. Whoever needs it asks for it by name.
import { inspect } from 'node:util'
import { REDACTED } from '../redact.ts'

/** A secret from the environment. In text, JSON and the inspector it is `[secret]`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself; to be handed to the platform's own library and nowhere else. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [Symbol.toPrimitive](): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
