// Every graph of a package against PyTorch, on the tiny checkpoints. Tolerances are shares of the expected tensor's root
// mean square. float32 is held to 1e-5: sums in another order cost about 1e-6, while the mildest of the mistakes listed
// in models-and-runtime 1.5 (another epsilon, another GELU) costs 2e-4.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GraphRunner } from '../../helpers/graph-runner.ts'
import { type FloatTensor, floatTensor, relativeError, tinyReference } from '../../helpers/reference-tensors.ts'
import { buildTinyPackage, TINY_VARIANTS } from '../../helpers/tiny-package.ts'

const FLOAT32_TOLERANCE = 1e-5

describe.each(TINY_VARIANTS)('the fp32 package of the tiny %s checkpoint', (variant) => {
  const reference = tinyReference(variant)
  const tensor = (name: string) => floatTensor(reference, name)
  const numbers = (name: string) => reference[name]!.values as readonly number[]
  const width = tensor('embeddings').shape[1]!
  let graphs: GraphRunner

  beforeAll(async () => {
    graphs = await GraphRunner.open(await buildTinyPackage(variant))
  })
  afterAll(() => graphs.dispose())

  it.each([
    ['visionEncoder', 'pixel_values', 'features'],
    ['projector', 'features', 'projected'],
  ] as const)('%s gives the reference features', async (graph, input, output) => {
    const result = await graphs.single(graph, tensor(input).values, tensor(input).shape)
    expect(result.shape).toEqual(tensor(output).shape)
    expect(relativeError(result.values, tensor(output).values)).toBeLessThan(FLOAT32_TOLERANCE)
  })

  it('embedTokens gives exactly the rows of the table', async () => {
    const result = await graphs.embed(numbers('token_ids'))
    expect(result.shape).toEqual(tensor('embeddings').shape)
    expect(result.values).toEqual(tensor('embeddings').values)
  })

  it('the decoder with its cache gives the logits of a full pass at every step, and the same greedy tokens', async () => {
    const vocabulary = tensor('step_logits').shape[1]!
    const sequence = graphs.sequence(128)
    let logits = await sequence.append(tensor('inputs_embeds').values)
    const ids: number[] = []
    for (let step = 0; step < numbers('greedy_ids').length; step++) {
      const expected = tensor('step_logits').values.subarray(step * vocabulary, (step + 1) * vocabulary)
      expect(relativeError(logits, expected)).toBeLessThan(FLOAT32_TOLERANCE)
      ids.push(logits.indexOf(Math.max(...logits)))
      logits = await sequence.append((await graphs.embed(ids.slice(-1))).values)
    }
    expect(ids).toEqual(numbers('greedy_ids'))
  })

  it('the decoder gives the logits of every prompt position, however the prefill is split', async () => {
    const { values } = tensor('inputs_embeds')
    const [rows, vocabulary] = tensor('prompt_logits').shape as [number, number]
    const sequence = graphs.sequence(rows)
    for (let done = 0, piece = 1; done < rows; piece += 1) {
      const end = Math.min(done + piece, rows)
      const logits = await sequence.append(values.slice(done * width, end * width))
      const expected = tensor('prompt_logits').values.subarray((end - 1) * vocabulary, end * vocabulary)
      expect(relativeError(logits, expected)).toBeLessThan(FLOAT32_TOLERANCE)
      done = end
    }
  })
})

describe.each(['importance', 'transformer'] as const)('%s pooling of the fp32 package', (variant) => {
  const reference = tinyReference(variant)
  const pooled = floatTensor(reference, 'pooled')
  const { patches, shape } = patchesOf(floatTensor(reference, 'projected'))
  let graphs: GraphRunner

  beforeAll(async () => {
    graphs = await GraphRunner.open(await buildTinyPackage(variant))
  })
  afterAll(() => graphs.dispose())

  it('gives the reference patches', async () => {
    const result = await graphs.single('pooling', patches, shape)
    expect(result.shape).toEqual(pooled.shape)
    expect(relativeError(result.values, pooled.values)).toBeLessThan(FLOAT32_TOLERANCE)
  })

  it('takes a single frame', async () => {
    const [, rows, width] = shape as [number, number, number]
    const result = await graphs.single('pooling', patches.slice(0, rows * width), [1, rows, width])
    const single = patches.subarray(0, rows * width)
    // A softmax over one score is 1, so v2 gives the frame itself; v3 adds its layer's output.
    if (variant === 'importance') expect(relativeError(result.values, single)).toBeLessThan(FLOAT32_TOLERANCE)
    else expect(relativeError(result.values, single)).toBeGreaterThan(0.1)
  })
})

/** projected [T, 1 + P, Dl] without the class feature: [T, P, Dl] */
function patchesOf(projected: FloatTensor): { patches: Float32Array; shape: readonly number[] } {
  const [frames, rows, width] = projected.shape as [number, number, number]
  const patches = new Float32Array(frames * (rows - 1) * width)
  for (let frame = 0; frame < frames; frame++) {
    const start = (frame * rows + 1) * width
    const end = (frame + 1) * rows * width
    patches.set(projected.values.subarray(start, end), frame * (rows - 1) * width)
  }
  return { patches, shape: [frames, rows - 1, width] }
}
