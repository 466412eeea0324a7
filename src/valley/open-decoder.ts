// Chooses how the decoder keeps its KV cache. Writing in place rests on how the binding of ONNX Runtime works inside, so it
// is proven on the model itself each time that one is opened: a prompt and a step, both ways, must agree to the last bit. On
// a GPU the two ways are other kernels, and must agree as nearly as sums in another order do.
import type { DeviceMemory } from '../onnx/devices/device-memory.ts'
import type { OnnxSession } from '../onnx/session.ts'
import { Decoder, PREFILL_CHUNK_TOKENS } from './decoder.ts'
import { DeviceCaches } from './device-caches.ts'
import { KvCache } from './kv-cache.ts'
import type { Shapes } from './shapes.ts'

/** Two chunks behind each other and a step: rows are written, read again, and written behind what was read. */
const TRIAL_CHUNK = 2
const TRIAL_STEP = 4
/** How far a GPU may be off, of the largest value. Another order of sums gives 1e-6, products in half precision 5e-4, a wrong kernel above 1e-2. */
export const DEVICE_TOLERANCE = 2e-3
/** Long enough for the attention kernels that GPUs take for long prompts. */
const DEVICE_TRIAL_TOKENS = 72
/** Runs of fewer than 32 tokens go to simpler kernels. */
const SMALL_CHUNK = 16

/**
 * Opens the decoder in the fastest mode that is right on this machine.
 * @param memory of the device that the graph runs on; null on the CPU
 * @throws AppError SHAPE_MISMATCH, INFERENCE_FAILED, DEVICE_LOST
 */
export async function openDecoder(
  embedTokens: OnnxSession,
  decoder: OnnxSession,
  shapes: Shapes,
  memory: DeviceMemory | null = null,
): Promise<Decoder> {
  if (memory !== null) return openOnDevice(embedTokens, decoder, shapes, memory)
  const copied = new Decoder(embedTokens, decoder, shapes, 'copied')
  if (!decoder.endsEarly) return copied
  const inPlace = new Decoder(embedTokens, decoder, shapes, 'in-place')
  return (await agree(copied, inPlace, shapes)) ? inPlace : copied
}

/**
 * Tries what is fastest first. The attention kernel for runs of 32 tokens and more counts on subgroups of 16 lanes or so; on
 * SwiftShader, which has 4, it gives wrong values and no error. Hence runs of a few tokens are what the others are held to.
 */
async function openOnDevice(
  embedTokens: OnnxSession,
  decoder: OnnxSession,
  shapes: Shapes,
  memory: DeviceMemory,
): Promise<Decoder> {
  const proven = new Decoder(embedTokens, decoder, shapes, 'copied', SMALL_CHUNK)
  const caches = decoder.endsEarly ? new DeviceCaches(memory, shapes) : 'copied'
  for (const mostTokens of [PREFILL_CHUNK_TOKENS, SMALL_CHUNK]) {
    const tried = new Decoder(embedTokens, decoder, shapes, caches, mostTokens)
    const trial = { promptTokens: DEVICE_TRIAL_TOKENS, chunkTokens: PREFILL_CHUNK_TOKENS, tolerance: DEVICE_TOLERANCE }
    if (await agree(proven, tried, shapes, trial)) return tried
  }
  return proven
}

/** What two decoders are compared on. */
export interface Trial {
  readonly promptTokens: number
  readonly chunkTokens: number
  /** Share of the largest value that any may differ by. */
  readonly tolerance: number
}

const EXACT_TRIAL: Trial = { promptTokens: 3, chunkTokens: TRIAL_CHUNK, tolerance: 0 }

/** Whether a decoder gives, and keeps, what another does; one that fails does not. @param trial default to the last bit */
export async function agree(proven: Decoder, tried: Decoder, shapes: Shapes, trial = EXACT_TRIAL): Promise<boolean> {
  const expected = await tryOut(proven, shapes, trial)
  const seen = await tryOut(tried, shapes, trial).catch(() => null)
  return seen !== null && expected.every((values, index) => isNear(values, seen[index]!, trial.tolerance))
}

/** Logits of a prompt and of a step, then all rows of the cache. */
async function tryOut(decoder: Decoder, shapes: Shapes, trial: Trial): Promise<Float32Array[]> {
  const { V, Hkv, Dh } = shapes
  const cache = new KvCache(shapes, trial.promptTokens + 1)
  const prompt = Array.from({ length: trial.promptTokens }, (_, index) => ({ id: (index + 1) % V, visual: null }))
  const logits: (Float32Array | null)[] = []
  try {
    logits.push(await decoder.prefill(prompt, cache, undefined, trial.chunkTokens))
    logits.push(await decoder.decodeStep(TRIAL_STEP % V, cache))
  } finally {
    await decoder.settle(cache)
  }
  const rows = Object.values(cache.pastTensors()).map(({ data }) => data as Float32Array)
  return [...logits.map((values) => values!), ...rows.map((values) => values.subarray(0, Hkv * cache.length * Dh))]
}

/** Whether values differ by no more than a share of the largest. */
export function isNear(a: Float32Array, b: Float32Array, tolerance: number): boolean {
  const most = a.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) * tolerance
  return a.length === b.length && a.every((value, index) => Math.abs(value - b[index]!) <= most)
}
