// A file of Slack becomes an address with the bearer token it takes. The token goes to Slack's own hosts only, and never
// along a redirect.
import type { ClipLocation, IncomingClip } from '../../src/conversation/clip.ts'
import { AppError, type ErrorCode } from '../../src/errors.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { CALL_LIMIT_MS } from './limits.ts'
import { parseHandle } from './parse-files.ts'
import { describeError, isTokenEnded, missingScopeOf, slackCodeOf } from './slack-error.ts'
import type { Workspace } from './workspace.ts'
import type { Workspaces } from './workspaces.ts'

/** Hosts of Slack that serve files, as ClipLocation writes them. */
export const SLACK_FILE_HOSTS = ['*.slack.com', '*.slack-gov.com'] as const

/** What locating works with. */
export interface LocateOptions {
  readonly workspaces: Workspaces
  readonly allowedHosts: readonly string[]
  readonly fetch: typeof globalThis.fetch
}

/** Answers of files.info that mean the file is gone. */
const GONE = new Set(['file_deleted', 'file_not_found'])
/** The same in a file's `mode`: deleted, or beyond what a free workspace keeps. */
const GONE_MODES = new Set(['hidden_by_limit', 'tombstone'])

/**
 * Locates a clip of Slack.
 * @throws AppError CLIP_MISSING, CLIP_ACCESS_DENIED, CLIP_UNREACHABLE; signal.reason on abort
 */
export async function locateSlackClip(
  { handle }: IncomingClip,
  signal: AbortSignal,
  { workspaces, allowedHosts, fetch }: LocateOptions,
): Promise<ClipLocation> {
  signal.throwIfAborted()
  const place = parseHandle(handle)
  if (place === null) throw refusal('CLIP_MISSING', handle, 'its handle is none of Slack')
  const { fileId, teamId } = place
  try {
    const workspace = await workspaces.byTeam(teamId)
    const url = addressOf(objectIn(await fileInfo(workspace, fileId)), fileId)
    if (!isAllowed(url, allowedHosts)) {
      throw refusal(
        'CLIP_ACCESS_DENIED',
        fileId,
        `it lies on ${url.host}, and the token goes to ${allowedHosts.join(', ')} only`,
      )
    }
    const headers = { authorization: `Bearer ${workspace.botToken}` }
    await knock(url, headers, fileId, fetch, signal)
    return { kind: 'address', url: url.href, headers, allowedHosts }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) throw error
    throw new AppError(
      'CLIP_UNREACHABLE',
      `Slack did not answer about the file ${fileId} (${describeError(error)}); it must be reachable. Ask again later.`,
      { details: { file: fileId }, cause: error, retryable: true },
    )
  }
}

async function fileInfo({ client }: Workspace, fileId: string): Promise<unknown> {
  try {
    return (await client.files.info({ file: fileId })).file
  } catch (error) {
    const scope = missingScopeOf(error)
    if (scope !== undefined) throw missingScope(fileId, scope, error)
    const code = slackCodeOf(error)
    if (code === undefined) throw error
    if (GONE.has(code)) throw refusal('CLIP_MISSING', fileId, `Slack says ${code}`, error)
    const remedy = isTokenEnded(error)
      ? 'Valley must be installed again'
      : 'Valley must be in a channel that it was shared in'
    throw refusal('CLIP_ACCESS_DENIED', fileId, `Slack says ${code}; ${remedy}`, error)
  }
}

function addressOf(file: Json, fileId: string): URL {
  if (GONE_MODES.has(textIn(file, 'mode') ?? ''))
    throw refusal('CLIP_MISSING', fileId, `its mode is ${textIn(file, 'mode')}`)
  const address = textIn(file, 'url_private_download') ?? textIn(file, 'url_private') ?? ''
  if (!URL.canParse(address)) throw refusal('CLIP_ACCESS_DENIED', fileId, 'Slack gives no address for it')
  return new URL(address)
}

/** @param hosts as in ClipLocation; only one that is named in full may be without TLS: the operator's own, or a test's */
function isAllowed(url: URL, hosts: readonly string[]): boolean {
  if (url.username !== '' || url.password !== '') return false
  return hosts.some((host) => {
    if (host.startsWith('*.')) return url.protocol === 'https:' && url.hostname.endsWith(host.slice(1))
    return host === (host.includes(':') ? url.host : url.hostname)
  })
}

/**
 * Asks for the file and reads no byte of it. Without the scope, Slack serves its sign-in page with status 200 where the
 * file should be, or leads there: downloaded as a clip that would only look damaged.
 */
async function knock(
  url: URL,
  headers: Record<string, string>,
  fileId: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<void> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)])
  const response = await fetch(url, { headers, redirect: 'manual', signal: inTime })
  await response.body?.cancel().catch(() => {})
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true
  if (response.status === 404 || response.status === 410)
    throw refusal('CLIP_MISSING', fileId, `HTTP ${response.status}`)
  const location = response.headers.get('location') ?? ''
  const isLogin = response.status >= 300 && response.status < 400 && /[?&]redir=/.test(location)
  if (isLogin || (response.status === 200 && isPage)) throw missingScope(fileId, 'files:read')
  if (response.status === 401 || response.status === 403) {
    throw refusal('CLIP_ACCESS_DENIED', fileId, `HTTP ${response.status}`)
  }
  if (response.status >= 300 && response.status < 400) {
    throw refusal('CLIP_ACCESS_DENIED', fileId, 'it leads to another address, where the token must not go')
  }
  if (!response.ok) {
    throw new AppError(
      'CLIP_UNREACHABLE',
      `The Slack file ${fileId} gave HTTP ${response.status}; 200 is expected. Ask again later.`,
      {
        details: { file: fileId, status: response.status },
        retryable: true,
      },
    )
  }
}

function missingScope(fileId: string, scope: string, cause?: unknown): AppError {
  return new AppError(
    'CLIP_ACCESS_DENIED',
    `Slack showed its sign-in page or refused the file ${fileId}: the scope ${scope} is missing. Add ${scope} in the app's settings and install Valley again.`,
    { details: { file: fileId, scope }, cause },
  )
}

function refusal(code: ErrorCode, fileId: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    code,
    `The Slack file ${fileId} cannot be had: ${reason}. Send the clip again where Valley can see it.`,
    {
      details: { file: fileId },
      cause,
    },
  )
}
