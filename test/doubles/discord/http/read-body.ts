// Bodies of requests: JSON, or a form with files and `payload_json`.
// https://discord.com/developers/docs/reference#uploading-files
import type { IncomingMessage } from 'node:http'
import { RESTJSONErrorCodes } from 'discord.js'
import { apiError } from './api-error.ts'

/** The greatest request that Discord takes, bytes. */
const MAX_REQUEST_BYTES = 25 * 1024 * 1024

/** A file of a form. */
export interface UploadedFile {
  /** The n of `files[n]`, to which an attachment's id refers. */
  readonly index: number
  readonly name: string
  readonly contentType: string | null
  readonly bytes: Uint8Array
}

/** What a request carries. */
export interface RequestBody {
  /** The JSON, or undefined when there is none. */
  readonly json: unknown
  readonly files: readonly UploadedFile[]
}

/**
 * Reads a body to its end.
 * @returns null when the sender went away before that
 * @throws ApiError 40005 or 50109
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody | null> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request) {
      const bytes = chunk as Buffer
      length += bytes.length
      // The rest is read on and thrown away, so that the answer reaches the sender.
      if (length <= MAX_REQUEST_BYTES) chunks.push(bytes)
    }
  } catch (error) {
    if (!request.complete) return null
    throw error
  }
  if (length > MAX_REQUEST_BYTES) throw apiError(RESTJSONErrorCodes.RequestEntityTooLarge)
  if (length === 0) return { json: undefined, files: [] }
  const body = Buffer.concat(chunks)
  const contentType = request.headers['content-type'] ?? ''
  return contentType.startsWith('multipart/form-data') ? readForm(body, contentType) : { json: parse(body), files: [] }
}

async function readForm(body: Buffer, contentType: string): Promise<RequestBody> {
  // Node's own fetch classes know how to read a form.
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const files: UploadedFile[] = []
  for (const [key, value] of form.entries()) {
    const index = /^files\[(\d+)\]$/.exec(key)?.[1]
    if (index === undefined || typeof value === 'string') continue
    const bytes = new Uint8Array(await value.arrayBuffer())
    files.push({ index: Number(index), name: value.name, contentType: value.type || null, bytes })
  }
  const payload = form.get('payload_json')
  return { json: typeof payload === 'string' ? parse(Buffer.from(payload)) : {}, files }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(String(body)) as unknown
  } catch {
    throw apiError(RESTJSONErrorCodes.RequestBodyContainsInvalidJSON)
  }
}
