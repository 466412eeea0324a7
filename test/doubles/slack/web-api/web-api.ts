import type { SocketMode } from '../delivery/socket-mode.ts'
import type { PendingUploads } from '../files/pending-uploads.ts'
import type { Json } from '../json.ts'
import type { Stage } from '../stage.ts'
import type { Token } from '../world/token.ts'
import { ApiArguments } from './api-arguments.ts'
import { type BotMethod, requireScope } from './api-call.ts'
import { ApiError } from './api-error.ts'
import { ASSISTANT_METHODS } from './assistant-methods.ts'
import { CHAT_POST_METHODS } from './chat-post.ts'
import { CHAT_STREAM_METHODS } from './chat-stream.ts'
import { CHAT_UPDATE_METHODS } from './chat-update.ts'
import { CONVERSATION_METHODS } from './conversations.ts'
import { fileMethods } from './file-methods.ts'
import type { OauthGrants } from './oauth.ts'
import { PEOPLE_METHODS } from './people-methods.ts'
import { REACTION_METHODS } from './reactions.ts'
import { VIEW_METHODS } from './view-methods.ts'

/** A call as it came in. */
export interface IncomingCall {
  readonly method: string
  readonly args: Json
  /** Of the Authorization header or the `token` argument. */
  readonly bearer: string | null
  /** Of an Authorization header of kind Basic, which oauth.v2.access may use. */
  readonly basic: { readonly id: string; readonly secret: string } | null
}

/** The methods of the Web API with the checks that come before each. */
export class WebApi {
  readonly #stage: Stage
  readonly #sockets: SocketMode
  readonly #oauth: OauthGrants
  readonly #socketOrigin: string
  readonly #methods: Readonly<Record<string, BotMethod>>

  constructor(stage: Stage, sockets: SocketMode, oauth: OauthGrants, uploads: PendingUploads, socketOrigin: string) {
    this.#stage = stage
    this.#sockets = sockets
    this.#oauth = oauth
    this.#socketOrigin = socketOrigin
    this.#methods = {
      ...ASSISTANT_METHODS,
      ...CHAT_POST_METHODS,
      ...CHAT_STREAM_METHODS,
      ...CHAT_UPDATE_METHODS,
      ...CONVERSATION_METHODS,
      ...PEOPLE_METHODS,
      ...REACTION_METHODS,
      ...VIEW_METHODS,
      ...fileMethods(uploads),
    }
  }

  /** Answers a call. @returns the JSON of the answer, `ok` among it; errors are answers too */
  answer(call: IncomingCall): Json {
    try {
      return { ok: true, ...this.#perform(call) }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return { ok: false, error: error.code, ...error.details }
    }
  }

  #perform({ method, args: raw, bearer, basic }: IncomingCall): Json {
    const args = new ApiArguments(raw)
    if (method === 'oauth.v2.access') return this.#oauth.access(args, basic)
    const token = this.#check(bearer)
    if (method === 'apps.connections.open') return this.#openConnection(token)
    const known = this.#methods[method]
    if (known === undefined) throw new ApiError('unknown_method', { req_method: method })
    if (token.kind === 'app' || token.teamId === null) throw new ApiError('not_allowed_token_type')
    const workspace = this.#stage.world.workspaceOf(token.teamId)
    if (known.scope !== null) requireScope(token, known.scope)
    return known.answer({ stage: this.#stage, args, token, workspace })
  }

  #check(bearer: string | null): Token {
    if (bearer === null || bearer === '') throw new ApiError('not_authed')
    const token = this.#stage.world.tokens.get(bearer)
    if (token === undefined) throw new ApiError('invalid_auth')
    if (token.revoked !== null) throw new ApiError(token.revoked)
    if (token.teamId !== null && !this.#stage.world.workspaceOf(token.teamId).isInstalled) {
      throw new ApiError('account_inactive')
    }
    return token
  }

  #openConnection(token: Token): Json {
    if (token.kind !== 'app') throw new ApiError('not_allowed_token_type')
    requireScope(token, 'connections:write')
    return { url: `${this.#socketOrigin}${this.#sockets.newLink()}` }
  }
}
