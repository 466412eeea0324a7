// What a token was granted against what Valley asks for.
import type { Logger } from '../../src/logger.ts'
import { BOT_SCOPES, type BotScope } from './manifest.ts'

/** Scopes that are missing, in the manifest's order. */
export function missingScopes(granted: readonly string[]): BotScope[] {
  const have = new Set(granted)
  return (Object.keys(BOT_SCOPES) as BotScope[]).filter((scope) => !have.has(scope))
}

/** Logs each missing scope with what is off because of it. */
export function logMissingScopes(granted: readonly string[], teamId: string, logger: Logger): void {
  for (const scope of missingScopes(granted)) {
    logger.warn(
      { team: teamId, scope, off: BOT_SCOPES[scope] },
      `The Slack scope ${scope} is missing, so ${BOT_SCOPES[scope]}. Add it in the app's settings and install Valley again.`,
    )
  }
}
