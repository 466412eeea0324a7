import { expect, it } from 'vitest'
import { chooseDevice, type DeviceSearch } from '../../../../src/onnx/devices/choose-device.ts'

const gpu: DeviceSearch = {
  lacksDriver: async () => false,
  probe: async () => '',
  probeHalf: async () => 'it requires f16 but the device does not support it',
}
const noAdapter: DeviceSearch = { lacksDriver: async () => false, probe: async () => 'No supported adapters' }
const noDriver: DeviceSearch = {
  lacksDriver: async () => true,
  probe: () => Promise.reject(new Error('nothing is opened where no driver is')),
}

it('takes a GPU that opens', async () => {
  const reason = 'a GPU opens, without half precision'
  expect(await chooseDevice('auto', gpu)).toEqual({ name: 'webgpu', reason, halfPrecision: false })
  expect(await chooseDevice('webgpu', gpu)).toMatchObject({ name: 'webgpu' })
})

it('computes in half precision where the GPU multiplies float16, and says so', async () => {
  const reason = 'a GPU opens, with half precision'
  const halves = { ...gpu, probeHalf: async () => '' }
  expect(await chooseDevice('auto', halves)).toEqual({ name: 'webgpu', reason, halfPrecision: true })
})

it('takes the CPU and says why when no GPU opens', async () => {
  expect(await chooseDevice('auto', noAdapter)).toMatchObject({ name: 'cpu', reason: 'No supported adapters' })
  expect(await chooseDevice('auto', noDriver)).toMatchObject({ name: 'cpu', reason: 'no Vulkan driver is installed' })
})

it('looks for no GPU when the CPU is wanted', async () => {
  const search: DeviceSearch = { lacksDriver: () => Promise.reject(new Error('looked')) }
  expect(await chooseDevice('cpu', search)).toMatchObject({ name: 'cpu', reason: 'device is set to cpu' })
})

it('refuses to go on without a GPU that was asked for by name', async () => {
  const refused = chooseDevice('webgpu', noDriver)
  await expect(refused).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' })
  await expect(refused).rejects.toThrow(/^device is set to webgpu, [^\n]*no Vulkan driver[^\n]*set device to auto\.$/)
})
