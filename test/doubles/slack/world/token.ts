/** An access token of one workspace, or the app-level token, which has none. */
export interface Token {
  readonly value: string
  readonly kind: 'bot' | 'app'
  readonly teamId: string | null
  /** Granted scopes. A test may add or delete one while the app runs, as a reinstallation does. */
  readonly scopes: Set<string>
  /** Once revoked, every call is answered by the named error. */
  revoked: 'token_revoked' | 'account_inactive' | null
}

/** The bot scopes that the double's methods and events ask for. */
export const ALL_BOT_SCOPES = [
  'app_mentions:read',
  'assistant:write',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'mpim:history',
  'mpim:read',
  'reactions:write',
  'team:read',
  'users:read',
] as const
