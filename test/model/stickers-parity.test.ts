// A trained model in float32, the first that shipped, held to PyTorch: the same clips through the product and through the
// slow reference of training/valley_training/reference.py, whose results training/valley_training/fixtures/parity.py wrote.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPackage } from '../../src/model-package/open-package.ts'
import type { ModelEvent } from '../../src/valley/answer-request.ts'
import { encodeFrames } from '../../src/valley/encoder.ts'
import { closeGraphs, type Graphs, openGraphs } from '../../src/valley/graphs.ts'
import { poolPatches } from '../../src/valley/pooling.ts'
import { projectFeatures } from '../../src/valley/projector.ts'
import type { PromptMessage } from '../../src/valley/prompt.ts'
import { type Shapes, shapesOf } from '../../src/valley/shapes.ts'
import { Valley } from '../../src/valley/valley.ts'
import type { VisualTokens } from '../../src/valley/visual-tokens.ts'
import { openClip } from '../../src/video/open-clip.ts'
import { INSTALLED_TOOLS } from '../helpers/make-clips.ts'
import { floatTensor, readReferenceFile, relativeError } from '../helpers/reference-tensors.ts'

interface ReferenceAnswer {
  readonly question: string
  readonly promptTokenIds: number[]
  readonly tokenIds: number[]
  readonly answer: string
}
interface ReferenceClip extends ReferenceAnswer {
  readonly file: string
  readonly frameIndices: number[]
  readonly followUp?: ReferenceAnswer
}

const packageDirectory = fileURLToPath(new URL('../fixtures/valley-stickers', import.meta.url))
const fixtures = fileURLToPath(new URL('../fixtures/parity', import.meta.url))
const reference = JSON.parse(readFileSync(join(fixtures, 'reference.json'), 'utf8')) as { clips: ReferenceClip[] }
const tensors = readReferenceFile(join(fixtures, 'reference.safetensors'))
const clipsWithTensors = reference.clips.flatMap((clip, index) =>
  `${index}.features` in tensors ? [{ clip, index }] : [],
)

/** One step of 255, normalised by the smallest of CLIP's deviations: another ffmpeg may round a colour differently. */
const ONE_COLOUR_STEP = 1.01 / 255 / 0.26130258
/** Share of the tensor's root mean square; an honest fp32 runtime lands near 1e-5. */
const TOLERANCE = 1e-4

let valley: Valley
let graphs: Graphs
let shapes: Shapes

beforeAll(async () => {
  const modelPackage = await openPackage(packageDirectory)
  valley = await Valley.open(modelPackage, { intraOpThreads: 1 })
  graphs = await openGraphs(modelPackage, { intraOpThreads: 1 })
  shapes = shapesOf(modelPackage.manifest)
})
afterAll(async () => {
  await valley.dispose()
  await closeGraphs(graphs)
})

/** A clip file as visual tokens, by the product's own path, with the indices of the pictures that were looked at. */
async function lookAt(file: string): Promise<{ visual: VisualTokens; indices: number[] }> {
  await using clip = await openClip(join(packageDirectory, 'evaluation', file), { tools: INSTALLED_TOOLS })
  const pictures = clip.sample(valley.manifest.frames)
  const visual = await valley.encodeClip(file, clip.decode(pictures), { kind: clip.kind, keepPixelValues: true })
  return { visual, indices: pictures.map(({ index }) => index) }
}

async function answer(
  messages: readonly PromptMessage[],
  probe = false,
): Promise<Extract<ModelEvent, { type: 'end' }>> {
  const request = { messages, maxTokens: 64, temperature: 0, topP: 1, seed: 0, probe }
  for await (const event of valley.answer(request, valley.startConversation())) if (event.type === 'end') return event
  throw new Error('an answer ends with an end event')
}

function asked(question: string, visual?: VisualTokens): PromptMessage {
  const words = { type: 'text', text: question } as const
  return { role: 'user', content: visual === undefined ? [words] : [words, { type: 'clip', clip: visual }] }
}

describe('a trained model against PyTorch, from the file on', () => {
  it.each(reference.clips)('answers about $file with the same tokens', async (clip) => {
    const { visual, indices } = await lookAt(clip.file)
    expect(indices).toEqual(clip.frameIndices)
    const end = await answer([asked(clip.question, visual)])
    expect(end.promptTokenIds).toEqual(clip.promptTokenIds)
    expect(end.tokenIds).toEqual(clip.tokenIds)
    expect(end.answer).toBe(clip.answer)
    if (clip.followUp !== undefined) {
      const said = { role: 'assistant', content: [{ type: 'text', text: end.answer }] } as const
      const then = await answer([asked(clip.question, visual), said, asked(clip.followUp.question)])
      expect(then.promptTokenIds).toEqual(clip.followUp.promptTokenIds)
      expect(then.tokenIds).toEqual(clip.followUp.tokenIds)
    }
  })

  it.each(clipsWithTensors)(
    'sees the same pixel values in clip $index to within one colour step',
    async ({ clip, index }) => {
      const { visual } = await lookAt(clip.file)
      const expected = floatTensor(tensors, `${index}.pixel_values`).values
      const largest = expected.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - visual.pixelValues![at]!)),
        0,
      )
      expect(largest).toBeLessThan(ONE_COLOUR_STEP)
    },
  )
})

describe.each(clipsWithTensors)('a trained model against PyTorch, stage by stage on clip $index', ({ clip, index }) => {
  const expected = (name: string) => floatTensor(tensors, `${index}.${name}`)

  it('gives the same features, visual tokens and first logits', async () => {
    const pixels = expected('pixel_values')
    const frameCount = pixels.shape[0]!
    const features = await encodeFrames(graphs.visionEncoder, pixels.values, frameCount, shapes)
    expect(relativeError(features, expected('features').values)).toBeLessThan(TOLERANCE)

    const visual = await visualTokensOf(
      await projectFeatures(graphs.projector, features, frameCount, shapes),
      frameCount,
    )
    expect(relativeError(visual.rows, expected('visual_tokens').values)).toBeLessThan(TOLERANCE)

    const end = await answer([asked(clip.question, visual)], true)
    expect(relativeError(end.probe!.firstStepLogits, expected('first_logits').values)).toBeLessThan(TOLERANCE)
  })

  /** [T, 1 + P, Dl] -> pooled patches, then each frame's class row. */
  async function visualTokensOf(projected: Float32Array, frameCount: number): Promise<VisualTokens> {
    const { P, Dl } = shapes
    const perFrame = (1 + P) * Dl
    const patches = new Float32Array(frameCount * P * Dl)
    const rows = new Float32Array((P + frameCount) * Dl)
    for (let frame = 0; frame < frameCount; frame++) {
      const start = frame * perFrame
      patches.set(projected.subarray(start + Dl, start + perFrame), frame * P * Dl)
      rows.set(projected.subarray(start, start + Dl), (P + frame) * Dl)
    }
    rows.set(await poolPatches(graphs.pooling!, patches, frameCount, shapes))
    return { key: `reference-${index}`, patchCount: P, frameCount, rows, pixelValues: null }
  }
})
