// Node's system errors carry a code, e.g. ENOENT for a missing file.

/**
 * Tells whether something thrown is a system error.
 * @param {unknown} error
 * @param {...string} codes only these count; none given, every code does
 * @returns {error is NodeJS.ErrnoException}
 */
export function isSystemError(error, ...codes) {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}
