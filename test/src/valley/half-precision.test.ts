import { afterEach, expect, it } from 'vitest'
import { halfFile } from '../../../src/model-package/half-file.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { OnnxSession } from '../../../src/onnx/session.ts'
import { float32Tensor } from '../../../src/onnx/tensor.ts'
import { preferHalf } from '../../../src/valley/half-precision.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

// The CPU runs such a graph too: it widens what is multiplied, so that both graphs compute the same there.

const open: OnnxSession[] = []
afterEach(() => Promise.all(open.splice(0).map((session) => session.dispose())))

/** Which of a package's decoders is taken. @param change what stands in the place of the one in float32 */
async function chosenOf(directory: string, change: (decoder: OnnxSession) => OnnxSession = (decoder) => decoder) {
  const modelPackage = await openPackage(directory)
  const { manifest, pathOf } = modelPackage
  const openGraph = (file: string) => OnnxSession.open(pathOf(file), { intraOpThreads: 1 })
  const { embedTokens, decoder } = manifest.graphs
  const [words, wide] = [await openGraph(embedTokens), await openGraph(decoder)]
  open.push(words, wide)
  const taken = await preferHalf(change(wide), words, modelPackage, { intraOpThreads: 1 })
  open.push(taken)
  return { taken: taken.name, half: halfFile(decoder), wide: decoder }
}

it('is taken for the decoder of a package in fp16 that computes the same with it', async () => {
  const { taken, half } = await chosenOf(await buildTinyPackage('mean', 'fp16'))
  expect(taken).toBe(half)
})

it('is not taken where the package has no such graph', async () => {
  const { taken, wide } = await chosenOf(await buildTinyPackage('mean', 'fp32'))
  expect(taken).toBe(wide)
})

it('is not taken where it computes something else than float32 does', async () => {
  const { taken, wide } = await chosenOf(await buildTinyPackage('mean', 'fp16'), (decoder) => {
    const run: OnnxSession['run'] = async (feeds, outputs) => {
      const given = await decoder.run(feeds, outputs)
      const { data, dims } = given.logits!
      return {
        ...given,
        logits: float32Tensor(
          (data as Float32Array).map((value) => value * 1.05),
          dims,
        ),
      }
    }
    const { name, inputNames } = decoder
    return { name, inputNames, run, dispose: () => decoder.dispose() } as unknown as OnnxSession
  })
  expect(taken).toBe(wide)
})
