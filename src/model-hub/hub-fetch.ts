// What @huggingface/hub asks with: its `fetch` is ours, so that redirects, tokens, sizes and errors are those of the house.
import { AppError } from '../errors.ts'
import { type RetryOptions, withRetries } from '../retry.ts'
import type { Hub } from './hub-access.ts'
import { misbehaviour, networkFailure, statusFailure } from './hub-errors.ts'
import { type HubResponse, hubRequest } from './hub-request.ts'

/** The longest page of a listing is a few hundred KiB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** Of 1000 files each; a listing that goes on is none of a checkpoint. */
const MAX_REQUESTS = 50

/**
 * Makes the fetch of one listing: GET of JSON, tried again where that may help.
 * @param what asked for, for messages
 * @returns throws AppError HUB_* for anything but a success; signal.reason when aborted
 */
export function hubFetch(hub: Hub, what: string, retry: RetryOptions): typeof fetch {
  let requests = 0
  return async (input) => {
    const url = new URL(input instanceof Request ? input.url : input)
    requests += 1
    if (requests > MAX_REQUESTS) throw misbehaviour(`has more than ${MAX_REQUESTS} pages of ${what}`, url.host)
    const text = await withRetries(async () => {
      const answer = await hubRequest(hub, url, { headers: { accept: 'application/json' }, what, signal: retry.signal })
      try {
        const { statusCode = 0, headers } = answer.response
        if (statusCode !== 200) throw statusFailure(statusCode, headers, answer.asked)
        return { body: await readAll(answer), link: headers.link }
      } finally {
        answer.close()
      }
    }, retry)
    const link = Array.isArray(text.link) ? text.link.join(', ') : text.link
    const headers = { 'content-type': 'application/json', ...(link === undefined ? {} : { link }) }
    return new Response(text.body, { status: 200, headers })
  }
}

async function readAll({ response, asked }: HubResponse): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes > MAX_ANSWER_BYTES) {
        throw misbehaviour(`answers with more than ${MAX_ANSWER_BYTES} bytes for ${asked.what}`, asked.host)
      }
      pieces.push(piece)
    }
  } catch (error) {
    throw error instanceof AppError ? error : networkFailure(error, asked)
  }
  return Buffer.concat(pieces).toString('utf8')
}
