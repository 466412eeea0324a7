import { execFile } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import type { Engine } from '../../../src/engine/engine-api.ts'
import type { Frame } from '../../../src/video/frame.ts'
import { patternFrame } from '../../helpers/open-tiny-model.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const NANOSECONDS_PER_MS = 1e6
/** The bound that the issue sets: gateways' heartbeats and 3-second acknowledgements need a free main thread. */
const MAX_P99_MS = 20
/** Another process can hold a core for longer than the bound; a blocked main thread would show in every attempt. */
const ATTEMPTS = 4
/** Enough for some hundred samples, so that one late one is not yet a hundredth. */
const ANSWERS = 4
const WIDTH_PIXELS = 3840
const HEIGHT_PIXELS = 2160

/** Answers about a clip of 4K frames, each of which takes some 50 ms to preprocess alone: on this thread it would show. */
async function lookAndAnswer(engine: Engine, attempt: number, frames: readonly Frame[]): Promise<void> {
  const key = `clip-${attempt}`
  const source = (async function* () {
    yield* frames
  })()
  await engine.encodeClip({ key, kind: 'video', frames: source })
  const messages = [{ role: 'user', content: [{ type: 'clip', key } as const] } as const]
  for (let answer = 0; answer < ANSWERS; answer++) {
    const request = { threadId: `${answer}`, messages, maxTokens: 120, temperature: 0, topP: 1, seed: 0, probe: false }
    for await (const event of engine.generate(request)) expect(event).toBeDefined()
  }
}

it('leaves the main thread free while the model looks and answers: p99 of its delay stays under 20 ms', async () => {
  const engine = await openEngine({ packageDirectory: await buildTinyPackage('importance'), threads: 1 })
  const { rgb } = patternFrame(0, WIDTH_PIXELS, HEIGHT_PIXELS)
  const delaysMs: number[] = []
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const frames = [0, 1, 2, 3].map((timeSeconds) => ({
      timeSeconds,
      widthPixels: WIDTH_PIXELS,
      heightPixels: HEIGHT_PIXELS,
      rgb: rgb.slice(),
    }))
    const histogram = monitorEventLoopDelay({ resolution: 2 })
    histogram.enable()
    await lookAndAnswer(engine, attempt, frames)
    histogram.disable()
    delaysMs.push(histogram.percentile(99) / NANOSECONDS_PER_MS)
    if (delaysMs.at(-1)! < MAX_P99_MS) break
  }
  await engine.close()
  expect(Math.min(...delaysMs)).toBeLessThan(MAX_P99_MS)
})

it('lets the process end after close', async () => {
  const engineModule = new URL('../../../src/engine/engine.ts', import.meta.url).href
  const script = `
    const { openEngine } = await import(${JSON.stringify(engineModule)})
    const engine = await openEngine({ packageDirectory: process.argv[1], threads: 1 })
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }]
    const request = { threadId: 'x', messages, maxTokens: 4, temperature: 0, topP: 1, seed: 0, probe: false }
    for await (const event of engine.generate(request)) console.log(event.type)
    await engine.close()
  `
  const flags = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script]
  const child = promisify(execFile)(process.execPath, [...flags, await buildTinyPackage('importance')], {
    timeout: 30_000, // a process that does not end is the fault looked for
    killSignal: 'SIGKILL',
  })
  const { stdout } = await child
  expect(stdout.trim().split('\n').at(-1)).toBe('end')
})
