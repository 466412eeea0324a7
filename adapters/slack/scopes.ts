// What a token was granted against what Valley asks for.
import { BOT_SCOPES, type BotScope, neededScopes } from './manifest.ts'
import type { SlackSettings } from './settings.ts'

/** Scopes that are missing, in the manifest's order. */
export function missingScopes(granted: readonly string[], assistantPane = true): BotScope[] {
  const have = new Set(granted)
  return neededScopes(assistantPane).filter((scope) => !have.has(scope))
}

/** Logs each missing scope with what is off because of it. */
export function logMissingScopes(
  granted: readonly string[],
  teamId: string,
  { logger, assistantPane }: Pick<SlackSettings, 'logger' | 'assistantPane'>,
): void {
  for (const scope of missingScopes(granted, assistantPane)) {
    logger.warn(
      { team: teamId, scope, off: BOT_SCOPES[scope] },
      `The Slack scope ${scope} is missing, so ${BOT_SCOPES[scope]}. Add it in the app's settings and install Valley again.`,
    )
  }
}
