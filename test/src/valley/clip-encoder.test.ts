import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { Valley } from '../../../src/valley/valley.ts'
import type { VisualTokens } from '../../../src/valley/visual-tokens.ts'
import type { Frame } from '../../../src/video/frame.ts'
import { patternFrame } from '../../helpers/open-tiny-model.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { buildTinyPackage, TINY_VARIANTS } from '../../helpers/tiny-package.ts'

const frames = [patternFrame(0), patternFrame(1), patternFrame(2)]

describe.each(TINY_VARIANTS)('a clip in the %s model', (variant) => {
  let valley: Valley
  let width: number
  let patches: number
  const encode = (...chosen: Frame[]): Promise<VisualTokens> => valley.encodeClip('a', chosen, { kind: 'video' })

  beforeAll(async () => {
    valley = await Valley.open(await openPackage(await buildTinyPackage(variant)), { intraOpThreads: 1 })
    width = valley.manifest.language.width
    patches = valley.manifest.vision.patches
  })
  afterAll(() => valley.dispose())

  it('costs one token a patch and one a frame', async () => {
    const tokens = await encode(...frames)
    expect(tokens).toMatchObject({ key: 'a', patchCount: patches, frameCount: 3, pixelValues: null })
    expect(tokens.rows.length).toBe((patches + 3) * width)
  })

  it('has behind the patch rows the row that each frame has alone, in time order', async () => {
    const { rows } = await encode(...frames)
    for (const [index, frame] of frames.entries()) {
      const alone = await encode(frame)
      const start = (patches + index) * width
      const error = relativeError(rows.subarray(start, start + width), alone.rows.subarray(patches * width))
      expect(error).toBeLessThan(1e-5)
    }
  })

  it('keeps pixel values when asked', async () => {
    const side = valley.manifest.vision.imagePixels
    const { pixelValues } = await valley.encodeClip('a', frames, { kind: 'video', keepPixelValues: true })
    expect(pixelValues!.length).toBe(3 * 3 * side * side)
  })

  it('uses the recipe of its kind', async () => {
    const video = await encode(frames[0]!)
    const image = await valley.encodeClip('a', [frames[0]!], { kind: 'image' })
    expect(image.rows).not.toEqual(video.rows)
  })

  it('is refused without a frame and with more frames than the model takes', async () => {
    await expect(encode()).rejects.toMatchObject({ code: 'CLIP_UNREADABLE' })
    const { maxFrames } = valley.manifest
    const many = Array.from({ length: maxFrames + 1 }, (_, number) => patternFrame(number, 8, 8))
    await expect(encode(...many)).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW', details: { maxFrames } })
  })
})

describe('v1', () => {
  it('pools a clip to the mean of its frames', async () => {
    const valley = await Valley.open(await openPackage(await buildTinyPackage('mean')), { intraOpThreads: 1 })
    const size = valley.manifest.vision.patches * valley.manifest.language.width
    const encode = async (...chosen: Frame[]) =>
      (await valley.encodeClip('a', chosen, { kind: 'video' })).rows.subarray(0, size)
    const alone = await Promise.all(frames.map((frame) => encode(frame)))
    const mean = alone[0]!.map((_, at) => alone.reduce((sum, rows) => sum + rows[at]!, 0) / 3)
    expect(relativeError(await encode(...frames), mean)).toBeLessThan(1e-5)
    await valley.dispose()
  })
})
