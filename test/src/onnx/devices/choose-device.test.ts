import { expect, it } from 'vitest'
import { chooseDevice, type DeviceSearch } from '../../../../src/onnx/devices/choose-device.ts'

const gpu: DeviceSearch = { lacksDriver: async () => false, probe: async () => '' }
const noAdapter: DeviceSearch = { lacksDriver: async () => false, probe: async () => 'No supported adapters' }
const noDriver: DeviceSearch = {
  lacksDriver: async () => true,
  probe: () => Promise.reject(new Error('nothing is opened where no driver is')),
}

it('takes a GPU that opens', async () => {
  expect(await chooseDevice('auto', gpu)).toEqual({ name: 'webgpu', reason: 'a GPU opens' })
  expect(await chooseDevice('webgpu', gpu)).toMatchObject({ name: 'webgpu' })
})

it('takes the CPU and says why when no GPU opens', async () => {
  expect(await chooseDevice('auto', noAdapter)).toEqual({ name: 'cpu', reason: 'No supported adapters' })
  expect(await chooseDevice('auto', noDriver)).toEqual({ name: 'cpu', reason: 'no Vulkan driver is installed' })
})

it('looks for no GPU when the CPU is wanted', async () => {
  const search: DeviceSearch = { lacksDriver: () => Promise.reject(new Error('looked')) }
  expect(await chooseDevice('cpu', search)).toEqual({ name: 'cpu', reason: 'device is set to cpu' })
})

it('refuses to go on without a GPU that was asked for by name', async () => {
  const refused = chooseDevice('webgpu', noDriver)
  await expect(refused).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' })
  await expect(refused).rejects.toThrow(/^device is set to webgpu, [^\n]*no Vulkan driver[^\n]*set device to auto\.$/)
})
