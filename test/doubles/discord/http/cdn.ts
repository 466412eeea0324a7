// The CDN: files under signed addresses, and what goes wrong with downloads.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { attachmentPath, isSignatureGood } from '../messages/attachments.ts'
import type { AttachmentState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import type { RequestLog } from './request-log.ts'

/** How a download goes wrong. */
export type CdnFault =
  /** Content-Length says something else than the body has. */
  | { readonly kind: 'lying-length'; readonly claimedBytes: number }
  /** The body stops after so many bytes and the connection stays open. */
  | { readonly kind: 'stalls'; readonly afterBytes: number }
  /** The connection ends after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The body has no end and no Content-Length: the file over and over again. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'wrong-type'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'status'; readonly status: number }

/** The CDN of one pretended Discord. */
export class Cdn {
  readonly #world: World
  readonly #log: RequestLog
  readonly #faults: { readonly fault: CdnFault; times: number }[] = []

  constructor(world: World, log: RequestLog) {
    this.#world = world
    this.#log = log
  }

  /** Makes the next downloads go wrong. */
  failNext(fault: CdnFault, times = 1): void {
    this.#faults.push({ fault, times })
  }

  /** Answers a request for a file. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.#world.origin)
    const method = request.method ?? 'GET'
    const logged = { method, route: 'cdn' as const, path: url.pathname, query: url.search, body: undefined, files: [] }
    const entry = { ...logged, reason: null, atMs: this.#world.clock.now(), status: 0 }
    this.#log.push(entry)
    response.on('close', () => {
      entry.status = response.headersSent ? response.statusCode : 0
      this.#world.changes.announce()
    })
    const attachment = this.#world.attachments.get(url.pathname.split('/')[3] ?? '')
    const isKnown = attachment !== undefined && attachmentPath(attachment) === url.pathname
    if (!isKnown || !isSignatureGood(this.#world, url.pathname, url.searchParams)) {
      response.writeHead(404, { 'Content-Type': 'text/plain;charset=UTF-8' })
      response.end('This content is no longer available.')
      return
    }
    const fault = this.#takeFault()
    if (fault === null) this.#serve(response, attachment, method)
    else this.#fail(response, attachment, fault)
  }

  #takeFault(): CdnFault | null {
    const next = this.#faults[0]
    if (next === undefined) return null
    next.times -= 1
    if (next.times <= 0) this.#faults.shift()
    return next.fault
  }

  #serve(response: ServerResponse, attachment: AttachmentState, method: string): void {
    response.writeHead(200, headersOf(attachment, attachment.bytes.length))
    response.end(method === 'HEAD' ? undefined : attachment.bytes)
  }

  #fail(response: ServerResponse, attachment: AttachmentState, fault: CdnFault): void {
    const { bytes } = attachment
    switch (fault.kind) {
      case 'status':
        response.writeHead(fault.status).end()
        return
      case 'redirect':
        response.writeHead(302, { Location: fault.location }).end()
        return
      case 'wrong-type':
        response.writeHead(200, { 'Content-Type': fault.contentType }).end(fault.body)
        return
      case 'lying-length':
        response.writeHead(200, headersOf(attachment, fault.claimedBytes))
        // Ending the connection is the only end that a body has whose length is a lie.
        response.write(bytes, () => response.destroy())
        return
      case 'stalls':
        response.writeHead(200, headersOf(attachment, bytes.length))
        response.write(bytes.subarray(0, fault.afterBytes))
        return
      case 'cut':
        response.writeHead(200, headersOf(attachment, bytes.length))
        response.write(bytes.subarray(0, fault.afterBytes), () => response.destroy())
        return
      case 'endless':
        response.writeHead(200, { 'Content-Type': attachment.contentType ?? 'application/octet-stream' })
        pourForever(response, bytes)
        return
    }
  }
}

function headersOf(attachment: AttachmentState, length: number): Record<string, string | number> {
  return {
    'Content-Type': attachment.contentType ?? 'application/octet-stream',
    'Content-Length': length,
    'Content-Disposition': `attachment; filename="${attachment.name}"`,
    'Accept-Ranges': 'none',
  }
}

/** Writes as fast as it is read until the reader goes away. */
function pourForever(response: ServerResponse, bytes: Buffer): void {
  const pour = () => {
    if (response.destroyed) return
    if (response.write(bytes)) setImmediate(pour)
    else response.once('drain', pour)
  }
  pour()
}
