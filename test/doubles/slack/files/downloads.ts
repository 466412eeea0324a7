import type { ServerResponse } from 'node:http'
import type { StoredFile } from '../world/stored-file.ts'
import type { Token } from '../world/token.ts'
import type { World } from '../world/world.ts'
import type { DownloadScript } from './download-script.ts'
import { LOGIN_PAGE } from './login-page.ts'

const ENDLESS_PIECE = Buffer.alloc(65_536)

/** One request for a file's bytes. */
export interface Download {
  readonly path: string
  /** Token of the Authorization header; null when there was none. */
  readonly bearer: string | null
  readonly file: StoredFile | null
}

/** Serves `/files-pri/TEAM-FILE/name` and `/files-pri/TEAM-FILE/download/name` to those who may read the file. */
export class Downloads {
  readonly all: Download[] = []
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  serve(path: string, bearer: string | null, response: ServerResponse): void {
    const [, teamId, fileId] = /^\/files-pri\/([^/-]+)-([^/]+)\//.exec(path) ?? []
    const file = this.#world.files.get(fileId ?? '') ?? null
    this.all.push({ path, bearer, file })
    this.#world.changed()
    const token = this.#world.tokens.get(bearer ?? '')
    const script = file?.downloadScripts.shift()
    if (file === null || file.isDeleted || file.teamId !== teamId) sendStatus(response, 404)
    else if (script !== undefined) play(script, file, response)
    else if (token === undefined || token.revoked !== null) this.#sendToLogin(file, path, response)
    else if (!token.scopes.has('files:read') || !this.#mayRead(token, file)) sendLoginPage(response)
    else response.writeHead(200, { ...headersOf(file), 'content-length': file.bytes.length }).end(file.bytes)
  }

  #mayRead(token: Token, file: StoredFile): boolean {
    const workspace = this.#world.workspaces.get(token.teamId ?? '')
    if (workspace === undefined || workspace.id !== file.teamId) return false
    const channels = [...file.sharedIn].map((id) => workspace.channels.get(id))
    return channels.length === 0 || channels.some((channel) => channel?.members.has(workspace.botUser.id))
  }

  /** Without a usable token Slack leads to the workspace's sign-in page. */
  #sendToLogin(file: StoredFile, path: string, response: ServerResponse): void {
    const { domain } = this.#world.workspaceOf(file.teamId)
    const location = `https://${domain}.slack.com/?redir=${encodeURIComponent(path)}`
    response.writeHead(302, { location, 'content-type': 'text/html' }).end(`<a href="${location}">Found</a>.`)
  }
}

function play(script: DownloadScript, file: StoredFile, response: ServerResponse): void {
  switch (script.kind) {
    case 'redirect':
      response.writeHead(script.status, { location: script.location }).end()
      return
    case 'length':
      response.strictContentLength = false
      response.writeHead(200, {
        ...headersOf(file),
        connection: 'close',
        ...(script.contentLength === null ? {} : { 'content-length': script.contentLength }),
      })
      response.end(file.bytes)
      return
    case 'stall':
      response.writeHead(200, { ...headersOf(file), 'content-length': file.bytes.length })
      response.flushHeaders()
      if (script.afterBytes > 0) response.write(file.bytes.subarray(0, script.afterBytes))
      return
    case 'endless':
      response.writeHead(200, headersOf(file))
      pour(response)
      return
    case 'cut':
      response.writeHead(200, { ...headersOf(file), 'content-length': file.bytes.length })
      response.write(file.bytes.subarray(0, script.afterBytes), () => response.destroy())
      return
    case 'login-page':
      sendLoginPage(response)
      return
    case 'status':
      sendStatus(response, script.status)
  }
}

function pour(response: ServerResponse): void {
  if (response.destroyed) return
  if (response.write(ENDLESS_PIECE)) setImmediate(() => pour(response))
  else response.once('drain', () => pour(response))
}

function headersOf(file: StoredFile): Record<string, string> {
  return {
    'content-type': file.mimetype,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  }
}

function sendLoginPage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(LOGIN_PAGE)
}

function sendStatus(response: ServerResponse, status: number): void {
  response.writeHead(status).end()
}
