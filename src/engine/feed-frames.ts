// Feeds a clip's frames to the worker no faster than it looks at them.
import type { Frame } from '../video/frame.ts'
import type { EncodeClipRequest } from './engine-api.ts'
import type { WorkerConnection } from './worker-connection.ts'

/** One frame is looked at while the next is on its way; more would only fill memory. */
const MAX_FRAMES_IN_WORKER = 2

/**
 * Sends frame after frame and waits until all were looked at.
 * @param clip number under which the worker collects the frames
 * @returns the frames' times, in order
 * @throws what the frames, onFrame or the worker throw, the first of them; signal.reason
 */
export async function feedFrames(
  worker: WorkerConnection,
  clip: number,
  { kind, frames, onFrame, keepPixelValues = false, signal }: EncodeClipRequest,
): Promise<number[]> {
  const timesSeconds: number[] = []
  const inWorker = new Set<Promise<void>>()
  const failures: unknown[] = []
  let framesDone = 0
  for await (const frame of frames) {
    signal?.throwIfAborted()
    timesSeconds.push(frame.timeSeconds)
    const owned = withOwnBuffer(frame)
    const sent: Promise<void> = worker
      .perform({ type: 'add-frame', clip, kind, keepPixelValues, frame: owned }, { transfer: [owned.rgb.buffer] })
      .then(() => onFrame?.(++framesDone))
      .catch((error: unknown) => {
        failures.push(error)
      })
      .finally(() => inWorker.delete(sent))
    inWorker.add(sent)
    if (inWorker.size >= MAX_FRAMES_IN_WORKER) await Promise.race(inWorker)
    if (failures.length > 0) throw failures[0]
  }
  await Promise.all(inWorker)
  if (failures.length > 0) throw failures[0]
  signal?.throwIfAborted()
  return timesSeconds
}

/** The frame in a buffer that holds nothing else, since a transfer moves the whole buffer. */
function withOwnBuffer(frame: Frame): Frame & { readonly rgb: Uint8Array<ArrayBuffer> } {
  const { rgb } = frame
  const owned = rgb.buffer instanceof ArrayBuffer && rgb.byteLength === rgb.buffer.byteLength
  return { ...frame, rgb: owned ? (rgb as Uint8Array<ArrayBuffer>) : Uint8Array.from(rgb) }
}
