// Chooses how the decoder keeps its KV cache. Writing in place rests on how the binding of ONNX Runtime works inside, so it
// is proven on the model itself each time that one is opened: a prompt and a step, both ways, must agree to the last bit.
import type { OnnxSession } from '../onnx/session.ts'
import { Decoder } from './decoder.ts'
import { KvCache } from './kv-cache.ts'
import type { Shapes } from './shapes.ts'

/** Two chunks behind each other and a step: rows are written, read again, and written behind what was read. */
const TRIAL_PROMPT = [1, 2, 3]
const TRIAL_CHUNK = 2
const TRIAL_STEP = 4

/** Opens the decoder in the fastest mode that is right on this machine. @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED */
export async function openDecoder(embedTokens: OnnxSession, decoder: OnnxSession, shapes: Shapes): Promise<Decoder> {
  const copied = new Decoder(embedTokens, decoder, shapes, 'copied')
  if (!decoder.endsEarly) return copied
  const inPlace = new Decoder(embedTokens, decoder, shapes, 'in-place')
  return (await agree(copied, inPlace, shapes)) ? inPlace : copied
}

/** Whether a decoder gives, and keeps, exactly what another does; one that fails does not. */
export async function agree(proven: Decoder, tried: Decoder, shapes: Shapes): Promise<boolean> {
  const expected = await tryOut(proven, shapes)
  const seen = await tryOut(tried, shapes).catch(() => null)
  return seen !== null && expected.every((values, index) => equal(values, seen[index]!))
}

/** Logits of a prompt and of a step, then all rows of the cache. */
async function tryOut(decoder: Decoder, shapes: Shapes): Promise<Float32Array[]> {
  const { V, Hkv, Dh } = shapes
  const cache = new KvCache(shapes, TRIAL_PROMPT.length + 1)
  const prompt = TRIAL_PROMPT.map((id) => ({ id: id % V, visual: null }))
  const logits = await decoder.prefill(prompt, cache, undefined, TRIAL_CHUNK)
  const next = await decoder.decodeStep(TRIAL_STEP % V, cache)
  const rows = Object.values(cache.pastTensors()).map(({ data }) => data as Float32Array)
  return [logits!, next, ...rows.map((values) => values.subarray(0, Hkv * cache.length * Dh))]
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
