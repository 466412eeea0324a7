// An answer that came piece by piece, as server-sent events, put together to what a server that does not stream says at once.
// The form of the pieces: https://platform.openai.com/docs/api-reference/chat-streaming
import { z } from 'zod'

const pieceSchema = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().default(0),
        delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).default({}),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  // The last piece has the tokens, where they were asked for.
  usage: z.unknown().optional(),
})

const END = '[DONE]'

/** Media type of answers that come so. */
export const STREAM_TYPE = /^text\/event-stream\b/i

/**
 * Puts the pieces of a stream together.
 * @returns the object of an answer; null where the stream ends before the answer does, or holds something else
 */
export function joinPieces(stream: string): unknown {
  let [content, refusal, isEnded] = ['', '', false]
  let reason: string | null = null
  let usage: unknown
  for (const data of dataOf(stream)) {
    if (data === END) {
      isEnded = true
      break
    }
    const piece = parsePiece(data)
    if (piece === null) return null
    usage = piece.usage ?? usage
    for (const { index, delta, finish_reason: finishReason } of piece.choices) {
      if (index !== 0) continue
      content += delta.content ?? ''
      refusal += delta.refusal ?? ''
      reason = finishReason ?? reason
    }
  }
  // Some servers send no end but say why they stopped, others only the end.
  if (!isEnded && reason === null) return null
  return { choices: [{ message: { content, refusal }, finish_reason: reason ?? 'stop' }], usage }
}

/** What each event carries; comments, names and numbers of events say nothing here. */
function dataOf(stream: string): string[] {
  return stream.split(/\r?\n\r?\n|\r\r/).flatMap((event) => {
    const lines = event.split(/\r?\n|\r/).flatMap((line) => /^data: ?(.*)$/.exec(line)?.[1] ?? [])
    return lines.length === 0 ? [] : [lines.join('\n')]
  })
}

function parsePiece(data: string): z.infer<typeof pieceSchema> | null {
  try {
    const value: unknown = JSON.parse(data)
    // Errors in the middle of a stream come as objects of their own.
    if (typeof value === 'object' && value !== null && 'error' in value) return null
    return pieceSchema.safeParse(value).data ?? null
  } catch {
    return null
  }
}
