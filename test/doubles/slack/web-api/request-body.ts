import type { IncomingMessage } from 'node:http'
import { isJson, type Json } from '../json.ts'

/** Reads a request's body whole. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** Arguments of a Web API call: of the query, and of the body as a form or as JSON. */
export function parseArguments(request: IncomingMessage, body: Buffer): Json {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  return { ...Object.fromEntries(searchParams), ...parseBody(request.headers['content-type'] ?? '', body.toString()) }
}

function parseBody(contentType: string, text: string): Json {
  if (text === '') return {}
  if (!contentType.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text))
  const parsed: unknown = JSON.parse(text)
  return isJson(parsed) ? parsed : {}
}

/** The bytes of an upload: the first file of a multipart form, or the body itself. */
export async function uploadedBytes(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  const contentType = request.headers['content-type'] ?? ''
  if (!contentType.startsWith('multipart/form-data')) return body
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const file = [...form.values()].find((value) => value instanceof Blob)
  return file === undefined ? Buffer.alloc(0) : Buffer.from(await file.arrayBuffer())
}

/** Token of an Authorization header of kind Bearer. */
export function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
}

/** Id and secret of an Authorization header of kind Basic. */
export function basicOf(request: IncomingMessage): { id: string; secret: string } | null {
  const encoded = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  return { id, secret }
}
