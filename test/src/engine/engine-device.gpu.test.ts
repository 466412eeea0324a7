// What happens on a GPU: a real one, or SwiftShader, which npm test fetches on Debian. One process for all of it, since a
// software GPU takes seconds to compile its kernels.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import type { Engine, EngineEvent, EngineMessage, GenerateRequest } from '../../../src/engine/engine-api.ts'
import { serializeError } from '../../../src/errors.ts'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { ChosenDevice } from '../../../src/onnx/devices/device.ts'
import { deviceLost } from '../../../src/onnx/devices/device-lost.ts'
import { DeviceMemory } from '../../../src/onnx/devices/device-memory.ts'
import { probeHalfPrecision, probeProvider } from '../../../src/onnx/providers.ts'
import { float32Tensor } from '../../../src/onnx/tensor.ts'
import { hasSoftwareGpu } from '../../../src/setup/software-gpu.mjs'
import { Decoder } from '../../../src/valley/decoder.ts'
import { DeviceCaches } from '../../../src/valley/device-caches.ts'
import { closeGraphs, type Graphs, openGraphs } from '../../../src/valley/graphs.ts'
import { KvCache } from '../../../src/valley/kv-cache.ts'
import { openDecoder } from '../../../src/valley/open-decoder.ts'
import { type Shapes, shapesOf } from '../../../src/valley/shapes.ts'
import type { Frame } from '../../../src/video/frame.ts'
import {
  type FormulaClip,
  familyCheckpoint,
  formulaFrame,
  type ReferenceCase,
  referenceCases,
  referenceTensors,
} from '../../helpers/family-checkpoint.ts'
import { patternFrame } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

type EndEvent = Extract<EngineEvent, { type: 'end' }>

const sampling = { maxTokens: 10, temperature: 0, topP: 1, seed: 0, probe: false }
/** Sums in another order; float32 has 6e-8. */
const TOLERANCE = 1e-5
/** Of transformers' values, whose sums are in yet another order. */
const REFERENCE_TOLERANCE = 1e-4
/** Enough to see that places go on behind a clip. */
const STEPS = 6

const problem = await probeProvider('webgpu')

async function ask(engine: Engine, threadId: string, text: string, more: Partial<GenerateRequest> = {}) {
  let end: EngineEvent | null = null
  for await (const event of engine.generate({ threadId, ...questionOf(text), ...more })) end = event
  return end as EndEvent
}

function questionOf(text: string): Omit<GenerateRequest, 'threadId'> {
  const content = [{ type: 'clip', key: 'clip' } as const, { type: 'text', text } as const]
  return { messages: [{ role: 'user', content }], ...sampling }
}

async function look(engine: Engine): Promise<void> {
  const frames = (async function* () {
    yield* [patternFrame(0), patternFrame(1)]
  })()
  await engine.encodeClip({ key: 'clip', kind: 'video', frames })
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  const most = a.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index]!)), 0) / most
}

function withoutGpu(): void {
  it(`answers on the CPU and says why: ${problem}`, async () => {
    expect(hasSoftwareGpu()).toBe(false)
    const told: ChosenDevice[] = []
    const engine = await openEngine({
      packageDirectory: directory,
      device: 'auto',
      onDevice: (device) => told.push(device),
    })
    expect(told).toEqual([{ name: 'cpu', reason: expect.stringMatching(/\S/), halfPrecision: false }])
    await engine.close()
    await expect(openEngine({ packageDirectory: directory, device: 'webgpu' })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
    })
  })
}

/** Open to the last test, which keeps the kernels that were compiled. */
const graphs: Partial<Record<'cpu' | 'webgpu', Graphs>> = {}
let directory: string
let shapes: Shapes
let context: number

beforeAll(async () => {
  directory = await buildTinyPackage('mean')
  if (problem !== '') return
  const modelPackage = await openPackage(directory)
  shapes = shapesOf(modelPackage.manifest)
  context = modelPackage.manifest.language.context
  for (const device of ['cpu', 'webgpu'] as const) {
    graphs[device] = await openGraphs(modelPackage, { intraOpThreads: 1, device })
  }
})
afterAll(() => Promise.all(Object.values(graphs).map(closeGraphs)))

function withGpu(): void {
  describe('its memory', () => {
    it('takes rows in, lets them grow, and gives back those that are asked for', async () => {
      const memory = await DeviceMemory.open('webgpu')
      const values = Float32Array.from({ length: 2 * 3 * 4 }, (_, index) => index)
      const small = await memory.takeIn(float32Tensor(values, [1, 2, 3, 4]), 5)
      expect(small.dims).toEqual([1, 2, 5, 4])
      const large = await memory.enlarge(small, 3, 9)
      small.dispose()
      expect(large.dims).toEqual([1, 2, 9, 4])
      const { dims, data } = await memory.readBack(large, { from: 1, to: 3 })
      expect(dims).toEqual([1, 2, 2, 4])
      expect([...data]).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23])
      large.dispose()
      await memory.dispose()
    })
  })

  it('says so when its memory is not enough, and works on', async () => {
    const memory = await DeviceMemory.open('webgpu')
    const rows = float32Tensor(Float32Array.of(1, 2), [1, 1, 2, 1])
    const moreThanAnyHas = 2 ** 32 - 1
    await expect(memory.takeIn(rows, moreThanAnyHas)).rejects.toMatchObject({ code: 'DEVICE_LOST' })
    const fits = await memory.takeIn(rows, 2)
    expect([...(await memory.readBack(fits, { from: 0, to: 2 })).data]).toEqual([1, 2])
    fits.dispose()
    await memory.dispose()
  })

  describe('a decoder', () => {
    it('gives and keeps what the CPU does, over a long prompt, steps, a cut and growth', async () => {
      const { embedTokens, decoder, deviceMemory } = graphs.webgpu!
      const decoders = [
        new Decoder(graphs.cpu!.embedTokens, graphs.cpu!.decoder, shapes, 'copied'),
        await openDecoder(embedTokens, decoder, shapes, deviceMemory),
      ]
      expect(decoders[1]!.mode).toBe('on-device')
      const [expected, seen] = await Promise.all(
        decoders.map(async (one) => {
          const cache = new KvCache(shapes, context)
          const prompt = Array.from({ length: 60 }, (_, index) => ({ id: (index * 7) % 60, visual: null }))
          const logits = [(await one.prefill(prompt, cache))!]
          for (let id = 0; id < 6; id++) logits.push(await one.decodeStep(id, cache)) // grows at 64 rows
          cache.truncate(30)
          logits.push(...(await one.decodeAll([5, 6, 7], cache)))
          await one.settle(cache)
          expect(cache.rowsAtHome).toBe(33)
          logits.push(await one.decodeStep(8, cache)) // back on the device
          await one.settle(cache)
          return [...logits, ...cache.rowPieces(cache.length)]
        }),
      )
      expect(Math.max(...expected!.map((values, index) => largestDifference(values, seen![index]!)))).toBeLessThan(
        TOLERANCE,
      )
    })

    it('names the GPU when a run fails there', async () => {
      const run = graphs.webgpu!.decoder.run({})
      await expect(run).rejects.toMatchObject({ code: 'DEVICE_LOST', cause: expect.any(Error) })
    })

    it('forgets the rows that the GPU does not give back, and keeps the others', async () => {
      const { embedTokens, decoder, deviceMemory } = graphs.webgpu!
      const broken = {
        takeIn: deviceMemory!.takeIn.bind(deviceMemory),
        readBack: () => Promise.reject(new Error('gone')),
      } as unknown as DeviceMemory
      const one = new Decoder(embedTokens, decoder, shapes, new DeviceCaches(broken, shapes))
      const cache = new KvCache(shapes, context)
      await one.prefill([{ id: 1, visual: null }], cache)
      await one.settle(cache)
      expect(cache.length).toBe(0)
    })
  })

  describe('an engine', () => {
    const told: ChosenDevice[] = []
    let gpu: Engine
    beforeAll(async () => {
      const onDevice = (device: ChosenDevice) => told.push(device)
      // Room for as many rows as the context has, counted twice since caches grow by doubling.
      const maxGpuBytes = 2 * context * 2 * shapes.L * shapes.Hkv * shapes.Dh * Float32Array.BYTES_PER_ELEMENT
      gpu = await openEngine({ packageDirectory: directory, threads: 1, device: 'auto', maxGpuBytes, onDevice })
    })
    afterAll(() => gpu.close())

    it('is chosen by itself and answers as on the CPU: alone, at the same time, and going on', async () => {
      const cpu = await openEngine({ packageDirectory: directory, threads: 1 })
      // SwiftShader multiplies no float16; a real GPU may.
      const refusal = await probeHalfPrecision('webgpu')
      if (hasSoftwareGpu()) expect(refusal).toMatch(/f16/)
      expect(told[0]).toMatchObject({ name: 'webgpu', halfPrecision: refusal === '' })
      expect(told[0]!.reason).toMatch(refusal === '' ? /^a GPU opens, with half/ : /^a GPU opens, without half/)
      expect(told.every(({ name }) => name === 'webgpu')).toBe(true)
      const seen = await Promise.all(
        [cpu, gpu].map(async (engine) => {
          await look(engine)
          const ends = await Promise.all(['the fox', 'hello'].map((text, index) => ask(engine, `${index}`, text)))
          ends.push(await ask(engine, '0', 'the fox')) // reads nothing again
          ends.push(await ask(engine, 'another', 'the fox')) // takes over what another thread has read
          return ends.map(({ tokenIds, reusedTokens }) => ({ tokenIds, reusedTokens }))
        }),
      )
      expect(seen[1]).toEqual(seen[0])
      const second = await openEngine({ packageDirectory: directory, threads: 1, device: 'auto' })
      expect(second.device).toMatchObject({ name: 'cpu', reason: 'another model of this process has the GPU' })
      await Promise.all([cpu, second].map((engine) => engine.close()))
    })

    it('begins an answer only when its memory has room for that beside the others', async () => {
      const told: string[] = []
      const begin = async (threadId: string) => {
        let tokens = 0
        const request = { ...questionOf('hello'), threadId, maxTokens: context / 2 }
        for await (const { type } of gpu.generate(request)) {
          told.push(`${threadId} ${type}`)
          if (type === 'delta' && ++tokens === 2) return // which ends the answer
        }
      }
      await Promise.all(['first', 'second'].map(begin))
      const oneAnswer = ['prefill', 'delta', 'delta']
      expect(told).toEqual(['first', 'second'].flatMap((thread) => oneAnswer.map((type) => `${thread} ${type}`)))
    })

    it('leaves a GPU that fails: what runs gets its code, and the next question is answered on the CPU', async () => {
      const post = vi.spyOn(Worker.prototype, 'postMessage')
      const running = ['one', 'two'].map((thread) => ask(gpu, thread, 'the fox', { maxTokens: 100 }))
      const outcome = Promise.all(
        running.map((answer) => expect(answer).rejects.toMatchObject({ code: 'DEVICE_LOST', retryable: true })),
      )
      // As the worker says it when a run on the GPU fails.
      await vi.waitFor(() => expect(post.mock.lastCall?.[0]).toMatchObject({ task: { type: 'generate' } }))
      const worker = post.mock.contexts.at(-1) as Worker
      const { id } = post.mock.lastCall![0] as { id: number }
      const error = serializeError(deviceLost('the graph decoder.onnx', new Error('the device was taken away')))
      worker.emit('message', { type: 'failed', id, error })
      await outcome
      expect(await ask(gpu, 'next', 'hello')).toMatchObject({ finish: 'length' })
      expect(gpu.device.name).toBe('cpu')
      expect(told.at(-1)!.name).toBe('cpu')
      expect(told.at(-1)!.reason).toMatch(/^The GPU failed \(the graph decoder\.onnx: the device was taken away\)/)
    })
  })

  describe('a model whose places have three parts', () => {
    let outputDirectory: string
    let gpu: Engine
    beforeAll(async () => {
      outputDirectory = mkdtempSync(join(tmpdir(), 'valley-places-'))
      const checkpointDirectory = familyCheckpoint('qwen2.5-vl')
      await buildPackage({ checkpointDirectory, outputDirectory, precision: 'fp32' })
      gpu = await openEngine({ packageDirectory: outputDirectory, threads: 1, device: 'webgpu' })
    })
    afterAll(async () => {
      await gpu.close()
      rmSync(outputDirectory, { recursive: true, force: true })
    })

    it('says what transformers does: at the same time, and going on', async () => {
      expect(gpu.device.name).toBe('webgpu')
      // SwiftShader has subgroups of 4 lanes, which the kernel that attends to a whole frame cannot do with.
      if (hasSoftwareGpu()) {
        const reason = /; clips are looked at on the CPU: the GPU gave it other values than the CPU does$/
        expect(gpu.device.reason).toMatch(reason)
      }
      const tensors = referenceTensors('qwen2.5-vl')
      const cases = new Map(referenceCases('qwen2.5-vl').map((one) => [one.name, one]))
      const answer = async (name: string, threadId: string) => {
        const { turns, promptTokenIds, greedyIds } = cases.get(name)!
        const request = {
          threadId,
          messages: await engineMessages(gpu, turns),
          ...sampling,
          maxTokens: STEPS,
          probe: true,
        }
        let last: EngineEvent | null = null
        for await (const event of gpu.generate(request)) last = event
        const end = last as EndEvent
        expect(end.promptTokenIds).toEqual(promptTokenIds)
        expect(end.tokenIds).toEqual(greedyIds.slice(0, STEPS))
        const expected = tensors[`${name}.logits`]!.values
        expect(relativeError(end.probe!.firstStepLogits, expected)).toBeLessThan(REFERENCE_TOLERANCE)
        return end
      }
      await Promise.all([answer('video', 'one'), answer('other image', 'two')])
      // All of the clip, which comes before the words.
      expect((await answer('two turns', 'one')).reusedTokens).toBeGreaterThan(42)
    })
  })
}

/** Has an engine look at the clips of a conversation, and gives the conversation as it takes it. */
async function engineMessages(engine: Engine, turns: ReferenceCase['turns']): Promise<EngineMessage[]> {
  const messages: EngineMessage[] = []
  for (const { role, clips, text } of turns) {
    for (const clip of clips) {
      await engine.encodeClip({ key: JSON.stringify(clip), kind: clip.kind, frames: framesOf(clip) })
    }
    const keys = clips.map((clip) => ({ type: 'clip' as const, key: JSON.stringify(clip) }))
    messages.push({ role, content: [...keys, { type: 'text', text }] })
  }
  return messages
}

async function* framesOf({ first_frame: first, frames, width, height, fps = 1 }: FormulaClip): AsyncGenerator<Frame> {
  for (let index = 0; index < frames; index++) yield formulaFrame(first + index, width, height, index / fps)
}

describe(problem === '' ? 'on a GPU' : 'where no GPU opens', problem === '' ? withGpu : withoutGpu)
