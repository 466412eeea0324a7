// How events come in, behind one shape: a socket that Valley opens, or signed requests to a server of its own; with OAuth,
// the pages where workspaces install Valley.
import type { RequestListener } from 'node:http'
import { HTTPReceiver, type Installation, type InstallationStore, type Receiver, SocketModeReceiver } from '@slack/bolt'
import { boltLogger } from './bolt-logger.ts'
import { type ListeningServer, listen } from './http-server.ts'
import { neededScopes, OAUTH_REDIRECT_PATH } from './manifest.ts'
import { logMissingScopes } from './scopes.ts'
import type { SlackIdentity, SlackSettings } from './settings.ts'
import { SocketConnection } from './socket-connection.ts'
import { clientOptions } from './workspace.ts'

/** Where events come from. */
export interface Connection {
  readonly receiver: Receiver
  /**
   * Takes events until stop is called.
   * @param onReady called when events come in, after each reconnection again
   * @throws AppError CONFIG_INVALID for a port in use; SlackError when Slack refuses the connection
   */
  keep(onReady: () => void): Promise<void>
  /** True while events come in. */
  isOpen(): boolean
  /** Takes no more events. */
  stop(): Promise<void>
}

/** Opens nothing yet: Bolt's app is made around the receiver first. */
export function makeConnection(settings: SlackSettings): Connection {
  const { delivery } = settings
  return delivery.mode === 'socket' ? socketConnection(settings, delivery.appToken) : httpConnection(settings, delivery)
}

function socketConnection(settings: SlackSettings, appToken: string): Connection {
  const { identity, logger } = settings
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: boltLogger(logger),
    ...oauthOptions(settings),
  })
  const socket = new SocketConnection(receiver.client, logger)
  let pages: ListeningServer | null = null
  return {
    receiver,
    async keep(onReady) {
      if (identity.kind === 'oauth') {
        pages = await listen(installationPages(receiver, identity, neededScopes(settings.assistantPane)), identity)
        settings.onListening?.(pages.port)
      }
      await socket.keep(onReady)
    },
    isOpen: () => socket.isOpen,
    async stop() {
      await Promise.all([socket.stop(), pages?.close()])
    },
  }
}

function httpConnection(
  settings: SlackSettings,
  { signingSecret, host, port }: { readonly signingSecret: string; readonly host?: string; readonly port: number },
): Connection {
  const receiver = new HTTPReceiver({ signingSecret, logger: boltLogger(settings.logger), ...oauthOptions(settings) })
  const stopped = new AbortController()
  let server: ListeningServer | null = null
  return {
    receiver,
    async keep(onReady) {
      server = await listen(eventRequests(receiver), { host, port })
      settings.onListening?.(server.port)
      onReady()
      if (stopped.signal.aborted) return
      await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve, { once: true }))
    },
    isOpen: () => server !== null && !stopped.signal.aborted,
    async stop() {
      stopped.abort()
      await server?.close()
    },
  }
}

/** Bolt's own server does the same: the receiver throws at a request that is not for it. */
function eventRequests(receiver: HTTPReceiver): RequestListener {
  return (request, response) => {
    try {
      receiver.requestListener(request, response)
    } catch {
      if (!response.headersSent) response.writeHead(404)
      response.end()
    }
  }
}

function oauthOptions(settings: SlackSettings) {
  const { identity, logger } = settings
  // Bolt's parts write into the options they get, so each gets its own.
  const options = clientOptions(settings, boltLogger(logger))
  if (identity.kind === 'token') return { installerOptions: { clientOptions: options } }
  const { clientId, clientSecret, stateSecret, redirectUri, authorizationUrl } = identity
  return {
    clientId,
    clientSecret,
    stateSecret,
    installationStore: watchedStore(settings, identity),
    scopes: neededScopes(settings.assistantPane),
    ...(redirectUri === undefined ? {} : { redirectUri }),
    installerOptions: {
      clientOptions: options,
      directInstall: true,
      ...(redirectUri === undefined ? {} : { redirectUriPath: new URL(redirectUri).pathname }),
      ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    },
  }
}

/** The store, with a line in the log for what a new installation lacks. */
function watchedStore(settings: SlackSettings, identity: SlackIdentity & { kind: 'oauth' }): InstallationStore {
  const { installations } = identity
  const { logger } = settings
  return {
    async storeInstallation(installation) {
      await installations.storeInstallation(installation as Installation)
      const teamId = installation.team?.id ?? ''
      logger.info({ team: teamId }, 'Slack workspace installed Valley')
      logMissingScopes(installation.bot?.scopes ?? [], teamId, settings)
    },
    // Bolt's type ties the installation's shape to the query's; the store gives back what was stored for it.
    fetchInstallation: async (query) => (await installations.fetchInstallation(query)) as never,
    deleteInstallation: async (query) => await installations.deleteInstallation(query),
  }
}

function installationPages(
  receiver: SocketModeReceiver,
  { redirectUri }: SlackIdentity & { kind: 'oauth' },
  scopes: readonly string[],
): RequestListener {
  const redirectPath = redirectUri === undefined ? OAUTH_REDIRECT_PATH : new URL(redirectUri).pathname
  return (request, response) => {
    const path = request.url?.split('?')[0]
    const { installer } = receiver
    const page = { scopes: [...scopes], ...(redirectUri === undefined ? {} : { redirectUri }) }
    const serve = async (): Promise<void> => {
      if (path === '/slack/install') await installer?.handleInstallPath(request, response, {}, page)
      else if (path === redirectPath) await installer?.handleCallback(request, response, {})
      else response.writeHead(404).end()
    }
    serve().catch(() => response.headersSent || response.writeHead(500).end())
  }
}
