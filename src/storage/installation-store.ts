// Where the tokens of workspaces are kept that installed Valley through Slack's OAuth. Has the three methods that Bolt asks
// of an installation store, on shapes that Bolt's own fit.
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Database } from './database.ts'

/** What this store reads of an installation; everything else in it is kept as it is. Plain JSON. */
export interface InstallationShape {
  readonly team?: { readonly id: string } | undefined
  readonly enterprise?: { readonly id: string } | undefined
  readonly isEnterpriseInstall?: boolean
  user: {
    readonly id: string
    token?: string | undefined
    refreshToken?: string | undefined
    expiresAt?: number | undefined
    scopes?: string[] | undefined
  }
}

/** Which installation is meant. */
export interface InstallationQuery {
  readonly teamId?: string | undefined
  readonly enterpriseId?: string | undefined
  readonly isEnterpriseInstall: boolean
  /** Asks for the token of this user too. */
  readonly userId?: string
}

/** Installations, one for each workspace and one for each organisation that installed Valley as a whole. */
export class InstallationStore<Installation extends InstallationShape> {
  readonly #database: Database
  readonly #logger: Logger

  constructor(database: Database, logger: Logger) {
    this.#database = database
    this.#logger = logger
    // Bolt takes the methods off the object.
    this.storeInstallation = this.storeInstallation.bind(this)
    this.fetchInstallation = this.fetchInstallation.bind(this)
    this.deleteInstallation = this.deleteInstallation.bind(this)
  }

  /**
   * Keeps an installation in place of the one before.
   * @throws AppError STORAGE_FAILED
   */
  async storeInstallation(installation: Installation): Promise<void> {
    const { team, enterprise, isEnterpriseInstall = false } = installation
    const scope = scopeOf({ teamId: team?.id, enterpriseId: enterprise?.id, isEnterpriseInstall })
    const text = JSON.stringify(installation)
    await this.#database.write('keep an installation', (connection) =>
      connection.run(
        'INSERT INTO slack_installations VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET installation = excluded.installation',
        scope,
        text,
      ),
    )
    this.#logger.info({ installation: scope }, 'installation kept')
  }

  /**
   * Finds an installation. The token of a user goes only to a query for that user.
   * @throws AppError STORAGE_FAILED when there is none, as Bolt expects it, or when it cannot be read
   */
  async fetchInstallation(query: InstallationQuery): Promise<Installation> {
    const scope = scopeOf(query)
    const sql = 'SELECT installation FROM slack_installations WHERE scope = ?'
    const [row] = await this.#database.read('give an installation', sql, scope)
    if (row === undefined) {
      throw new AppError(
        'STORAGE_FAILED',
        `There is no installation for ${scope}; each workspace must install Valley once. Open the install page of this Valley and install it there.`,
        { details: { installation: scope } },
      )
    }
    const installation = JSON.parse(String(row.installation)) as Installation
    if (query.userId !== undefined && query.userId !== installation.user.id) {
      installation.user = withoutToken(installation.user)
    }
    return installation
  }

  /**
   * Deletes an installation; with a user only that user's token. What is not there is no error.
   * @throws AppError STORAGE_FAILED
   */
  async deleteInstallation(query: InstallationQuery): Promise<void> {
    const scope = scopeOf(query)
    await this.#database.write('drop an installation', (connection) => {
      if (query.userId === undefined) {
        connection.run('DELETE FROM slack_installations WHERE scope = ?', scope)
        return
      }
      const [row] = connection.all('SELECT installation FROM slack_installations WHERE scope = ?', scope)
      if (row === undefined) return
      const installation = JSON.parse(String(row.installation)) as Installation
      if (installation.user.id !== query.userId) return
      const text = JSON.stringify({ ...installation, user: withoutToken(installation.user) })
      connection.run('UPDATE slack_installations SET installation = ? WHERE scope = ?', text, scope)
    })
    this.#logger.info({ installation: scope }, 'installation dropped')
  }
}

function scopeOf({ teamId, enterpriseId, isEnterpriseInstall }: InstallationQuery): string {
  if (isEnterpriseInstall && enterpriseId !== undefined) return `enterprise:${enterpriseId}`
  if (!isEnterpriseInstall && teamId !== undefined) return `team:${teamId}`
  const wanted = isEnterpriseInstall ? 'an enterprise id' : 'a team id'
  throw new AppError(
    'STORAGE_FAILED',
    `An installation was named without ${wanted}; it needs one. Install Valley again.`,
  )
}

function withoutToken<User extends InstallationShape['user']>(user: User): User {
  const { token: _token, refreshToken: _refreshToken, expiresAt: _expiresAt, scopes: _scopes, ...kept } = user
  // JSON has no undefined, but Bolt's type wants the keys.
  return { ...kept, token: undefined, scopes: undefined } as User
}
