// Decides what a model computes on, by trying: a GPU that is listed may still not open.
import { AppError } from '../../errors.ts'
import { probeHalfPrecision, probeProvider } from '../providers.ts'
import type { ChosenDevice, DeviceChoice } from './device.ts'
import { lacksDriver } from './vulkan-drivers.ts'

/** How GPUs are looked for; default on this machine. */
export interface DeviceSearch {
  /** True when there is none for sure. */
  readonly lacksDriver?: () => Promise<boolean>
  /** Tries one; why it does not open, or an empty string. */
  readonly probe?: (provider: string) => Promise<string>
  /** Tries whether one multiplies float16; why it does not, or an empty string. */
  readonly probeHalf?: (provider: string) => Promise<string>
}

/**
 * Chooses a device; takes about a second where there is a GPU driver, and no time where there is none.
 * @throws AppError DEVICE_UNAVAILABLE when a GPU is wanted and none opens
 */
export async function chooseDevice(choice: DeviceChoice, search: DeviceSearch = {}): Promise<ChosenDevice> {
  if (choice === 'cpu') return { name: 'cpu', reason: 'device is set to cpu', halfPrecision: false }
  const problem = await findGpuProblem(search)
  if (problem === '') return gpuThatOpens(search)
  if (choice === 'auto') return { name: 'cpu', reason: problem, halfPrecision: false }
  throw new AppError(
    'DEVICE_UNAVAILABLE',
    `device is set to ${choice}, and no GPU opens: ${problem}. Install the driver of the GPU, with Vulkan on Linux, or set device to auto.`,
    { details: { device: choice } },
  )
}

async function gpuThatOpens({ probeHalf = probeHalfPrecision }: DeviceSearch): Promise<ChosenDevice> {
  const halfPrecision = (await probeHalf('webgpu')) === ''
  return { name: 'webgpu', reason: `a GPU opens, ${halfPrecision ? 'with' : 'without'} half precision`, halfPrecision }
}

async function findGpuProblem({ lacksDriver: lacks = lacksDriver, probe = probeProvider }: DeviceSearch) {
  return (await lacks()) ? 'no Vulkan driver is installed' : probe('webgpu')
}
