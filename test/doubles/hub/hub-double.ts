// The Hugging Face hub on loopback: two servers of two origins, as the hub keeps large files on another host than itself.
// README.md says what it speaks and where that is written down.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Fault, FaultList } from './faults.ts'
import { sendBytes, sendError, sendJson } from './send.ts'

/** A file of a repository. */
export interface HubFile {
  readonly path: string
  readonly content: Uint8Array
  /** Kept on the storage host, listed with its SHA-256. */
  readonly large?: boolean
}

/** A repository with one branch, `main`, of one commit. */
export interface HubRepository {
  /** `owner/name` */
  readonly name: string
  readonly files: readonly HubFile[]
  /** Front matter of the model card, parsed. */
  readonly cardData?: Readonly<Record<string, unknown>>
  /** Only with this token: private or gated. */
  readonly token?: string
  /** People are known but must agree to terms on the page first. */
  readonly gated?: boolean
}

/** One request that came. */
export interface SeenRequest {
  readonly host: 'hub' | 'storage'
  readonly path: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

/** The running hub; ends with its test. */
export interface HubDouble {
  /** For HF_ENDPOINT. */
  readonly url: string
  readonly storageUrl: string
  readonly requests: readonly SeenRequest[]
  /** Lets the next `times` requests of a path end otherwise; default once. */
  fail(path: string, fault: Fault, times?: number): void
  /** The requests for one file's bytes on the storage host. */
  storageRequests(path: string): readonly SeenRequest[]
}

/** Where the two are reached. */
export interface Origins {
  readonly hub: string
  readonly storage: string
}

/** Entries on one page of a listing; the real hub has 1000. */
const PAGE_ENTRIES = 3

/** Starts a hub with repositories. */
export function startHub(...repositories: readonly HubRepository[]): Promise<HubDouble> {
  return startHubAs(null, ...repositories)
}

/** Starts a hub that calls itself and its storage by other addresses, as one behind something else does. */
export async function startHubAs(names: Origins | null, ...repositories: readonly HubRepository[]): Promise<HubDouble> {
  const requests: SeenRequest[] = []
  const faults = new FaultList()
  const note = (host: SeenRequest['host'], { url = '', headers }: IncomingMessage) => {
    requests.push({ host, path: url, range: headers.range, authorization: headers.authorization })
  }
  const storage = await listen((request, response) => {
    note('storage', request)
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://storage').pathname.slice(1))
    const file = repositories.flatMap(({ files }) => files).find((one) => one.path === path)
    if (file === undefined) sendError(response, 404, 'EntryNotFound')
    else sendBytes(request, response, file.content, faults.take(`storage:${path}`))
  })
  const hub = await listen((request, response) => {
    note('hub', request)
    answer(request, response, repositories, names ?? { hub, storage }, faults)
  })
  return {
    url: hub,
    storageUrl: storage,
    requests,
    fail: (path, fault, times = 1) => faults.add(path, fault, times),
    storageRequests: (path) =>
      requests.filter((one) => one.host === 'storage' && one.path.startsWith(`/${encodeURIComponent(path)}?`)),
  }
}

/** The commit of a repository: any 40 hexadecimal digits that belong to its content. */
export function commitOf({ name, files }: HubRepository): string {
  const hash = createHash('sha1').update(name)
  for (const { path, content } of files) hash.update(path).update(content)
  return hash.digest('hex')
}

/** git's id of a blob. */
export function gitBlobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  repositories: readonly HubRepository[],
  origins: Origins,
  faults: FaultList,
): ServerResponse {
  const url = new URL(request.url ?? '', origins.hub)
  const path = decodeURIComponent(url.pathname)
  const [, api, name, rest] =
    /^\/(api\/models\/|api\/resolve-cache\/models\/|)([^/]+\/[^/]+)\/(.*)$/.exec(path) ?? ([] as string[])
  const repository = repositories.find((one) => one.name === name)
  const fault = faults.take(`hub:${rest ?? ''}`)
  if (fault !== null && 'status' in fault) return sendError(response, fault.status, fault.code, fault.headers)
  const isKnown = request.headers.authorization !== undefined
  // To strangers the hub does not tell private repositories from those that do not exist.
  if (repository === undefined || rest === undefined) {
    return sendError(response, isKnown ? 404 : 401, 'RepoNotFound')
  }
  const { token } = repository
  if (token !== undefined && isKnown && request.headers.authorization !== `Bearer ${token}`) {
    return sendError(response, 401, '')
  }
  const isFile = !api!.startsWith('api/models/')
  // What a gated repository says of itself everyone may read; its files need a person who agreed.
  if (isFile && repository.gated) return sendError(response, isKnown ? 403 : 401, 'GatedRepo')
  if (token !== undefined && !isKnown) return sendError(response, 401, 'RepoNotFound')
  if (isFile) return sendFile(request, response, repository, rest, url, origins, fault)
  return sendListing(response, repository, rest, url, fault)
}

function sendListing(
  response: ServerResponse,
  repository: HubRepository,
  rest: string,
  url: URL,
  fault: Fault | null,
): ServerResponse {
  const commit = commitOf(repository)
  const [what, revision] = rest.split('/')
  if (revision !== 'main' && revision !== commit) return sendError(response, 404, 'RevisionNotFound')
  if (what === 'revision') {
    const { name, cardData = {}, gated = false } = repository
    return sendJson(response, {
      _id: '1',
      id: name,
      sha: commit,
      private: false,
      gated,
      cardData,
      likes: 0,
      downloads: 0,
    })
  }
  const entries = repository.files.map(({ path, content, large }) => ({
    type: 'file',
    path,
    size: content.length,
    oid: gitBlobId(content),
    ...(large ? { lfs: { oid: sha256(content), size: content.length, pointerSize: 134 } } : {}),
  }))
  const listed = [{ type: 'directory', path: 'onnx', size: 0, oid: commit }, ...entries]
  const all = fault !== null && 'listing' in fault ? fault.listing(listed) : listed
  const start = Number(url.searchParams.get('cursor') ?? 0)
  const next = start + PAGE_ENTRIES
  if (next < all.length) {
    url.searchParams.set('cursor', String(next))
    response.setHeader('link', `<${url.href}>; rel="next"`)
  }
  return sendJson(response, all.slice(start, next))
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  repository: HubRepository,
  rest: string,
  url: URL,
  { hub, storage }: Origins,
  fault: Fault | null,
): ServerResponse {
  const path = rest.replace(/^(?:resolve\/)?[^/]+\//, '')
  const file = repository.files.find((one) => one.path === path)
  if (file === undefined) return sendError(response, 404, 'EntryNotFound')
  const redirect = (status: number, location: string) => {
    response.setHeader('x-linked-size', file.content.length)
    return response.writeHead(status, { location }).end()
  }
  if (fault !== null && 'redirect' in fault) return redirect(302, fault.redirect)
  if (file.large) return redirect(302, `${storage}/${encodeURIComponent(path)}?Signature=abc`)
  if (rest.startsWith('resolve/')) {
    return redirect(307, `${hub}/api/resolve-cache/models/${repository.name}/${commitOf(repository)}/${path}`)
  }
  return sendBytes(request, response, file.content, url.search === '' ? fault : null)
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Listens on loopback until the test ends. @returns the origin */
async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(handle)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
