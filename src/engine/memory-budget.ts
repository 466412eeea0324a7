// How much memory the engine's caches may take, beside the model itself: a share of the machine unless the operator says
// otherwise. Answers under way, what is kept of conversations and what is kept of clips all count.
import { totalmem } from 'node:os'
import type { DeviceName } from '../onnx/devices/device.ts'
import type { WorkerOptions } from './protocol.ts'

/** Of the machine, or of the container that the process runs in; the model, ffmpeg and others need the rest. */
const SHARE_OF_MACHINE = 1 / 4
/** Of the budget; a clip takes about a tenth of what its tokens take as keys and values. */
const SHARE_OF_CLIPS = 1 / 8
/**
 * Of a GPU, for keys and values. WebGPU does not tell how much there is; where it was not enough, the next run fails without
 * saying that it was memory, and all answers lose the GPU.
 */
export const DEFAULT_MAX_GPU_BYTES = 2 ** 31

/** The parts of a budget, bytes. */
export interface MemoryShares {
  readonly maxClipBytes: number
  readonly maxConversationBytes: number
}

/** Divides a budget. @param memoryBytes default: by what the machine has */
export function shareMemory(memoryBytes = defaultMemoryBytes()): MemoryShares {
  const maxClipBytes = Math.floor(memoryBytes * SHARE_OF_CLIPS)
  return { maxClipBytes, maxConversationBytes: memoryBytes - maxClipBytes }
}

/**
 * How much the rows of answers under way may take together; those that would need more wait. A GPU has memory of its own, and
 * the room of a cache there grows by doubling, to twice its rows at most.
 */
export function bytesForAnswers(
  device: DeviceName,
  { maxConversationBytes, maxGpuBytes }: Pick<WorkerOptions, 'maxConversationBytes' | 'maxGpuBytes'>,
): number {
  return device === 'cpu' ? maxConversationBytes : Math.min(maxConversationBytes, maxGpuBytes / 2)
}

function defaultMemoryBytes(): number {
  const constrained = process.constrainedMemory() // 0, or more than there is, where nothing constrains
  const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.floor(available * SHARE_OF_MACHINE)
}
