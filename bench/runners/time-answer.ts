// One answer of Valley's, timed as its caller sees it.
import type { Engine, EngineEvent, EngineMessage } from '../../src/engine/engine-api.ts'

const GREEDY = { temperature: 0, topP: 1, seed: 0, probe: false }

/** When what of an answer came, milliseconds of performance.now. */
export interface TimedAnswer {
  readonly threadId: string
  readonly answer: string
  readonly promptTokens: number
  readonly newTokens: number
  readonly asked: number
  /** Of the words, the first of them first. */
  readonly times: readonly number[]
  readonly prefillMs: number
  /** From the end of the prefill to the end of the answer. */
  readonly decodeMs: number
}

/** Asks a question. */
export async function timeAnswer(
  engine: Engine,
  threadId: string,
  messages: readonly EngineMessage[],
  maxTokens: number,
): Promise<TimedAnswer> {
  const asked = performance.now()
  let begun = asked
  const times: number[] = []
  let end: Extract<EngineEvent, { type: 'end' }> | null = null
  for await (const event of engine.generate({ threadId, messages, maxTokens, ...GREEDY })) {
    if (event.type === 'prefill') begun = performance.now()
    else times.push(performance.now())
    if (event.type === 'end') end = event
  }
  if (end === null) throw new Error('an answer ends with an end event')
  const prefillMs = end.timingsMs.prefill ?? 0
  return {
    threadId,
    answer: end.answer,
    promptTokens: end.promptTokenIds.length - end.reusedTokens,
    newTokens: end.tokenIds.length,
    asked,
    times,
    prefillMs,
    decodeMs: performance.now() - begun - prefillMs,
  }
}
