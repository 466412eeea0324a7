// Which workspaces Valley is in, and their tokens: the one of the settings, or all that installed it by OAuth.
import type { AuthorizeResult, webApi } from '@slack/bolt'
import { AppError } from '../../src/errors.ts'
import type { SlackIdentity } from './settings.ts'
import { Workspace, type WorkspaceIdentity } from './workspace.ts'

/** A workspace and what its token was granted. */
export interface OpenedWorkspace {
  readonly workspace: Workspace
  readonly scopes: readonly string[]
}

/** What Bolt found out about the bot that an event is for. */
export interface BotOfEvent {
  readonly botToken?: string
  readonly botUserId?: string
  readonly teamId?: string
}

/** Finds workspaces; keeps one object for each token. */
export class Workspaces {
  readonly #identity: SlackIdentity
  readonly #clientOptions: () => webApi.WebClientOptions
  readonly #byToken = new Map<string, Workspace>()
  #single: Promise<OpenedWorkspace> | null = null

  /** @param clientOptions gives options of their own to each client */
  constructor(identity: SlackIdentity, clientOptions: () => webApi.WebClientOptions) {
    this.#identity = identity
    this.#clientOptions = clientOptions
  }

  /** The one workspace of a token, asked of Slack once. @throws SlackError; the next call asks again */
  single(botToken: string): Promise<OpenedWorkspace> {
    this.#single ??= this.#open(botToken).catch((error: unknown) => {
      this.#single = null
      throw error
    })
    return this.#single
  }

  /** What Bolt asks for each event when there is one token. */
  async authorizeSingle(botToken: string): Promise<AuthorizeResult> {
    const { workspace } = await this.single(botToken)
    const { teamId, botUserId } = workspace
    return { botToken, teamId, botUserId }
  }

  /** The workspace of an event, from what Bolt found out. @returns null when Bolt has no token for it */
  of(context: BotOfEvent, teamOfBody?: string): Workspace | null {
    const { botToken, botUserId } = context
    const teamId = context.teamId ?? teamOfBody
    if (botToken === undefined || botUserId === undefined || teamId === undefined) return null
    return this.#kept({ botToken, botUserId, teamId })
  }

  /**
   * The workspace with an id, for what no event has begun.
   * @throws AppError CLIP_MISSING when Valley is not (any more) in it; SlackError when Slack does not answer
   */
  async byTeam(teamId: string): Promise<Workspace> {
    if (this.#identity.kind === 'token') {
      const { workspace } = await this.single(this.#identity.botToken)
      if (workspace.teamId === teamId) return workspace
      throw notInstalled(teamId)
    }
    const query = { teamId, enterpriseId: undefined, isEnterpriseInstall: false }
    const installation = await this.#identity.installations.fetchInstallation(query).catch((error: unknown) => {
      throw notInstalled(teamId, error)
    })
    if (installation.bot === undefined) throw notInstalled(teamId)
    return this.#kept({ teamId, botToken: installation.bot.token, botUserId: installation.bot.userId })
  }

  /** The workspace of an id that names none. @throws AppError CLIP_MISSING when there may be several; SlackError */
  async only(): Promise<Workspace> {
    if (this.#identity.kind === 'token') return (await this.single(this.#identity.botToken)).workspace
    throw notInstalled('that an id without workspace means')
  }

  /** Forgets the tokens of a workspace; in a store also the installation. */
  async remove(teamId: string): Promise<void> {
    for (const [token, workspace] of this.#byToken) if (workspace.teamId === teamId) this.#byToken.delete(token)
    this.#single = null
    if (this.#identity.kind === 'token') return
    await this.#identity.installations.deleteInstallation({
      teamId,
      enterpriseId: undefined,
      isEnterpriseInstall: false,
    })
  }

  async #open(botToken: string): Promise<OpenedWorkspace> {
    const unknown = new Workspace({ teamId: '', botToken, botUserId: '' }, this.#clientOptions())
    const { team_id: teamId = '', user_id: botUserId = '', response_metadata } = await unknown.client.auth.test()
    return { workspace: this.#kept({ teamId, botToken, botUserId }), scopes: response_metadata?.scopes ?? [] }
  }

  #kept(identity: WorkspaceIdentity): Workspace {
    const known = this.#byToken.get(identity.botToken)
    if (known !== undefined) return known
    const workspace = new Workspace(identity, this.#clientOptions())
    this.#byToken.set(identity.botToken, workspace)
    return workspace
  }
}

function notInstalled(teamId: string, cause?: unknown): AppError {
  return new AppError(
    'CLIP_MISSING',
    `A clip of the Slack workspace ${teamId} is asked for, where Valley is not installed. Install it there, or send the clip again.`,
    { details: { team: teamId }, cause },
  )
}
