// The one error of all that goes wrong on a GPU.
import { AppError } from '../../errors.ts'

/**
 * The error of whatever fails on a device: it was lost, it has no memory left, or its driver is faulty. The engine goes on
 * without it.
 * @param what that failed
 */
export function deviceLost(what: string, cause: unknown): AppError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').replace(/[. ]+$/, '')
  return new AppError(
    'DEVICE_LOST',
    `The GPU failed (${what}: ${reason}); the model needs one that keeps running and has memory left. Valley goes on without it: ask again. If it happens often, update the driver, lower gpuMemoryMiB, or set device to cpu.`,
    { details: { what }, cause, retryable: true },
  )
}
