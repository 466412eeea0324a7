// A language model behind the chat completions API, on loopback. It answers as it is told to, also wrong.
// The wire: https://platform.openai.com/docs/api-reference/chat/create
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request that came, parsed. */
export interface SeenChat {
  readonly authorization: string | undefined
  readonly body: {
    readonly model: string
    readonly temperature: number
    readonly messages: readonly { readonly role: string; readonly content: string }[]
    readonly stream?: boolean
    readonly stream_options?: { readonly include_usage: boolean }
    readonly response_format?: { readonly type: string; readonly json_schema?: unknown }
  }
}

/** What the next request gets instead of an answer. */
export type ChatFault =
  | { readonly status: number; readonly retryAfterSeconds?: number }
  | 'breaks-off'
  | 'ends-early'
  | 'never-answers'
  | 'a-page'

/** What the model says, or how it declines. */
export type ChatReply =
  | string
  | { readonly refusal: string }
  | { readonly cutAt: string }
  | { readonly fault: ChatFault }

/** The running model; ends with its test. */
export interface ChatDouble {
  /** For --endpoint. */
  readonly url: string
  readonly seen: readonly SeenChat[]
  /** Most requests that were under way at once. */
  readonly mostAtOnce: number
}

/** Tokens that each answer is said to take. */
export const TOKENS = { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200 }

/** Starts a model. @param reply told what was asked and how many requests came before */
export async function startChat(
  reply: (asked: SeenChat, number: number) => ChatReply | Promise<ChatReply>,
): Promise<ChatDouble> {
  const seen: SeenChat[] = []
  let atOnce = 0
  let mostAtOnce = 0
  const server = createServer((request, response) => {
    void (async () => {
      atOnce += 1
      mostAtOnce = Math.max(mostAtOnce, atOnce)
      const asked = await readRequest(request)
      const number = seen.push(asked) - 1
      if (request.method !== 'POST' || request.url !== '/v1/chat/completions') sendError(response, 404)
      else send(response, asked, await reply(asked, number))
      atOnce -= 1
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    get mostAtOnce() {
      return mostAtOnce
    },
  }
}

async function readRequest(request: IncomingMessage): Promise<SeenChat> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return { authorization: request.headers.authorization, body: JSON.parse(Buffer.concat(pieces).toString('utf8')) }
}

function send(response: ServerResponse, { body }: SeenChat, reply: ChatReply): void {
  if (typeof reply === 'object' && 'fault' in reply) {
    sendFault(response, reply.fault, body.stream === true)
    return
  }
  const isText = typeof reply === 'string'
  const content = isText ? reply : 'cutAt' in reply ? reply.cutAt : null
  const refusal = !isText && 'refusal' in reply ? reply.refusal : null
  const finishReason = !isText && 'cutAt' in reply ? 'length' : 'stop'
  if (body.stream === true) {
    sendPieces(response, { content, refusal, finishReason, hasUsage: body.stream_options?.include_usage === true })
    return
  }
  const choices = [{ index: 0, message: { role: 'assistant', content, refusal }, finish_reason: finishReason }]
  const answer = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model, choices, usage: TOKENS }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}

interface Pieces {
  readonly content: string | null
  readonly refusal: string | null
  readonly finishReason: string
  readonly hasUsage: boolean
}

/** A few signs to an event, with a comment between as proxies are kept awake by. */
function sendPieces(response: ServerResponse, { content, refusal, finishReason, hasUsage }: Pieces): void {
  const said = content === null ? 'refusal' : 'content'
  const deltas = ((content ?? refusal ?? '').match(/[\s\S]{1,7}/g) ?? []).map((text) => ({ [said]: text }))
  const choice = (delta: object, reason: string | null) => ({
    choices: [{ index: 0, delta, finish_reason: reason }],
    ...(hasUsage ? { usage: null } : {}),
  })
  const pieces = [{ role: 'assistant' }, ...deltas].map((delta) => choice(delta, null))
  const last = hasUsage ? [{ choices: [], usage: TOKENS }] : []
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(': hello\n\n')
  for (const piece of [...pieces, choice({}, finishReason), ...last])
    response.write(`data: ${JSON.stringify(piece)}\n\n`)
  response.end('data: [DONE]\n\n')
}

function sendFault(response: ServerResponse, fault: ChatFault, isStreamed: boolean): void {
  if (fault === 'never-answers') return
  if (fault === 'ends-early' || (fault === 'breaks-off' && isStreamed)) {
    const piece = { choices: [{ index: 0, delta: { content: '{"turns": [' }, finish_reason: null }] }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify(piece)}\n\n`, () =>
      fault === 'ends-early' ? response.end() : response.destroy(),
    )
    return
  }
  if (fault === 'a-page') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>')
  } else if (fault === 'breaks-off') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"id": "chatcmpl-1", "choi', () => response.destroy())
  } else {
    if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(fault.retryAfterSeconds))
    sendError(response, fault.status)
  }
}

function sendError(response: ServerResponse, status: number): void {
  const error = { message: `This is ${status}.`, type: 'error', param: null, code: null }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
}
