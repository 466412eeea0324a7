import type { Json } from '../json.ts'
import type { Workspace } from '../world/workspace.ts'
import type { World } from '../world/world.ts'
import type { ApiArguments } from './api-arguments.ts'
import { ApiError } from './api-error.ts'

interface Grant {
  readonly workspace: Workspace
  readonly userId: string
  readonly scopes: readonly string[]
}

/** Installation by OAuth v2: a person consents, the app exchanges the code for the bot token. */
export class OauthGrants {
  readonly #world: World
  readonly #grants = new Map<string, Grant>()

  constructor(world: World) {
    this.#world = world
  }

  /** A code that stands for a person's consent; good once. */
  newCode(workspace: Workspace, userId: string, scopes: readonly string[]): string {
    const code = `${workspace.id}.${crypto.randomUUID()}`
    this.#grants.set(code, { workspace, userId, scopes })
    return code
  }

  /** Answers oauth.v2.access. @throws ApiError invalid_client_id, bad_client_secret, invalid_code */
  access(args: ApiArguments, credentials: { readonly id: string; readonly secret: string } | null): Json {
    const { app } = this.#world
    if ((credentials?.id ?? args.optional('client_id')) !== app.clientId) throw new ApiError('invalid_client_id')
    const secret = credentials?.secret ?? args.optional('client_secret')
    if (secret !== app.clientSecret) throw new ApiError('bad_client_secret')
    const code = args.optional('code') ?? ''
    const grant = this.#grants.get(code)
    if (grant === undefined) throw new ApiError('invalid_code')
    this.#grants.delete(code)
    const { workspace, userId, scopes } = grant
    workspace.isInstalled = true
    workspace.botToken.revoked = null
    workspace.botToken.scopes.clear()
    for (const scope of scopes) workspace.botToken.scopes.add(scope)
    return {
      access_token: workspace.botToken.value,
      token_type: 'bot',
      scope: scopes.join(','),
      bot_user_id: workspace.botUser.id,
      app_id: app.id,
      team: { name: workspace.name, id: workspace.id },
      enterprise: null,
      authed_user: { id: userId },
      is_enterprise_install: false,
    }
  }
}
