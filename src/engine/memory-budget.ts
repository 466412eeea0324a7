// How much memory the engine's caches may take, beside the model itself: a share of the machine unless the operator says
// otherwise. Answers under way, what is kept of conversations and what is kept of clips all count.
import { totalmem } from 'node:os'

/** Of the machine, or of the container that the process runs in; the model, ffmpeg and others need the rest. */
const SHARE_OF_MACHINE = 1 / 4
/** Of the budget; a clip takes about a tenth of what its tokens take as keys and values. */
const SHARE_OF_CLIPS = 1 / 8

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

function defaultMemoryBytes(): number {
  const constrained = process.constrainedMemory() // 0, or more than there is, where nothing constrains
  const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.floor(available * SHARE_OF_MACHINE)
}
