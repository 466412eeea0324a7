// Runs Valley's engine on a package as the product does, worker thread and streaming included. argv: package, threads, device.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openEngine } from '../../src/engine/engine.ts'
import type { Engine, EngineMessage } from '../../src/engine/engine-api.ts'
import { pictureOf } from './pictures.ts'
import { type Figures, serve, type Task } from './serve.ts'
import { type TimedAnswer, timeAnswer } from './time-answer.ts'

const [packageDirectory = '', threads, device] = process.argv.slice(2)
let nextName = 0

await serve(async () => {
  const onGpu = device === 'webgpu'
  const engine = await openEngine({ packageDirectory, threads: Number(threads), device: onGpu ? 'webgpu' : 'cpu' })
  if (onGpu && engine.device.name !== 'webgpu') throw new Error(engine.device.reason)
  const words = await wordsFor(engine)

  return async (task: Task): Promise<Figures> => {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const figures = await measure(engine, words, task)
    delay.disable()
    return {
      ...figures,
      loopDelayP99Ms: delay.percentile(99) / 1e6,
      memoryMiB: process.memoryUsage.rss() / 2 ** 20,
    }
  }
})

async function measure(engine: Engine, words: Words, task: Task): Promise<Figures> {
  const { kind, promptTokens, newTokens, threads, frames } = task
  if (kind === 'threads') return askAtOnce(engine, (index) => words(promptTokens, index), newTokens, threads)
  if (kind === 'clip') return askTwice(engine, frames, newTokens)
  if (kind === 'tower') return lookAt(engine, frames)
  const answer = await timeAnswer(engine, `prompt-${nextName++}`, words(promptTokens, nextName), newTokens)
  await engine.forget(answer.threadId)
  return { prefillPerSecond: perSecond(answer.promptTokens, answer.prefillMs), decodePerSecond: decodeRate(answer) }
}

/** One answer alone, then several at the same time. Their prompts were read before: what is measured is how they stream. */
async function askAtOnce(
  engine: Engine,
  wordsOf: (index: number) => EngineMessage[],
  newTokens: number,
  threads: number,
): Promise<Figures> {
  const names = Array.from({ length: threads }, () => `thread-${nextName++}`)
  const prompts = names.map((_, index) => wordsOf(nextName + index))
  for (const [index, name] of names.entries()) await timeAnswer(engine, name, prompts[index]!, 1)
  const alone = await timeAnswer(engine, names[0]!, prompts[0]!, newTokens)
  const answers = await Promise.all(names.map((name, index) => timeAnswer(engine, name, prompts[index]!, newTokens)))
  for (const name of names) await engine.forget(name)
  // While all of them stream: after the last has begun and before the first is done.
  const from = Math.max(...answers.map(({ times }) => times[0]!))
  const to = Math.min(...answers.map(({ times }) => times.at(-1)!))
  const streamed = answers.flatMap(({ times }) => times.filter((time) => time > from && time <= to)).length
  return {
    alonePerSecond: decodeRate(alone),
    togetherPerSecond: perSecond(streamed, to - from),
    aloneGapMs: medianGap(alone.times),
    togetherGapMs: Math.max(
      ...answers.map(({ times }) => medianGap(times.filter((time) => time >= from && time <= to))),
    ),
  }
}

/** A question about a new clip, and another about the same clip in the same thread. */
async function askTwice(engine: Engine, frameCount: number, newTokens: number): Promise<Figures> {
  const key = `clip-${nextName++}`
  const frames = Array.from({ length: frameCount }, (_, index) => pictureOf(index + nextName))
  const clip = { type: 'clip', key } as const
  const first: EngineMessage[] = [
    { role: 'user', content: [clip, { type: 'text', text: 'What happens in this clip?' }] },
  ]

  const begun = performance.now()
  await engine.encodeClip({ key, kind: 'video', frames: each(frames) })
  const one = await timeAnswer(engine, key, first, newTokens)
  const two = await timeAnswer(
    engine,
    key,
    [
      ...first,
      { role: 'assistant', content: [{ type: 'text', text: one.answer }] },
      { role: 'user', content: [{ type: 'text', text: 'And what colour is it?' }] },
    ],
    newTokens,
  )
  await engine.forget(key)
  engine.dropClip(key)
  return {
    firstWordMs: one.times[0]! - begun,
    secondQuestionMs: two.times[0]! - two.asked,
    answerPerSecond: decodeRate(one),
  }
}

/** The vision encoder's own time for a new clip. */
async function lookAt(engine: Engine, frameCount: number): Promise<Figures> {
  const key = `clip-${nextName++}`
  const frames = Array.from({ length: frameCount }, (_, index) => pictureOf(index + nextName))
  const { timingsMs } = await engine.encodeClip({ key, kind: 'video', frames: each(frames) })
  engine.dropClip(key)
  return { framesPerSecond: perSecond(frameCount, timingsMs.encode ?? 0) }
}

type Words = (tokens: number, variant: number) => EngineMessage[]

/** Words that make a prompt of a length in tokens; variants begin differently, so that nothing is read already. */
async function wordsFor(engine: Engine): Promise<Words> {
  const message = (letters: number, variant: number): EngineMessage[] => [
    { role: 'user', content: [{ type: 'text', text: wordsOf(letters, variant) }] },
  ]
  const { promptTokens: around } = await timeAnswer(engine, 'short', message(1, 1), 1)
  const { promptTokens: with100 } = await timeAnswer(engine, 'long', message(101, 1), 1)
  const tokensALetter = (with100 - around) / 100
  return (tokens, variant) => message(Math.max(1, Math.round((tokens - around) / tokensALetter) + 1), variant)
}

function wordsOf(letters: number, variant: number): string {
  const letter = (at: number) => String.fromCharCode(97 + ((at * 7 + ((at * at) % 11) + variant * (at + 1)) % 26))
  return Array.from({ length: letters }, (_, at) => letter(at)).join('')
}

function decodeRate({ newTokens, decodeMs }: TimedAnswer): number {
  return perSecond(newTokens - 1, decodeMs)
}

function perSecond(count: number, ms: number): number {
  return (count / ms) * 1000
}

function medianGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - times[index]!)
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? Number.NaN
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
