// What an adapter finds out about its platform when it is asked whether everything is right there; `valley doctor` shows it.

/** One thing that was looked at. */
export interface PlatformFinding {
  /** `off` is something that is not there and not needed. */
  readonly state: 'ok' | 'off' | 'problem'
  /** What was looked at, beginning with the platform, e.g. `discord token`. */
  readonly matter: string
  /** What was seen; never a secret. */
  readonly seen: string
  /** What to do, as a sentence; present for each problem. */
  readonly remedy?: string
}

/** How long a platform may take to answer one request of a check; the operator is waiting. */
export const CHECK_LIMIT_MS = 10_000

/**
 * Why a request got no answer, in a word that may be shown, e.g. `ENOTFOUND`: never a message, which may hold an address or
 * a token.
 */
export function networkFailure(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < MAX_CAUSES; depth += 1) {
    if (at.name === 'AbortError' || at.name === 'TimeoutError') return `none within ${CHECK_LIMIT_MS / 1000} s`
    const { code } = at as NodeJS.ErrnoException
    if (typeof code === 'string' && SYSTEM_CODE.test(code)) return code
    // Slack's client has the cause under a name of its own.
    at = at.cause ?? ('original' in at ? at.original : undefined)
  }
  return 'no further reason'
}

/** As Node and undici write theirs, e.g. ECONNREFUSED, UND_ERR_SOCKET, DEPTH_ZERO_SELF_SIGNED_CERT. */
const SYSTEM_CODE = /^[A-Z][A-Z_]+$/
const MAX_CAUSES = 8
