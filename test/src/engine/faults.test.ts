// What goes wrong beneath the engine: the question gets its code, and the next one is answered. A worker that is killed is
// in engine.test.ts.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import type { Engine, EngineEvent } from '../../../src/engine/engine-api.ts'
import { MANIFEST_FILE } from '../../../src/model-package/open-package.ts'
import { buildTinyPackage, copyTinyPackage } from '../../helpers/tiny-package.ts'

/** What a worker's own heap may grow to here, so that filling it takes a moment only. */
const WORKER_HEAP_MIB = 48
const MEBIBYTE = 2 ** 20

/** Workers as they are, but with a small heap of their own. */
vi.mock(import('node:worker_threads'), async (importOriginal) => {
  const original = await importOriginal()
  class SmallWorker extends original.Worker {
    constructor(...[entry, options]: ConstructorParameters<typeof Worker>) {
      super(entry, { ...options, resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB } })
    }
  }
  return { ...original, Worker: SmallWorker }
})

let engine: Engine
afterEach(() => engine.close())

async function ask(text: string, maxTokens = 8, onEvent: (event: EngineEvent) => void = () => {}): Promise<string> {
  const messages = [{ role: 'user', content: [{ type: 'text', text } as const] } as const]
  const sampling = { temperature: 0, topP: 1, seed: 0, probe: false }
  let finish = ''
  for await (const event of engine.generate({ threadId: text.slice(0, 20), messages, maxTokens, ...sampling })) {
    onEvent(event)
    if (event.type === 'end') finish = event.finish
  }
  return finish
}

describe('an engine goes on', () => {
  it('after a graph could not be opened', async () => {
    const packageDirectory = await copyTinyPackage('mean')
    const started = vi.spyOn(Worker.prototype, 'postMessage')
    engine = await openEngine({ packageDirectory, threads: 1 })
    expect(await ask('hello')).toBe('length')
    const graph = join(packageDirectory, engine.manifest.graphs.decoder)
    renameSync(graph, `${graph}.away`)
    await (started.mock.contexts[0] as Worker).terminate()
    await expect(ask('hello')).rejects.toMatchObject({ code: 'PACKAGE_CORRUPT' })
    renameSync(`${graph}.away`, graph)
    expect(await ask('hello')).toBe('length')
  })

  it('after a run failed in the middle of an answer', async () => {
    const packageDirectory = await copyTinyPackage('mean')
    const file = join(packageDirectory, MANIFEST_FILE)
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { language: { context: number } }
    // The graph knows so many positions only.
    const positions = manifest.language.context
    manifest.language.context = positions * 2
    writeFileSync(file, JSON.stringify(manifest))
    engine = await openEngine({ packageDirectory, threads: 1 })
    let deltas = 0
    const count = ({ type }: EngineEvent) => {
      if (type === 'delta') deltas++
    }
    await expect(ask('the fox', positions, count)).rejects.toMatchObject({ code: 'INFERENCE_FAILED' })
    expect(deltas).toBeGreaterThan(0)
    expect(await ask('the fox')).toBe('length')
  })

  it('after its worker ran out of memory', async () => {
    engine = await openEngine({ packageDirectory: await buildTinyPackage('mean'), threads: 1 })
    const started = vi.spyOn(Worker.prototype, 'postMessage')
    // Twice what fits.
    const text = 'many words '.repeat(MEBIBYTE / 10)
    const content = Array.from({ length: 2 * WORKER_HEAP_MIB }, () => ({ type: 'text', text }) as const)
    const messages = [{ role: 'user', content } as const]
    const scores = engine.score({ threadId: 'long', messages, continuations: ['a'] })
    await expect(scores).rejects.toMatchObject({ code: 'INFERENCE_FAILED', retryable: true })
    await expect(scores).rejects.toThrow(/memory limit/)
    started.mockClear()
    expect(await ask('hello')).toBe('length')
    expect(started).toHaveBeenCalled()
  })
})
