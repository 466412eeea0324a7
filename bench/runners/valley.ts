// Runs Valley's engine on a package as the product does, worker thread and streaming included. argv: package, threads.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openEngine } from '../../src/engine/engine.ts'
import type { Engine, EngineEvent, EngineMessage } from '../../src/engine/engine-api.ts'
import { type Figures, serve, type Task } from './serve.ts'

const [packageDirectory = '', threads] = process.argv.slice(2)
const GREEDY = { temperature: 0, topP: 1, seed: 0, probe: false }
let nextThread = 0

await serve(async () => {
  const engine = await openEngine({ packageDirectory, threads: Number(threads) })
  const words = await wordsFor(engine)

  return async ({ promptTokens, newTokens }: Task): Promise<Figures> => {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const answer = await timeAnswer(engine, words(promptTokens), newTokens)
    delay.disable()
    return {
      prefillPerSecond: (answer.promptTokens / answer.prefillMs) * 1000,
      decodePerSecond: ((answer.newTokens - 1) / answer.decodeMs) * 1000,
      loopDelayP99Ms: delay.percentile(99) / 1e6,
      memoryMiB: process.memoryUsage.rss() / 2 ** 20,
    }
  }
})

/** Words that make a prompt of a length in tokens. */
async function wordsFor(engine: Engine): Promise<(tokens: number) => EngineMessage[]> {
  const message = (letters: number): EngineMessage[] => [
    { role: 'user', content: [{ type: 'text', text: wordsOf(letters) }] },
  ]
  const { promptTokens: around } = await timeAnswer(engine, message(1), 1)
  const { promptTokens: with100 } = await timeAnswer(engine, message(101), 1)
  const tokensALetter = (with100 - around) / 100
  return (tokens) => message(Math.max(1, Math.round((tokens - around) / tokensALetter) + 1))
}

function wordsOf(letters: number): string {
  return Array.from({ length: letters }, (_, at) => String.fromCharCode(97 + ((at * 7 + ((at * at) % 11)) % 26))).join(
    '',
  )
}

/** Asks once, in a thread of its own, and times it as the caller sees it. */
async function timeAnswer(engine: Engine, messages: EngineMessage[], maxTokens: number) {
  const threadId = `bench-${nextThread++}`
  let begun = 0
  let end: Extract<EngineEvent, { type: 'end' }> | null = null
  for await (const event of engine.generate({ threadId, messages, maxTokens, ...GREEDY })) {
    if (event.type === 'prefill') begun = performance.now()
    if (event.type === 'end') end = event
  }
  if (end === null) throw new Error('an answer ends with an end event')
  const took = performance.now() - begun
  const prefillMs = end.timingsMs.prefill!
  await engine.forget(threadId)
  return {
    promptTokens: end.promptTokenIds.length,
    newTokens: end.tokenIds.length,
    prefillMs,
    decodeMs: took - prefillMs,
  }
}
