// Frame times in the prompt, held to what training writes and how its tokenizer splits it:
// training/valley_training/fixtures/frame_times.py wrote test/fixtures/frame-times.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ModelManifest, manifestSchema } from '../../../src/model-package/manifest.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { secondsInTenths } from '../../../src/valley/number-words.ts'
import { layoutTokensOf, placeVisualTokens, visualBlockText } from '../../../src/valley/placeholders.ts'
import { PromptBuilder } from '../../../src/valley/prompt.ts'
import { Tokenizer } from '../../../src/valley/tokenizer.ts'
import { Valley } from '../../../src/valley/valley.ts'
import type { VisualTokens } from '../../../src/valley/visual-tokens.ts'
import { buildTinyPackage, copyTinyPackage } from '../../helpers/tiny-package.ts'

interface Encoded {
  readonly text: string
  readonly ids: number[]
}
interface Cases {
  readonly patches: number
  readonly system: string
  readonly prompts: (Encoded & { readonly times: number[] })[]
  readonly sentences: Encoded[]
}

const fixtures = fileURLToPath(new URL('../../fixtures/frame-times', import.meta.url))
const readJson = (file: string) => JSON.parse(readFileSync(join(fixtures, file), 'utf8'))
const cases: Cases = readJson('cases.json')
const tokenizer = new Tokenizer(readJson('tokenizer.json'), {})

/** The tiny model's manifest with the fixture's ids for the layout, and with times. */
let manifest: ModelManifest
let template: string

beforeAll(async () => {
  const modelPackage = await openPackage(await buildTinyPackage('mean'))
  template = readFileSync(modelPackage.pathOf(modelPackage.manifest.tokenizer.chatTemplateFile), 'utf8')
  const { tokens, prompt } = modelPackage.manifest
  const withFixtureIds = Object.fromEntries(
    Object.entries(layoutTokensOf(modelPackage.manifest)!).map(([name, { text }]) => [
      name,
      { text, id: tokenizer.encode(text, false)[0]! },
    ]),
  )
  manifest = manifestSchema.parse({
    ...modelPackage.manifest,
    tokens: { ...tokens, ...withFixtureIds },
    prompt: { ...prompt, system: cases.system, frameTimes: 'tenths' },
  })
})

function clipOf(times: readonly number[]): VisualTokens {
  const rows = new Float32Array(cases.patches + times.length)
  return {
    key: 'a',
    patchCount: cases.patches,
    frameCount: times.length,
    rows,
    pixelValues: null,
    frameTimesSeconds: times,
  }
}

describe('frame times', () => {
  it.each(cases.prompts)('stand before their frames as in training: $times', ({ times, text, ids }) => {
    const prompts = new PromptBuilder(manifest, tokenizer, template)
    const message = {
      role: 'user',
      content: [
        { type: 'text', text: 'when?' },
        { type: 'clip', clip: clipOf(times) },
      ],
    } as const
    expect(prompts.render([message])).toBe(text)
    const built = prompts.build([message])
    expect(built.map(({ id }) => id)).toEqual(ids)
    const rows = built.flatMap(({ visual }) => (visual === null ? [] : [visual.row]))
    expect(rows).toEqual(Array.from({ length: cases.patches + times.length }, (_, row) => row))
  })

  it.each(cases.sentences)('are numbers, a token a digit, among words of any language: $text', ({ text, ids }) => {
    expect(tokenizer.encode(text, false)).toEqual(ids)
  })

  it.each([
    [0, '0.0'],
    [0.05, '0.1'],
    [2.25, '2.3'],
    [9.94, '9.9'],
    [59.96, '60.0'],
    [600, '600.0'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(secondsInTenths(seconds)).toBe(text)
  })

  it('still refuses a block that misses a frame, or that ends among the times', () => {
    const tokens = layoutTokensOf(manifest)!
    const clip = clipOf([0, 1.5])
    const ids = tokenizer.encode(visualBlockText(clip, tokens), false)
    const refusal = expect.objectContaining({ code: 'PLACEHOLDER_MISMATCH' })
    expect(placeVisualTokens(ids, [clip], tokens)).toHaveLength(ids.length)
    const lastFrame = ids.lastIndexOf(tokens.frame.id)
    expect(() => placeVisualTokens(ids.toSpliced(lastFrame, 1), [clip], tokens)).toThrow(refusal)
    expect(() => placeVisualTokens(ids.slice(0, lastFrame - 1), [clip], tokens)).toThrow(refusal)
  })

  it('come with a clip only where the package says so', async () => {
    const frame = { widthPixels: 16, heightPixels: 16, rgb: new Uint8Array(16 * 16 * 3).fill(90), timeSeconds: 1.5 }
    const plain = await Valley.open(await openPackage(await buildTinyPackage('mean')))
    const seen = await plain.encodeClip('a', [frame], { kind: 'video' })
    await plain.dispose()
    expect(seen.frameTimesSeconds).toBeUndefined()

    const timed = await openPackage(await copyTinyPackage('mean'))
    const model = await Valley.open({
      ...timed,
      pathOf: (file: string) => timed.pathOf(file),
      manifest: { ...timed.manifest, prompt: { ...timed.manifest.prompt, frameTimes: 'tenths' } },
    })
    const told = await model.encodeClip('a', [frame, { ...frame, timeSeconds: 3 }], { kind: 'video' })
    await model.dispose()
    expect(told.frameTimesSeconds).toEqual([1.5, 3])
  })
})
