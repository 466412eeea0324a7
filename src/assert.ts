// Checks of our own invariants. A failure here is a fault in Valley, never bad input: bad input is an AppError.

/** Raised when an invariant of the program itself does not hold. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws AssertionError unless the condition holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Ends a switch over a union: compiles only when every case is handled. */
export function assertNever(value: never): never {
  throw new AssertionError(`Unhandled case: ${JSON.stringify(value)}`)
}
