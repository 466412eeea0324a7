// Decides what a model computes on, by trying: a GPU that is listed may still not open.
import { AppError } from '../../errors.ts'
import { probeProvider } from '../providers.ts'
import type { ChosenDevice, DeviceChoice } from './device.ts'
import { lacksDriver } from './vulkan-drivers.ts'

/** How GPUs are looked for; default on this machine. */
export interface DeviceSearch {
  /** True when there is none for sure. */
  readonly lacksDriver?: () => Promise<boolean>
  /** Tries one; why it does not open, or an empty string. */
  readonly probe?: (provider: string) => Promise<string>
}

/**
 * Chooses a device; takes about half a second where there is a GPU driver, and no time where there is none.
 * @throws AppError DEVICE_UNAVAILABLE when a GPU is wanted and none opens
 */
export async function chooseDevice(choice: DeviceChoice, search: DeviceSearch = {}): Promise<ChosenDevice> {
  if (choice === 'cpu') return { name: 'cpu', reason: 'device is set to cpu' }
  const problem = await findGpuProblem(search)
  if (problem === '') return { name: 'webgpu', reason: 'a GPU opens' }
  if (choice === 'auto') return { name: 'cpu', reason: problem }
  throw new AppError(
    'DEVICE_UNAVAILABLE',
    `device is set to ${choice}, and no GPU opens: ${problem}. Install the driver of the GPU, with Vulkan on Linux, or set device to auto.`,
    { details: { device: choice } },
  )
}

async function findGpuProblem({ lacksDriver: lacks = lacksDriver, probe = probeProvider }: DeviceSearch) {
  return (await lacks()) ? 'no Vulkan driver is installed' : probe('webgpu')
}
