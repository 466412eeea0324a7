// How the hub answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'

/** JSON. */
export function sendJson(response: ServerResponse, value: unknown): ServerResponse {
  return response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

/** A refusal: the reason in a header, words in the body. */
export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  const reason = code === '' ? {} : { 'x-error-code': code, 'x-error-message': 'said in words' }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...reason, ...headers })
  return response.end(JSON.stringify({ error: 'said in words' }))
}

/** A file, or the range of it that was asked for. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  wanted: Uint8Array,
  fault: Fault | null,
): ServerResponse {
  if (fault !== null && 'status' in fault) return sendError(response, fault.status, fault.code, fault.headers)
  const content = fault !== null && 'content' in fault ? fault.content : wanted
  const knowsRanges = !(fault !== null && 'ignoresRange' in fault)
  const start = knowsRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
  const body = content.subarray(start)
  response.writeHead(start === 0 ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-length': body.length,
    ...(start === 0 ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  })
  if (fault !== null && 'cutAfterBytes' in fault) {
    response.write(body.subarray(0, fault.cutAfterBytes), () => response.destroy())
  } else if (fault !== null && 'silentAfterBytes' in fault) {
    response.write(body.subarray(0, fault.silentAfterBytes))
  } else response.end(body)
  return response
}
