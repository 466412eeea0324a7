// Packages of lower precision against PyTorch's float32. The root mean square of the error is bounded by what the format
// rounds: independent products add in squares, so a chain of n products may err sqrt(n) times as much as one.
//   float16: half a unit in the last of 11 bits, about 2e-4 of a value on average
//   int8: a block's largest of 32 normal values is about 2.3 sigma, rounding to 1/128 of it errs 2.3 / 128 / sqrt(12) =
//     0.5 %, and the product's int8 activations err as much again: 0.75 %
//   int4: 2.3 / 8 / sqrt(12) = 8.3 %
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GraphRunner } from '../../helpers/graph-runner.ts'
import { floatTensor, relativeRootMeanSquare, tinyReference } from '../../helpers/reference-tensors.ts'
import { buildTinyPackage, TINY_VARIANTS } from '../../helpers/tiny-package.ts'

const PRECISIONS = [
  { precision: 'fp16', visionError: 3e-4, decoderError: 3e-4 },
  { precision: 'int8', visionError: 1e-2, decoderError: 1e-2 },
  { precision: 'int4', visionError: 1e-2, decoderError: 0.1 },
] as const
/** Products that follow each other in one block: query/key/value, output, gate and up, down. */
const PRODUCTS_IN_A_BLOCK = 4

describe.each(TINY_VARIANTS)('the tiny %s checkpoint', (variant) => {
  const reference = tinyReference(variant)
  const tensor = (name: string) => floatTensor(reference, name)

  describe.each(PRECISIONS)('as a package of $precision', ({ precision, visionError, decoderError }) => {
    let graphs: GraphRunner
    beforeAll(async () => {
      graphs = await GraphRunner.open(await buildTinyPackage(variant, precision))
    })
    afterAll(() => graphs.dispose())

    it('encodes frames within the error of its format', async () => {
      const { values } = await graphs.single(
        'visionEncoder',
        tensor('pixel_values').values,
        tensor('pixel_values').shape,
      )
      const products = PRODUCTS_IN_A_BLOCK * graphs.manifest.vision.layers
      const error = relativeRootMeanSquare(values, tensor('features').values)
      expect(error).toBeLessThan(visionError * Math.sqrt(products))
      expect(error).toBeGreaterThan(0)
    })

    it('projects features within the error of one product', async () => {
      const { values } = await graphs.single('projector', tensor('features').values, tensor('features').shape)
      expect(relativeRootMeanSquare(values, tensor('projected').values)).toBeLessThan(visionError)
    })

    it('embeds tokens to the nearest float16', async () => {
      const { values } = await graphs.embed(reference.token_ids!.values as readonly number[])
      for (const [index, expected] of tensor('embeddings').values.entries()) {
        expect(Math.abs(values[index]! - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -11 + 2 ** -25)
      }
    })

    it('gives logits within the error of its format', async () => {
      const logits = await graphs.sequence(128).append(tensor('inputs_embeds').values)
      const products = PRODUCTS_IN_A_BLOCK * graphs.manifest.language.layers + 1
      const expected = tensor('step_logits').values.subarray(0, logits.length)
      const error = relativeRootMeanSquare(logits, expected)
      expect(error).toBeLessThan(decoderError * Math.sqrt(products))
      expect(error).toBeGreaterThan(0)
    })
  })
})
