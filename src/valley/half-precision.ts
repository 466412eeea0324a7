// The decoder in half precision: half the weights to read and half the memory, on a GPU that multiplies float16. How exact its
// sums are is up to its driver, so the graph is held to the one in float32 each time that a model is opened.
import { AppError } from '../errors.ts'
import { halfFile } from '../model-package/half-file.ts'
import type { ModelPackage } from '../model-package/model-package.ts'
import { OnnxSession, type SessionOptions } from '../onnx/session.ts'
import { Decoder } from './decoder.ts'
import { agree } from './open-decoder.ts'
import { shapesOf } from './shapes.ts'

/** Of the largest value. Products in half precision with exact sums give 1e-3, sums in half precision several times that. */
const HALF_TOLERANCE = 2e-2
/** A prompt and a step behind it, in runs that go to the simplest attention kernels. */
const TRIAL = { promptTokens: 24, chunkTokens: 16, tolerance: HALF_TOLERANCE }

/**
 * Takes the graph in half precision where the package has one and it gives nearly what the other does. Both are open for the
 * trial; the one that is not taken is closed.
 * @param decoder the graph in float32
 * @param options as it was opened with
 * @returns one of the two, which the caller disposes
 */
export async function preferHalf(
  decoder: OnnxSession,
  embedTokens: OnnxSession,
  modelPackage: ModelPackage,
  options: SessionOptions,
): Promise<OnnxSession> {
  const { manifest, pathOf } = modelPackage
  const file = halfFile(manifest.graphs.decoder)
  if (!Object.hasOwn(manifest.files, file)) return decoder
  const half = await OnnxSession.open(pathOf(file), options).catch(unlessLost)
  if (half === null) return decoder
  const shapes = shapesOf(manifest)
  const [proven, tried] = [decoder, half].map((graph) => new Decoder(embedTokens, graph, shapes, 'copied'))
  const isNear = await agree(proven!, tried!, shapes, TRIAL)
  await (isNear ? decoder : half).dispose()
  return isNear ? half : decoder
}

/** A device that has no room for both goes on with the one that it has. */
function unlessLost(error: unknown): null {
  if (error instanceof AppError && error.code === 'DEVICE_LOST') return null
  throw error
}
