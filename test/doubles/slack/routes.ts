import type { ServerResponse } from 'node:http'
import type { SocketMode } from './delivery/socket-mode.ts'
import type { Downloads } from './files/downloads.ts'
import type { PendingUploads } from './files/pending-uploads.ts'
import type { LoopbackServer } from './http-server.ts'
import { isJson } from './json.ts'
import type { ResponseUrls } from './response-urls.ts'
import type { ApiEndpoint } from './web-api/api-endpoint.ts'
import type { OauthGrants } from './web-api/oauth.ts'
import { bearerOf, readBody, uploadedBytes } from './web-api/request-body.ts'
import type { World } from './world/world.ts'

/** What the routes lead to. */
interface Parts {
  readonly endpoint: ApiEndpoint
  readonly uploads: PendingUploads
  readonly downloads: Downloads
  readonly responseUrls: ResponseUrls
  readonly oauth: OauthGrants
  readonly sockets: SocketMode
  readonly world: World
  readonly scopes: readonly string[]
}

/** Begins to serve Slack's addresses. */
export function serveSlack(server: LoopbackServer, parts: Parts): void {
  const respond: Parameters<LoopbackServer['serve']>[0][string] = async (request, response, url) => {
    const body: unknown = JSON.parse((await readBody(request)).toString())
    const { status, text } = parts.responseUrls.receive(url.pathname, isJson(body) ? body : {})
    response.writeHead(status, { 'content-type': 'text/html' }).end(text)
  }
  server.serve(
    {
      '/api/': (request, response, url) => parts.endpoint.serve(url.pathname.slice('/api/'.length), request, response),
      '/upload/v1/': async (request, response, url) => {
        const bytes = await uploadedBytes(request, await readBody(request))
        const isTaken = parts.uploads.receive(url.pathname.slice('/upload/v1/'.length), bytes)
        response.writeHead(isTaken ? 200 : 400).end(isTaken ? `OK - ${bytes.length}` : 'invalid upload')
      },
      '/files-pri/': (request, response, url) => parts.downloads.serve(url.pathname, bearerOf(request), response),
      '/commands/': respond,
      '/actions/': respond,
      '/oauth/v2/authorize': (_request, response, url) => consent(parts, url, response),
    },
    (request, socket, head) => parts.sockets.accept(request, socket, head),
  )
}

/** Consents at once, for the workspace that `team` names or the first one that has not installed the app. */
function consent({ oauth, world, scopes }: Parts, url: URL, response: ServerResponse): void {
  const workspaces = [...world.workspaces.values()]
  const named = url.searchParams.get('team')
  const workspace = workspaces.find(({ id, isInstalled }) => (named === null ? !isInstalled : id === named))
  const target = url.searchParams.get('redirect_uri')
  if (workspace === undefined || target === null) {
    response.writeHead(400).end('no workspace to install into, or no redirect_uri')
    return
  }
  const asked = url.searchParams.get('scope')
  const person = [...workspace.members.values()].find(({ isBot }) => !isBot) ?? workspace.botUser
  const location = new URL(target)
  location.searchParams.set('code', oauth.newCode(workspace, person.id, asked === null ? scopes : asked.split(',')))
  location.searchParams.set('state', url.searchParams.get('state') ?? '')
  response.writeHead(302, { location: location.href }).end()
}
