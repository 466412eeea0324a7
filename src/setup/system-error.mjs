// Node's system errors carry a code, e.g. ENOENT for a missing file.

/**
 * Tells whether something thrown is a system error with one of the codes.
 * @param {unknown} error
 * @param {...string} codes
 */
export function isSystemError(error, ...codes) {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code)
}
